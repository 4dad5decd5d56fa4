"""js-host's names with a host that runs already: a listener of hangerd's, or js-host itself."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hangerd.client.js_host.exceptions import ConnectionError, FunctionError, ProcessError
from hangerd.client.js_host.function import Function
from hangerd.client.js_host.js_host import JSHost
from tests.integration.client.js_host.conftest import CONFIG
from tests.integration.conftest import StartDaemon
from tests.integration.hosts.asking import ask, js_host_port
from tests.integration.hosts.peers import npm_js_host
from tests.integration.parts import require


@pytest.fixture
def listener(start_daemon: StartDaemon, tmp_path: Path, config: str) -> str:
    """The address of a hangerd that listens for the host of the config file."""
    daemon = start_daemon(
        settings=f"""
        [hosts.js]
        kind = "js"
        path = "{config}"
        listen = "tcp:0:interface=127.0.0.1"
    """
    )
    assert ask(daemon, "GET", "/hosts/js/state")[0] == 200
    return f"http://127.0.0.1:{js_host_port(daemon, 'js')}"


@pytest.fixture
def js_host(tmp_path: Path) -> Iterator[Path]:
    """js-host itself, of npm, with the config file that is returned."""
    command = npm_js_host() / "bin" / "js-host.js"
    path = tmp_path / "theirs.config.js"
    path.write_text(CONFIG)
    process = subprocess.Popen(
        [require("node"), command, path, "--port", "0", "--json"],
        stdout=subprocess.PIPE,
        text=True,
        env={"NODE_NO_WARNINGS": "1"},
    )
    assert process.stdout is not None
    port = process.stdout.readline().partition('"port":')[2].partition(",")[0].strip("}\n ")
    path.write_text(CONFIG.replace("30403", port))
    yield path
    process.kill()
    process.communicate()


def test_a_listener_of_hangerd(
    listener: str, config: str, configure: Callable[..., None], tmp_path: Path
) -> None:
    configure(CONFIG_FILE=config)
    host = JSHost(config, root_url=listener)
    assert host.get_name() == f"JSHost [{listener}]"
    assert host.is_running()
    host.connect()
    assert Function("echo", host=host).call(echo="it") == "it"
    with pytest.raises(FunctionError, match="Hello from error function"):
        Function("error", host=host).call()
    with pytest.raises(NotImplementedError):
        host.stop()
    other = tmp_path / "other.config.js"
    other.write_text(CONFIG.replace("'foo'", "'another'"))
    with pytest.raises(ConnectionError, match="another host is there"):
        JSHost(str(other), root_url=listener).connect()


def test_js_host_itself(js_host: Path, configure: Callable[..., None]) -> None:
    configure(CONFIG_FILE=str(js_host))
    host = JSHost()
    assert host.is_running()
    host.connect()
    assert [Function("counter", host=host).call() for _ in range(3)] == ["1", "2", "3"]
    with pytest.raises(FunctionError, match="error: Error: Hello from error function"):
        Function("error", host=host).call()


def test_nobody(config: str, configure: Callable[..., None]) -> None:
    configure()
    host = JSHost(config, root_url="http://127.0.0.1:1")
    assert not host.is_running()
    with pytest.raises(ConnectionError, match="Cannot connect to JSHost"):
        host.connect()
    assert not isinstance(ProcessError(), ConnectionError)
