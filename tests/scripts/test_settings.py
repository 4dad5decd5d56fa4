"""The comment at the top of a script."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from hangerd.scripts.settings import ScriptSettings, read_settings

DEFAULTS = ScriptSettings()


class SettingsTests(SynchronousTestCase):
    """What counts, what is wrong, and where reading ends."""

    def test_reads_all_words(self) -> None:
        settings, problems = read_settings(
            b"#!/usr/bin/python3\n\n# hangerd: concurrency=1 timeout=2.5 output=text\n"
            b"#hangerd: stderr=log body=20M input_timeout=none compress=on\nprint(1)\n",
            DEFAULTS,
        )
        self.assertEqual(problems, ())
        told = ScriptSettings(1, 2.5, None, "text", "log", 20 * 1024**2, compress=True)
        self.assertEqual(settings, told)

    def test_ends_at_the_first_line_of_code(self) -> None:
        settings, _ = read_settings(b"import os\n# hangerd: timeout=1\n", DEFAULTS)
        self.assertEqual(settings, DEFAULTS)

    def test_a_byte_order_mark_hides_nothing(self) -> None:
        settings, _ = read_settings(b"\xef\xbb\xbf# hangerd: timeout=1", DEFAULTS)
        self.assertEqual(settings.timeout, 1.0)

    def test_wrong_words_are_named_and_change_nothing(self) -> None:
        settings, problems = read_settings(
            b"# hangerd: concurrency=0 timeout=nan output=xml body=ten speed=9\n"
            b"# hangerd: compress=yes",
            DEFAULTS,
        )
        self.assertEqual(settings, DEFAULTS)
        self.assertEqual(len(problems), 6)
        self.assertIn("concurrency=0: must be 1 or more", problems)
        self.assertIn("output=xml: must be one of auto, html, text", problems)
        self.assertEqual(problems[5], "compress=yes: must be on or off")
        self.assertTrue(problems[4].startswith("'speed' is no setting"))

    def test_sizes(self) -> None:
        for word, size in (("7", 7), ("2k", 2048), ("1MiB", 1024**2), ("3GB", 3 * 1024**3)):
            settings, problems = read_settings(f"# hangerd: body={word}".encode(), DEFAULTS)
            self.assertEqual((settings.body, problems), (size, ()))

    @given(st.binary())
    def test_never_fails(self, source: bytes) -> None:
        read_settings(b"# hangerd: " + source, DEFAULTS)
