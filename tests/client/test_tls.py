"""Tests of `hangerd.client.tls`: what a failed handshake means."""

from __future__ import annotations

import ssl

from twisted.trial.unittest import SynchronousTestCase

from hangerd.client.errors import Unreachable
from hangerd.client.pipes import Address
from hangerd.client.tls import Distrusted, handshake_failed, trusting

AT = Address(host="h", port=443, tls=True)


class HandshakeTests(SynchronousTestCase):
    def check(self, error: OSError, says: str, remedy: str) -> None:
        found = handshake_failed(AT, error)
        assert found is not None
        self.assertIn(says, found.message)
        self.assertIn("h:443", found.message)
        self.assertIn(remedy, found.remedy)

    def test_each_reason_has_its_remedy(self) -> None:
        expired = ssl.SSLCertVerificationError(1, "verify failed")
        expired.verify_code, expired.verify_message = 10, "certificate has expired"
        self.check(expired, "not trusted: certificate has expired", "Renew it")
        self.check(Distrusted("nobody knows it"), "not trusted: nobody knows it", "$HANGERD_CA")
        self.check(Distrusted("other", other_name=True), "is not for h", "Write a name")
        plain = ssl.SSLError(1, "wrong version")
        plain.reason = "WRONG_VERSION_NUMBER"
        self.check(plain, "speaks no TLS", "http://")

    def test_other_failures_are_none_of_tls(self) -> None:
        for error in (ConnectionRefusedError(111, "refused"), TimeoutError(), OSError("?")):
            self.assertIsNone(handshake_failed(AT, error))

    def test_a_context_is_made_once(self) -> None:
        self.assertIs(trusting(""), trusting(""))
        self.assertIn("/none/such", str(self.assertRaises(Unreachable, trusting, "/none/such")))
