from __future__ import annotations

from urllib.parse import quote

from hypothesis import example, given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from hangerd.scripts.names import RefusalError, RequestPath

BAD, TRAVERSAL = (400, "Bad Request"), (403, "Path traversal is not allowed")
DOTS, UNSAFE = (403, "Access to dotfiles is prohibited"), (403, "Unsafe URL detected")

ACCEPTED: list[tuple[bytes, tuple[str, ...]]] = [
    (b"/", ()),
    (b"//", ()),
    (b"/a", ("a",)),
    (b"/a/", ("a",)),
    (b"//a///b//", ("a", "b")),
    (b"/a?b=/../c", ("a",)),
    (b"/a?", ("a",)),
    (b"/A-Z_a.z09", ("A-Z_a.z09",)),
    (b"/sp%20ace.txt", ("sp ace.txt",)),
    (b"/a%C3%B1o.txt", ("año.txt",)),
    (b"/a%c3%b1o.txt", ("año.txt",)),
    (b"/%E6%97%A5%E6%9C%AC.html", ("日本.html",)),
    (b"/%F0%9F%90%8D.txt", ("🐍.txt",)),
    (b"/n%CC%83.txt", ("n\u0303.txt",)),  # a letter and its mark, as macOS writes it
    (b"/%D9%85%DB%8C%E2%80%8C%D8%AE.txt", ("می\u200cخ.txt",)),
    (b"/%EF%AC%81n.txt", ("ﬁn.txt",)),  # folds to something harmless
    (b"/logo@2x.png", ("logo@2x.png",)),
    (b"/logo%402x.png", ("logo@2x.png",)),
    (b"/a~!$&'()+,=b.txt", ("a~!$&'()+,=b.txt",)),
    (b"/a%23%5B1%5D%5E%60%7B%7D.txt", ("a#[1]^`{}.txt",)),
    (b"/.well-known/acme-challenge/x", (".well-known", "acme-challenge", "x")),
    (b"/.well-known", (".well-known",)),
    (b"http://host/a", ("a",)),
    (b"HTTPS://host:80/a?b", ("a",)),
    (b"http://host", ()),
    (b"http://host?a", ()),
    (b"http://[::1]:80/a", ("a",)),
]

REFUSED: list[tuple[bytes, tuple[int, str]]] = [
    # no path
    (b"", BAD),
    (b"a.txt", BAD),
    (b".secret.txt", BAD),
    (b"*", BAD),
    (b"host:80", BAD),
    (b"ftp://host/a", BAD),
    (b"http:///a", BAD),
    (b"http:/a", BAD),
    (b"http://u@host/a", BAD),
    (b"?a", BAD),
    # above the root
    (b"/..", TRAVERSAL),
    (b"/../a", TRAVERSAL),
    (b"../.ssh/id_rsa", TRAVERSAL),
    (b"/a/../../b", TRAVERSAL),
    (b"/./../a", TRAVERSAL),
    (b"//../a", TRAVERSAL),
    (b"/x.py/../../../a", TRAVERSAL),
    (b"http://host/../a", TRAVERSAL),
    # dots
    (b"/.env", DOTS),
    (b"/./a", DOTS),
    (b"/a/.", DOTS),
    (b"/a/..", DOTS),
    (b"/a/../b", DOTS),
    (b"/a/.git/config", DOTS),
    (b"/a/.well-known/b", DOTS),
    (b"/.well-known/.env", DOTS),
    (b"/.well-known/../a", DOTS),
    (b"/.well-knowns/a", DOTS),
    (b"/.%2e/a", DOTS),
    (b"/...", DOTS),
    (b"/x.py/.bashrc", DOTS),
    # escapes that need not be
    (b"/%2e%2e/a", UNSAFE),
    (b"/%2E", UNSAFE),
    (b"/a%2Etxt", UNSAFE),
    (b"/%2Fetc%2fpasswd", UNSAFE),
    (b"/%5fpriv", UNSAFE),
    (b"/%61.txt", UNSAFE),
    (b"/%39", UNSAFE),
    (b"/a%2Db", UNSAFE),
    # escapes of what no name may hold
    (b"/a%00.png", UNSAFE),
    (b"/a%0a", UNSAFE),
    (b"/a%0d%0aX-A:b", UNSAFE),
    (b"/a%7F", UNSAFE),
    (b"/a%5Cb", UNSAFE),
    (b"/a%3Ab", UNSAFE),
    (b"/a%3Bb", UNSAFE),
    (b"/a%2Ab", UNSAFE),
    (b"/a%3Fb", UNSAFE),
    (b"/%3Cb%3E", UNSAFE),
    (b"/a%22b", UNSAFE),
    (b"/a%7Cb", UNSAFE),
    (b"/a%252e", UNSAFE),  # decoded once: a percent sign is left
    (b"/a%C2%A0b", UNSAFE),  # a space that looks like one
    (b"/a%E2%80%AEb", UNSAFE),  # text turned round
    (b"/a%EF%BB%BF", UNSAFE),
    (b"/%EF%BC%8E%EF%BC%8E/a", UNSAFE),  # fullwidth dots
    (b"/a%EF%BC%8Fb", UNSAFE),  # fullwidth slash
    (b"/%EF%BC%BFpriv", UNSAFE),  # fullwidth underscore
    (b"/a%E2%80%A5", UNSAFE),  # two dots in one character
    # escapes that are none, or not of UTF-8
    (b"/a%", UNSAFE),
    (b"/a%2", UNSAFE),
    (b"/a%zz", UNSAFE),
    (b"/a%FF", UNSAFE),
    (b"/%C0%AE%C0%AE/a", UNSAFE),  # overlong dots
    (b"/%E0%80%AF", UNSAFE),  # overlong slash
    (b"/%ED%A0%80", UNSAFE),  # a surrogate
    (b"/%u002e", UNSAFE),
    # bytes that may not stand there
    (b"/a\x00.png", UNSAFE),
    (b"/a b", UNSAFE),
    (b"/a\\b", UNSAFE),
    (b"/..;/a", DOTS),
    (b"/a;b", UNSAFE),
    (b"/a:b", UNSAFE),
    (b"/a*", UNSAFE),
    (b"/a#b", UNSAFE),
    (b"/a|b", UNSAFE),
    (b"/<b>", UNSAFE),
    (b'/a"b', UNSAFE),
    (b"/a\xc3\xb1", UNSAFE),
    (b"/a\n", UNSAFE),
    (b"/a..b", UNSAFE),
    (b"/a..", UNSAFE),
    (b"/a%20..", UNSAFE),
    (b"/%2e./a", UNSAFE),
]


class RequestPathTests(SynchronousTestCase):
    def test_accepted(self) -> None:
        for target, names in ACCEPTED:
            self.assertEqual((target, RequestPath.parse(target).names), (target, names))

    def test_refused(self) -> None:
        for target, expected in REFUSED:
            refusal = self.assertRaises(RefusalError, RequestPath.parse, target)
            self.assertEqual((target, (refusal.status, refusal.text)), (target, expected))

    def test_parts(self) -> None:
        path = RequestPath.parse(b"//a//b%20c/?q=1?2")
        self.assertEqual(path.raw, b"//a//b%20c/")
        self.assertEqual([path.raw[:end] for end in path.ends], [b"//a", b"//a//b%20c"])
        self.assertEqual((path.slash, path.query), (True, b"?q=1?2"))
        self.assertFalse(RequestPath.parse(b"/a").slash)

    @given(st.binary(max_size=40).map(b"/".__add__))
    @example(b"/%2e%2e%2f")
    def test_names_hold_nothing_dangerous(self, target: bytes) -> None:
        try:
            path = RequestPath.parse(target)
        except RefusalError:
            return
        for name in path.names:
            self.assertFalse({"/", "\\", "\0", "%"} & set(name))
            self.assertNotIn("..", name)
            self.assertTrue(name == ".well-known" or not name.startswith("."))
        self.assertEqual(len(path.names), len(path.ends))

    @given(st.text(max_size=20))
    def test_what_a_browser_would_send_for_a_name(self, name: str) -> None:
        try:
            target = b"/" + quote(name, safe="~").encode()
            self.assertEqual("".join(RequestPath.parse(target).names), name)
        except (RefusalError, UnicodeEncodeError):
            return
