"""A short answer in words: a plain page for browsers, the bare text for everyone else."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from typing import Final

from twisted.web.server import Request

from hangerd.web.headers import accepts_html, header

# In the page, since it stands wherever the address of another file would be unknown.
_STYLE: Final = """
:root{color-scheme:light dark}
body{margin:0 auto;padding:2rem 1rem;max-width:42rem;font:1rem/1.5 system-ui,sans-serif}
h1{font-size:1.4rem}
p,li{overflow-wrap:anywhere}
pre{overflow-x:auto}
table{border-collapse:collapse;width:100%}
th,td{padding:.3rem .5rem;text-align:left;vertical-align:top;border-bottom:1px solid #8884}
td:first-child{overflow-wrap:anywhere}
.size,time span{white-space:nowrap}
.size{text-align:right;font-variant-numeric:tabular-nums}
"""
_POLICY: Final = b"default-src 'none'; style-src 'sha256-%b'" % b64encode(
    sha256(_STYLE.encode()).digest()
)
_PAGE: Final = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
<h1>{title}</h1>
{markup}
</html>
"""


def notice(request: Request, status: int, title: str, markup: str, text: str) -> None:
    """Answer with a status, and finish the request.

    `title` and `markup` are HTML already, `text` is what others than browsers get. The page may
    load nothing.
    """
    if accepts_html(header(request, "accept")):
        body = _PAGE.format(title=title, style=_STYLE, markup=markup)
        content_type = b"text/html; charset=utf-8"
        request.setHeader(b"content-security-policy", _POLICY)
    else:
        body, content_type = text, b"text/plain; charset=utf-8"
    data = body.encode()
    request.setResponseCode(status)
    request.setHeader(b"content-type", content_type)
    request.setHeader(b"content-length", b"%d" % len(data))
    request.setHeader(b"x-content-type-options", b"nosniff")
    request.setHeader(b"cache-control", b"no-cache")
    request.setHeader(b"vary", b"Accept")
    request.write(data)
    request.finish()
