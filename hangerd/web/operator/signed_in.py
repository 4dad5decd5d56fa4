"""Who is signed in at the admin door: a cookie that stands for the control token, there alone.

Scripts of pages cannot read it, no other site's page sends it, it counts with requests of our own
page only, and what it let in ends with it.
"""

from __future__ import annotations

from twisted.web.http import Request

from hangerd.control import ControlSecret
from hangerd.dashboard.passes import Passes
from hangerd.web.cutting import cut
from hangerd.web.operator.own_page import OwnPage, port_of

SESSION_SECONDS = 12 * 3600.0
MOST_SESSIONS = 100


_PREFIXES = (b"hangerd-", b"__Host-hangerd-")


def without_session(cookies: bytes) -> bytes:
    """A Cookie header without our cookie, which nobody needs to see where it does not count."""
    pairs = (pair.strip() for pair in cookies.split(b";"))
    return b"; ".join(pair for pair in pairs if not pair.startswith(_PREFIXES))


class SignedIn:
    """The browsers that are signed in, with the requests of theirs that are under way."""

    def __init__(self, passes: Passes, page: OwnPage, secret: ControlSecret) -> None:
        self._passes = passes
        self._secret = secret
        secret.when_changed(self._end_all)
        self._page = page
        self._under_way: dict[str, set[Request]] = {}

    def stand_in(self, request: Request) -> None:
        """Give a request the control token in place of its cookie, if that counts.

        What the request says in an Authorization header of its own is left as it is.
        """
        token = self._token(request)
        if token is None or request.getHeader(b"Authorization") is not None:
            return
        if self._passes.good(token) and self._page.is_ours(request):
            request.requestHeaders.setRawHeaders(
                b"Authorization", [b"Bearer " + self._secret.value]
            )
            self._keep(token, request)

    def begin(self, request: Request) -> None:
        """Sign a browser in, with the answer to this request."""
        self.end(request)
        self._set_cookie(request, self._passes.issue(), int(SESSION_SECONDS))

    def end(self, request: Request) -> None:
        """Sign a browser out, with the answer to this request, and end its others."""
        token = self._token(request)
        if token is not None:
            self._passes.drop(token)
            self._cut(token, but=request)
            self._set_cookie(request, "", 0)

    def sweep(self) -> None:
        """End the requests of those whose time is over. To be called now and then."""
        for token in [token for token in self._under_way if not self._passes.good(token)]:
            self._cut(token)

    def _end_all(self) -> None:
        """Sign everybody out: the token that they signed in with counts for nothing now."""
        self._passes.drop_all()
        self.sweep()

    def _token(self, request: Request) -> str | None:
        given = request.getCookie(self._cookie(request))
        return None if given is None else given.decode("latin-1")

    def _cookie(self, request: Request) -> bytes:
        """The cookie's name, by our port: two daemons of one machine would share it otherwise."""
        port = port_of(request.getHeader(b"Host") or b"")
        name = b"hangerd-" + (port if port.isdigit() else b"session")
        return b"__Host-" + name if self._page.is_secure(request) else name

    def _set_cookie(self, request: Request, token: str, seconds: int) -> None:
        secure = b"; Secure" if self._page.is_secure(request) else b""
        value = b"%b=%b; Path=/; Max-Age=%d; HttpOnly; SameSite=Strict%b"
        told = value % (self._cookie(request), token.encode(), seconds, secure)
        request.responseHeaders.setRawHeaders(b"Set-Cookie", [told])

    def _keep(self, token: str, request: Request) -> None:
        requests = self._under_way.setdefault(token, set())
        requests.add(request)

        def over(_: object) -> None:
            requests.discard(request)
            if not requests and self._under_way.get(token) is requests:
                del self._under_way[token]

        request.notifyFinish().addBoth(over)

    def _cut(self, token: str, but: Request | None = None) -> None:
        for request in self._under_way.get(token, set()) - {but}:
            cut(request)
