"""A short answer in words: a plain page for browsers, the bare text for everyone else."""

from __future__ import annotations

from twisted.web.server import Request

from hangerd.web.headers import accepts_html, header

_PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
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
        body, content_type = _PAGE.format(title=title, markup=markup), b"text/html; charset=utf-8"
        request.setHeader(b"content-security-policy", b"default-src 'none'")
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
