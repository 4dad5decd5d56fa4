"""One script being run: what happens in its threads. It reaches the reactor through its sink only.

Everything a script sees is made here, for this run; nothing of it is kept when the run has ended.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from hangerd.scripts import errors
from hangerd.scripts.coroutines import CoroutineFuture, Coroutines
from hangerd.scripts.current import CURRENT
from hangerd.scripts.exceptions import PayloadTooLarge
from hangerd.scripts.gate import Gate
from hangerd.scripts.main_module import run_main
from hangerd.scripts.outcome import DONE, Outcome, outcome_of
from hangerd.scripts.output import Output
from hangerd.scripts.printing import Printing
from hangerd.scripts.program import Program
from hangerd.scripts.questions import Question
from hangerd.scripts.request import Request
from hangerd.scripts.response import Response
from hangerd.scripts.settings import ScriptSettings
from hangerd.scripts.sink import Sink
from hangerd.scripts.sources import Source
from hangerd.scripts.surroundings import Shared
from hangerd.scripts.visit import Visit, server_record
from hangerd.scripts.websocket import WebSocket


class Run(Printing):
    """A script and its visitor."""

    def __init__(self, visit: Visit, source: Source, shared: Shared, sink: Sink) -> None:
        self.visit = visit
        self.settings: ScriptSettings = source.settings
        self.gate = Gate()
        self.coroutines = Coroutines(self.gate, shared.loop, sink.settled)
        super().__init__(
            self.gate,
            Output(self.gate, sink.wake, shared.loop.elsewhere),
            shared.loop,
            early_errors=source.settings.stderr == "page" or source.settings.output == "text",
        )
        self.id = visit.id
        self.argv = [visit.script, *visit.argv]
        self.environ = server_record(visit)
        self._request: Request | None = None
        self._response: Response | None = None
        self._source = source
        self._shared = shared
        self._sink = sink
        self._on_disconnect: list[Callable[[], object]] = []
        self._at_end: list[Callable[[], object]] = []
        self._program: Program | None = None  # while it runs, and longer if it left something
        self.outcome: Outcome | None = None  # of the script's own thread, when it has ended

    @property
    def request(self) -> Request:
        """What the visitor sent, as scripts see it; made when it is first asked for."""
        if self._request is None:
            self._request = Request(self.visit, self.environ, self)
        return self._request

    @property
    def response(self) -> Response:
        """The answer, as scripts see it; made when it is first asked for."""
        if self._response is None:
            self._response = Response(self, self.visit.document_root)
        return self._response

    @property
    def disconnected(self) -> bool:
        """Whether the visitor is gone."""
        return self.gate.disconnected

    @property
    def modules(self) -> Any:
        """The run's view of sys.modules."""
        return self._program.importer.modules if self._program else {}

    @property
    def may_wait(self) -> bool:
        """Whether the caller is in a thread that may be blocked: not on the coroutines' loop."""
        return not self._shared.loop.here

    def work(self) -> None:
        """Run the script to its end; `outcome` says then how it ended. Raises nothing."""
        try:
            self.outcome = self.execute()
        except BaseException as error:  # even the description of what it raised failed
            self.outcome = Outcome("error", 500, 1, "The script failed.", type(error).__name__)

    def execute(self) -> Outcome:
        """Run the script to its end, in the thread that calls this, and say how it ended."""
        process, outcome = os.getpid(), DONE
        try:
            Context().run(self._execute)
        except BaseException as error:
            outcome = outcome_of(error)
        if os.getpid() != process:  # the script forked: a copy of the daemon, without its reactor
            os._exit(outcome.exit_code)
        return outcome

    def _execute(self) -> None:
        CURRENT.set(self)
        try:
            self.gate.enter()
            self._check_body()
            self._shared.globals.refresh()
            program = self._build()
            self._call_request_hooks()
            run_main(self, program, self._source.code())
            if program.let_go():
                self._program = None
        finally:
            self.gate.leave()

    def import_module(self, name: str) -> ModuleType | None:
        """Import a module of the document root; None when it is none."""
        return self._program.importer.import_module(name) if self._program else None

    def find_spec(self, name: str, path: Sequence[str] | None) -> ModuleSpec | None:
        """Find a module of the document root."""
        return self._program.importer.find_spec(name, path) if self._program else None

    def ask(self, prompt: str, password: bool = False) -> str:
        """Ask the visitor for a line.

        Raises EOFError when there is nobody to ask, KeyboardInterrupt, RuntimeError on the loop.
        """
        if not self.may_wait:
            raise RuntimeError("input() in a coroutine would stop all others: ask before run()")
        if not self.visit.interactive:
            self.write_text(prompt)
            raise EOFError("nobody can answer: this visitor only reads")
        self.open_output()
        question = Question(self.gate, prompt, password)
        self.output.ask(question)
        return question.wait()

    def input(self, prompt: object = "", /) -> str:
        """Ask the visitor for a line."""
        return self.ask(str(prompt))

    def run_coroutine(self, coroutine: Awaitable[Any]) -> CoroutineFuture:
        """Start a coroutine; the page ends when it has."""
        return self.coroutines.run(coroutine)

    def wait(self, coroutine: Awaitable[Any], timeout: float | None = None) -> Any:
        """Run a coroutine to its end and return its result."""
        return self.coroutines.wait(coroutine, timeout)

    def ignore_disconnect(self, ignore: bool = True) -> None:
        """Run on when the visitor goes away; what is printed then is dropped."""
        self.gate.ignoring_disconnect = ignore

    def set_time_limit(self, seconds: float | None) -> None:
        """Have `seconds` from now on without output or input; None or 0 for no limit."""
        self._sink.set_time_limit(seconds or None)

    def lift_time_limit(self, lifted: bool) -> None:
        """Have no limit of time, or the usual one again."""
        self._sink.set_time_limit(None if lifted else self.settings.timeout)

    def on_disconnect(self, call: Callable[[], object]) -> None:
        """Have `call` called when the visitor goes away."""
        self._on_disconnect.append(call)

    def disconnect(self) -> None:
        """Hear that the visitor is gone. Called on the reactor thread."""
        self.gate.disconnect()
        if self._on_disconnect:
            thread = threading.Thread(target=self._tell_disconnect, daemon=True)
            thread.start()

    def at_end(self, call: Callable[[], object]) -> None:
        """Have `call` called on the reactor thread when the run is over."""
        self._at_end.append(call)

    def close(self) -> None:
        """Give back what the run still holds. Called when its thread has ended."""
        for call in self._at_end:
            call()
        self.coroutines.cancel()
        if self._request is not None:
            self._request.close()

    def facts(self) -> dict[str, Any]:
        """Return what hooks are called with."""
        return {
            "request": self.request,
            "response": self.response,
            "context": self.visit.context,
            "environ": self.environ,
        }

    async def call_response_hooks(self) -> None:
        """Let the middleware see the headers."""
        await self._shared.globals.app.call("response", **self.facts())

    @property
    def has_response_hooks(self) -> bool:
        """Whether any middleware wants to see the headers."""
        return self._shared.globals.app.has("response")

    def _check_body(self) -> None:
        if self.visit.body_size > self.settings.body:
            raise PayloadTooLarge(f"At most {self.settings.body} bytes are taken")

    def _call_request_hooks(self) -> None:
        app = self._shared.globals.app
        if app.has("request"):
            self.wait(app.call("request", **self.facts()))

    def _build(self) -> Program:
        given = {"print": self.print, "run": self.run_coroutine, "wait": self.wait}
        program = Program(self.visit, self._shared, self.environ, given, self.input, self._names)
        self._program = program
        program.begin()
        return program

    def _names(self) -> dict[str, Any]:
        return {
            "request": self.request,
            "response": self.response,
            "websocket": WebSocket(self.visit.link, self) if self.visit.link else None,
            "context": self.visit.context,
            "exit": sys.exit,
            **(self._program.given if self._program else {}),
            "__globals__": self._shared.globals.module,
            "modules": self.environ["modules"],
            "app": self._shared.globals.app,
            "logger": self._shared.globals.app.logger,
            "set_time_limit": self.set_time_limit,
            "ignore_disconnect": self.ignore_disconnect,
            "Timeout": errors.Timeout,
            "ClientDisconnected": errors.ClientDisconnected,
            "Stopped": errors.Stopped,
            **self._shared.extras,
        }

    def _tell_disconnect(self) -> None:
        CURRENT.set(self)
        for call in self._on_disconnect:
            call()
