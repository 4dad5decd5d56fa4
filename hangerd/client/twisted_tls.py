"""TLS with Twisted: whom a client trusts, and its errors in the words of the others."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from OpenSSL.SSL import Error
from service_identity import VerificationError
from twisted.internet.ssl import Certificate, optionsForClientTLS, trustRootFromCertificates

from hangerd.client.pipes import Address
from hangerd.client.tls import Distrusted, no_authority

_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


def options_for(address: Address) -> Any:
    """Return what makes connections to a daemon. Raises Unreachable for a `ca` that is no good."""
    if not address.ca:
        return optionsForClientTLS(address.host)
    try:
        found = _CERTIFICATE.findall(Path(address.ca).read_text(encoding="ascii"))
        if not found:
            raise ValueError("there is none in it")
        roots = trustRootFromCertificates([Certificate.loadPEM(one) for one in found])
    except (OSError, ValueError, Error) as error:
        raise no_authority(address.ca, error) from None
    return optionsForClientTLS(address.host, trustRoot=roots)


def explained(error: Exception) -> OSError:
    """Return the reason why TLS was not agreed on."""
    if isinstance(error, VerificationError):
        return Distrusted("it has other names", other_name=True)
    reasons = [str(each[-1]) for each in error.args[0]] if _told(error) else []
    if "certificate verify failed" in reasons:
        return Distrusted("no authority that is trusted has made it, or its time is over")
    told = OSError(", ".join(reasons) or str(error))
    if {"wrong version number", "record layer failure"} & {*reasons}:
        told.reason = "WRONG_VERSION_NUMBER"  # type: ignore[attr-defined]
    return told


def _told(error: Exception) -> bool:
    return isinstance(error, Error) and bool(error.args) and isinstance(error.args[0], list)
