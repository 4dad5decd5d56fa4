"""Who may control hosts, and who may call one: by token, or because the host is public."""

from __future__ import annotations

from twisted.web.http import Request

from hangerd.hosts.spec import Spec
from hangerd.hosts.tokens import EVERYTHING, CallTokens
from hangerd.web.auth import ControlToken, presented_token
from hangerd.web.errors import Forbidden, Unauthorized
from hangerd.web.plain import Headed


class HostAccess:
    """Cookies never count here."""

    def __init__(self, control: ControlToken, tokens: CallTokens) -> None:
        self._control = control
        self._tokens = tokens

    def require_control(self, request: Headed) -> None:
        """Let only the holder of the control token pass. Raises Unauthorized."""
        self._control.require(request)

    def require_lasting(self, request: Request) -> None:
        """As `require_control`, until the token is changed. Raises Unauthorized."""
        self._control.require_lasting(request)

    def require_call(self, request: Headed, name: str, spec: Spec | None) -> None:
        """Let pass who may use the functions of a host; of an unknown one (None), who controls.

        Raises:
            Unauthorized: there is no token that is good for it.
            Forbidden: the host is public, but not for this page or this type of content.
        """
        given = presented_token(request)
        if given is not None:
            if self._tokens.good_for(given.decode("latin-1")) in (EVERYTHING, name):
                return
        elif spec is not None and spec.public:
            _require_public(request, spec)
            return
        raise Unauthorized(
            f"This needs the control token, or the call token of {name[:64]}.",
            "Send it as Authorization: Bearer.",
        )

    def call_token(self, name: str) -> str:
        """The call token of a host, for its operator."""
        return self._tokens.of(name)


def _require_public(request: Headed, spec: Spec) -> None:
    """Refuse what a page elsewhere could send without being asked: a form, another origin."""
    origin = request.getHeader(b"Origin")
    if origin is not None and origin.decode("latin-1") not in spec.origins:
        raise Forbidden(
            "Pages of this origin may not call the host.", "List it in the host's origins."
        )
    content_type = (request.getHeader(b"Content-Type") or b"").partition(b";")[0].strip().lower()
    if request.method == b"POST" and content_type != b"application/json":
        raise Forbidden("A public host takes JSON only.", "Send Content-Type: application/json.")
