"""A folder with secrets in and around it, and the targets by which people try to reach them.

Every target has the one status it must be answered with; `RUN` stands for the status of the script
`/hello.py`. `CANARY` is in every file that is not public, the script's source among them, so that
an answer which holds it has told a secret.
"""

from __future__ import annotations

import os
import socket
import string
from collections.abc import Iterator
from pathlib import Path

CANARY = b"canary-7c9e6679"
PUBLIC = b"public text"
RUN = 0

_SCRIPT = b'# %b\nprint("%b", end="")\n' % (CANARY, PUBLIC)

_PRIVATE_FILES = (
    *(".env", ".htpasswd", ".secret.txt", ".git/config", "docs/.htaccess", ".well-known/.env"),
    *("_priv/x.txt", "_priv/index.html", "docs/_draft.html", "docs/_a/b.txt", "__globals__.py"),
    *("__pycache__/hello.cpython-311.pyc", "bar/__init__.py", "_.txt"),
    *(
        "x.php",
        "X.PHP",
        "x.php5",
        "x.phtml",
        "deploy.sh",
        "old.cgi",
        "form.pl",
        "dump.sql",
        "app.db",
    ),
    *("settings.ini", "settings.toml", "config.yml", "server.pem", "id.key", "app.jar", "lib.so"),
    *(
        "hello.py.bak",
        "hello.py.gz",
        "hello.py.br",
        "hello.pyc",
        "hello.pyw",
        "x.php.gz",
        "a.txt.orig",
    ),
    *("SHOUT.PY", "a.txt.", "hello.py.", "noindex/page.inc", "x.html.php", "x.py5"),
)
_OUTSIDE = (
    "secret.txt",
    "www-evil/secret.txt",
    "www-evil/index.html",
    "wwwx.txt",
    "other/index.html",
)
_PUBLIC_FILES = (
    *(
        "a.txt",
        "docs/index.html",
        "v1.2/a.txt",
        "LICENSE",
        ".well-known/security.txt",
        "sp ace.txt",
    ),
    "pack.py/a.txt",
    *(f"{'d' * 125}/{'f' * 124}.txt", f"{'d' * 125}/{'f' * 125}.txt"),
)
_LINKS = (
    *(
        ("out.txt", "../secret.txt"),
        ("outdir", "../www-evil"),
        ("etc", "/etc"),
        ("proc", "/proc/self"),
    ),
    *(("chain.txt", "chain2.txt"), ("chain2.txt", "../secret.txt"), ("zero.txt", "/dev/zero")),
    *(
        ("docs/up", ".."),
        ("docs/upup", "../.."),
        ("loop", "loop"),
        ("ping", "pong"),
        ("pong", "ping"),
    ),
    *(
        ("outindex/index.html", "../../secret.txt"),
        ("out.py", "../secret.txt"),
        ("gone.txt", "../none"),
    ),
    ("inside.txt", "a.txt"),
)


def make_site(top: Path) -> Path:
    """Fill an empty folder, and give the document root in it."""
    root = top / "www"
    for name in _PRIVATE_FILES + tuple(f"../{name}" for name in _OUTSIDE):
        _write(root / name, CANARY)
    _write(root / "hello.py", _SCRIPT)
    for name in _PUBLIC_FILES:
        _write(root / name, PUBLIC)
    for name, target in _LINKS:
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).symlink_to(target)
    (root / "empty").mkdir()
    os.mkfifo(root / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as unbound:
        here = Path.cwd()
        os.chdir(root)  # a socket's whole path may be too long for its address
        try:
            unbound.bind("socket.txt")
        finally:
            os.chdir(here)
    return root


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


# Each line: the status, and targets that must be answered with it.
_WRITTEN = r"""
# the public ones, so that the rest is no proof by silence
200 /a.txt //a.txt ///a.txt /a.txt?../../secret.txt /docs/ /docs /LICENSE /v1.2/a.txt /sp%20ace.txt
200 /.well-known/security.txt /inside.txt /pack.py/a.txt /docs/up/a.txt /docs/upup/www/a.txt
200 /docs/up/docs/up/docs/up/a.txt http://host/a.txt HTTP://HOST:80/a.txt https://host//a.txt
# no path at all
400 .secret.txt .env a.txt secret.txt x host:443 file:///etc/passwd ftp://host/a.txt http:a.txt
400 http:///a.txt http:// http://u:p@host/a.txt ?a.txt \a.txt %2fa.txt ~root/a.txt C:\boot.ini
# up, plainly
403 /.. /../ /. /./ /docs/.. /docs/. /docs/../a.txt /./a.txt /docs/./index.html /docs//..//a.txt
403 /../www/a.txt /... /.../.../secret.txt /....//secret.txt /....//....//....//etc/passwd
403 /../../../../../../../../../../etc/shadow%00.txt
# dots
403 /.env /.htpasswd /.secret.txt /.git/config /.git/ /.git /docs/.htaccess //.env /.env/
403 /.env?a.txt /.well-known/.env /.well-known/../.env /docs/.well-known/x /.WELL-KNOWN/security.txt
403 /.well-known%2f.env /%2eenv /%2Eenv /.%65nv /.env%00.txt /hello.py/.env http://host/.env
403 /docs/up/.env /.DS_Store
# underscores
404 /_priv/x.txt /_priv/ /_priv /_priv/none /__globals__.py /__globals__.py/x /bar/__init__.py
404 /_.txt /__pycache__/hello.cpython-311.pyc /docs/_draft.html /docs/_a/b.txt //_priv//x.txt
404 /docs/up/_priv/x.txt http://host/_priv/x.txt
403 /%5fpriv/x.txt /%5Fpriv/x.txt /%ef%bc%bfpriv/x.txt /_priv%2fx.txt
# sources, by way of what follows their name
404 /x.php/ /x.php/a.txt /x.php%20 /x.php%23.txt /none.php
403 /x.php%00.txt /x.php;a.txt /x.php::$DATA /x.php?a.txt /x.php#.txt
404 /a.txt/ /a.txt/b /a.txt/x.php /LICENSE/ /a.txt%20 /a.txt~ /A.TXT
403 /a.txt%2e /a.txt%00
# scripts: never as text
0 /hello.py /hello.py/ /hello.py/a/b /hello.py?source //hello.py /docs/up/hello.py /hello.py/_x
0 http://host/hello.py /hello.py//// /hello.py/hello.py /hello.py/%C3%B1%20
404 /hello.py%20 /hello.Py /HELLO.py /hello.py~
403 /hello.py%00 /hello.py%00.txt /hello.py::$DATA /hello%2epy /hello.p%79 /.hello.py.swp
403 /hello.py/. /hello.py;a.txt /hello.py%3ba.txt
# links
403 /out.txt /chain.txt /chain2.txt /gone.txt /zero.txt /outdir /outdir/ /outdir/secret.txt /out.py
403 /outdir/none.txt /etc/passwd /etc/none /proc/environ /proc/cwd/secret.txt /docs/upup/secret.txt
403 /docs/upup /docs/upup/www-evil/ /outindex/ /outindex /outdir/x.py/y
404 /loop /loop/a.txt /ping
# neither file nor folder, or a folder without an index
404 /pipe.txt /socket.txt /empty /empty/ / // /noindex/ /none /none/ /bar/ /pack.py
# another site's address, a header, or a piece of HTML in the path
404 //evil.example/a.txt /none?<script>alert(1)</script> /$(id)
403 //evil.example/.. /\evil.example /docs%0d%0aSet-Cookie:a=b /docs%0aX /%0d%0a%0d%0a<p>
403 /http://h/a.txt /a.txt#x /<script>alert(1)</script> /%3Cscript%3E /'"><svg> /{{7*7}} /`id` /|id
"""

_UP = ("../secret.txt", "../www-evil/secret.txt", "../../../../../../etc/passwd")
_BEFORE_UP = ("/", "", "http://host/", "//", "/./", "/docs/../", "/hello.py/")

# Up, by way of a semicolon, a backslash, an escape, an escape of an escape, or a wrong escape.
_DISGUISED = r"""
..;/ ;/../ ..;x=y/ .;/ docs;/../../ ..\ \..\ .\./ ..~/ ..!/ ..%20/ %20../ ..%3f/
%2e%2e/ %2E%2E/ .%2e/ %2e./ ..%2f ..%2F %2e%2e%2f %2f../ ..%5c %2e%2e%5c
%5c..%5c ..%00/ %00../ ..%0d/ ..%09/
..%255c ..%252f %252e%252e%252f %252e%252e/ %25252e%25252e/ %%32%65%%32%65/ %%32%65./ ..%%35c
..%c0%af %c0%ae%c0%ae/ %c0%ae%c0%ae%c0%af ..%c1%9c ..%c0%9v ..%e0%80%af %e0%80%ae%e0%80%ae/
..%f0%80%80%af %f8%80%80%80%ae./ ..%ef%bc%8f %ef%bc%8e%ef%bc%8e/ %e2%80%a5/ ..%e2%88%95
%e2%80%a4%e2%80%a4/ %u002e%u002e/ %u2215 ..%u2216 %uff0e%uff0e/
"""

_SIZES: list[tuple[str, int]] = [
    (f"/{'d' * 125}/{'f' * 124}.txt", 200),  # 255
    (f"/{'d' * 125}/{'f' * 125}.txt", 403),
    ("/q" * 128, 403),
    ("/" + "a" * 254, 404),
    ("/" + "a" * 255, 403),
    ("/" + "a" * 8192, 403),
    ("/hello.py/" + "a" * 4095, RUN),
    ("/hello.py/" + "a" * 4096, 403),
    ("/hello.py/" + "a" * 8192, 403),
    ("/hello.py" + "/a" * 4096, 403),
    ("/a/" * 2000, 403),
    ("/" * 8192 + "a.txt", 200),
    ("/x.py" * 60, 404),
    ("/" + "../" * 2000, 403),
    ("/" + "%2e" * 2000, 403),
    ("/" + "%25" * 2000, 403),
    ("/a.txt?" + "a" * 8000, 200),
]

# What an HTTP parser must refuse before anybody asks for a path: no printable ASCII, no such line.
_UNPARSABLE = (
    *(b"/a\x00.txt", b"/a\x01.txt", b"/a b.txt", b"/a\t.txt", b"/a\xff.txt", b"/\xc3\xb1.txt"),
    *(b"/a.txt HTTP/1.1 x", b""),
)


def _written() -> Iterator[tuple[str, int]]:
    for line in _WRITTEN.splitlines():
        if line and not line.startswith("#"):
            status, *targets = line.split()
            yield from ((target, int(status)) for target in targets)


def _made() -> Iterator[tuple[str, int]]:
    yield from ((before + up, 403) for before in _BEFORE_UP for up in _UP)
    yield from ((f"/{dots}secret.txt", 403) for dots in _DISGUISED.split())
    for name in _PRIVATE_FILES:
        if not any(part.startswith((".", "_")) for part in name.split("/")):
            yield f"/{name}", 403
    # each sign that may not stand in a path
    yield from ((f"/a{sign}.txt", 403) for sign in '"#%*:;<>[\\]^`{|}')
    # each byte that an escape may not hide: controls, bytes of no character, what needs no escape
    for code in (*range(32), 127, 128, 160, 192, 224, 248, 254, 255):
        yield f"/a%{code:02X}.txt", 403
    for sign in string.ascii_letters + string.digits + "-._/":
        yield f"/%{ord(sign):02x}.txt", 403


TARGETS: list[tuple[bytes, int]] = [
    *((target.encode(), status) for target, status in (*_written(), *_made(), *_SIZES)),
    *((target, 400) for target in _UNPARSABLE),
]
