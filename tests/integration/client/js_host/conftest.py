"""Fixtures of js-host's names: settings, and a daemon that is started when a test wants one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hangerd.client.js_host.conf import settings
from tests.integration.client.spawned import state_below
from tests.integration.parts import require

CONFIG = """
module.exports = {
  port: 30403,
  someUnexpectedProp: 'foo',
  functions: {
    echo: function(data, done) {
      if (!data.echo) return done(new Error('No `echo` prop provided'));
      done(null, data.echo);
    },
    echo_data: function(data, done) { done(null, JSON.stringify(data)); },
    value: function(data, done) { done(null, data.value); },
    error: function(data, done) { done(new Error('Hello from error function')); },
    async_echo: function(data, done) { setTimeout(done, 100, null, data.echo); },
    never: function(data, done) {},
    die: function(data, done) { process.exit(3); },
    counter: (function() {
      var count = 0;
      return function(data, done) { done(null, ++count); };
    })(),
  },
};
"""


@pytest.fixture
def config(tmp_path: Path) -> str:
    """A config file."""
    require("node")
    path = tmp_path / "host.config.js"
    path.write_text(CONFIG)
    return str(path)


@pytest.fixture
def configure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Set settings for a test, as a program would by `configure`."""

    def set_them(**values: Any) -> None:
        for name, value in {"SOURCE_ROOT": str(tmp_path), "VERBOSITY": 0, **values}.items():
            monkeypatch.setitem(settings.__dict__, name, value)

    return set_them


@pytest.fixture(scope="session")
def shared_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A state directory for the tests that leave the daemon running."""
    with state_below(tmp_path_factory.mktemp("shared")) as state:
        yield state


@pytest.fixture
def shared(
    shared_state: Path, monkeypatch: pytest.MonkeyPatch, configure: Callable[..., None]
) -> Path:
    """As `managed`, with a daemon that other tests use too."""
    monkeypatch.setenv("XDG_STATE_HOME", str(shared_state))
    configure(USE_MANAGER=True)
    return shared_state


@pytest.fixture
def managed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, configure: Callable[..., None]
) -> Iterator[Path]:
    """Settings with USE_MANAGER; the folder below which daemons have their state."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    configure(USE_MANAGER=True)
    with state_below(tmp_path / "state") as state:
        yield state
