"""Stands in for bgpy where that is not installed, so that its users' task files run unchanged.

What a task file imports of bgpy 0.3 is here: respond, ClientSocket, Message, MessageType and
token_create.
"""

from __future__ import annotations

import enum
import importlib.util
import sys
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Protocol


class MessageType(enum.Enum):
    """What a message of bgpy is about."""

    INIT = 0
    EXEC = 1
    EXIT = 2
    AUTH = 3
    OK = 4
    ERROR = 5


class Message:
    """What bgpy sends: a type and a dict."""

    def __init__(self, type_: MessageType, args: dict[str, Any] | None = None) -> None:
        self.type = type_
        self.args = {} if args is None else args

    def get_args(self) -> dict[str, Any]:
        """Return the dict."""
        return self.args

    def set_args(self, args: dict[str, Any]) -> None:
        """Replace the dict."""
        self.args = args


class Caller(Protocol):
    """The call that a task answers."""

    @property
    def cancelled(self) -> bool:
        """Say whether the caller no longer waits."""

    def settle(self, value: Any) -> None:
        """End the call with a value."""


class ClientSocket:
    """What a task gets as `client_socket`: its one response ends the caller's call."""

    def __init__(self, caller: Caller | None = None) -> None:
        self._caller = caller
        self._responded = False

    @property
    def cancelled(self) -> bool:
        """Say whether the caller no longer waits: a long task may look and return early."""
        return self._caller is not None and self._caller.cancelled

    def send(self, msg: Any, await_response: bool = False) -> Message:
        """Answer the caller with a message's dict; a second answer is only logged."""
        if self._responded:
            print("hangerd: a task responded more than once", file=sys.stderr)
        elif self._caller is not None:
            self._responded = True
            self._caller.settle(msg.get_args())
        return Message(MessageType.OK, {"message": f"Received '{msg.type.name}'"})


def respond(client_socket: ClientSocket, response: Any, error: bool = False) -> Message:
    """Answer the caller of this task."""
    kind = MessageType.ERROR if error else MessageType.OK
    return client_socket.send(Message(kind, response))


def token_create(length: int = 64) -> str:
    """Return a token that is safe in a URL."""
    import secrets

    return secrets.token_urlsafe(length)


_MODULES: dict[str, tuple[Any, ...]] = {
    "bgpy": (respond, token_create),
    "bgpy.core": (),
    "bgpy.core.message": (Message, MessageType),
    "bgpy.core.sockets": (ClientSocket,),
    "bgpy.core.token": (token_create,),
    "bgpy.interface": (respond,),
    "bgpy.server": (respond,),
}


def install() -> None:
    """Make `import bgpy` work, by the real package if there is one."""
    if importlib.util.find_spec("bgpy") is not None:
        return
    for name, offered in _MODULES.items():
        module = ModuleType(name, "hangerd's stand-in for a part of bgpy.")
        module.__path__ = []
        module.__spec__ = ModuleSpec(name, None, is_package=True)
        for each in offered:
            setattr(module, each.__name__, each)
        sys.modules[name] = module
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, module)
