"""TLS to a daemon elsewhere: whom a client trusts, and what a failed handshake means.

Imported by who needs it only: the module `ssl` is slow to load.
"""

from __future__ import annotations

import ssl
from functools import lru_cache
from typing import Final

from hangerd.client.errors import Unreachable
from hangerd.client.pipes import Address

_OTHER_NAMES: Final = frozenset({62, 64})  # X509_V_ERR_HOSTNAME_MISMATCH, ..._IP_ADDRESS_MISMATCH
_RENEW: Final = frozenset({9, 10})  # X509_V_ERR_CERT_NOT_YET_VALID, ..._HAS_EXPIRED


class Distrusted(OSError):
    """A certificate that is not good, as an `ssl.SSLCertVerificationError` says it."""

    def __init__(self, verify_message: str, *, other_name: bool = False) -> None:
        super().__init__(verify_message)
        self.verify_message = verify_message
        self.verify_code = min(_OTHER_NAMES) if other_name else 0


@lru_cache(8)
def trusting(ca: str) -> ssl.SSLContext:
    """Return what trusts the authorities in the file `ca` alone, or (if empty) the system's.

    Raises Unreachable when the file is no good.
    """
    try:
        return ssl.create_default_context(cafile=ca or None)
    except OSError as error:
        raise no_authority(ca, error) from None


def no_authority(ca: str, error: Exception) -> Unreachable:
    """Return the error of a file that holds no certificate."""
    return Unreachable(
        f"cannot read the certificate authority in {ca}: {error}",
        "Name a PEM file with its certificate by `ca` or $HANGERD_CA.",
    )


def handshake_failed(address: Address, error: OSError) -> Unreachable | None:
    """Return what a failure to connect with TLS means; None when TLS was not the reason."""
    said = getattr(error, "verify_message", None)
    if said is None:
        if getattr(error, "reason", "") not in {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"}:
            return None
        return Unreachable(
            f"{address} speaks no TLS", "Write http:// for it, or name another port."
        )
    code = getattr(error, "verify_code", 0)
    if code in _OTHER_NAMES:
        return Unreachable(
            f"the certificate at {address} is not for {address.host}: {said}",
            "Write a name that the certificate has, or have one made for this name.",
        )
    remedy = "If an authority of your own has made it, name its certificate by `ca` or $HANGERD_CA."
    return Unreachable(
        f"the certificate at {address} is not trusted: {said}",
        "Renew it, or set the clock of this machine." if code in _RENEW else remedy,
    )
