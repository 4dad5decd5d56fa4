"""js-host's names with a manager, which is a hangerd: what js-host's own tests ask of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hangerd.client.js_host.bin import (
    read_status_from_config_file,
    spawn_detached_manager,
    spawn_managed_host,
)
from hangerd.client.js_host.exceptions import (
    ConfigError,
    ConnectionError,
    FunctionError,
    FunctionTimeout,
    ProcessError,
    UnexpectedResponse,
)
from hangerd.client.js_host.function import Function
from hangerd.client.js_host.js_host import JSHost
from hangerd.client.js_host.manager import JSHostManager
from tests.integration.client.spawned import processes_of
from tests.integration.watching import wait_until


def test_a_config_is_read(config: str, tmp_path: Path, managed: Path) -> None:
    status = read_status_from_config_file(config)
    assert (status["type"], status["version"]) == ("Host", "0.12.0")
    assert (status["config"]["address"], status["config"]["port"]) == ("127.0.0.1", 30403)
    assert status["config"]["someUnexpectedProp"] == "foo"
    assert read_status_from_config_file(config, ("--manager",))["type"] == "Manager"
    (tmp_path / "empty.js").write_text("")
    for name in ("empty.js", "missing.js"):
        with pytest.raises(ConfigError, match=name):
            read_status_from_config_file(str(tmp_path / name))


def test_a_host_by_its_path(config: str, managed: Path) -> None:
    host = JSHost(config)
    assert isinstance(host.manager, JSHostManager)
    assert host.get_config()["port"] == 30403
    assert not host.is_running()
    with pytest.raises(ConnectionError):
        host.connect()
    host.start()
    host.start()
    assert host.is_running()
    port = host.get_config()["port"]
    assert port != 30403
    assert host.get_url("some/endpoint") == f"http://127.0.0.1:{port}/some/endpoint"
    host.connect()
    assert host.send_request("status").json() == host.get_status() == host.request_status()
    assert JSHost(config).get_url() == host.get_url()
    host.stop(stop_manager_if_last=False)
    assert not host.is_running()
    with pytest.raises(UnexpectedResponse):
        host.connect()
    assert host.manager.is_running()
    host.start()
    host.connect()
    host.stop()
    wait_until(lambda: not processes_of(managed))
    assert not host.manager.is_running()
    host.stop()
    with pytest.raises(ConnectionError):
        host.manager.connect()


def test_the_life_of_a_host_and_of_its_connections(config: str, shared: Path) -> None:
    manager = spawn_detached_manager(config)
    assert manager.get_config()["port"] == 30403
    assert manager.request_status() == manager.get_status() == manager.send_request("status").json()
    with pytest.raises(UnexpectedResponse, match="its methods do"):
        manager.send_request("host/start", post=True)
    host = spawn_managed_host(config, manager, connect_on_start=False)
    assert host.is_running()
    assert not host.has_connected
    host.connect()
    assert int(host.send_json_request("function/counter").text) == 1
    other = spawn_managed_host(config, manager)
    assert (other.get_name(), other.logfile) == (host.get_name(), host.logfile)
    host.disconnect()
    assert host.is_running()
    assert int(other.send_json_request("function/counter").text) == 2
    told = manager.request_host_status(config)["host"]
    assert told["connections"] == [other.connection]
    assert (json.loads(told["output"]), told["logfile"]) == (other.status, other.logfile)

    host.restart()
    assert int(host.send_json_request("function/counter").text) == 1
    assert host.get_url() == other.get_url()
    assert manager.request_host_status(config)["host"]["logfile"] == host.logfile
    assert Path(str(host.logfile)).read_text().count(" ready") >= 2
    other.stop(stop_manager_if_last=False)
    assert not host.is_running()
    for act in (manager.stop_host, manager.restart_host, manager.open_connection_to_host):
        with pytest.raises(UnexpectedResponse, match="No known host with config"):
            act(config)


def test_functions(config: str, shared: Path) -> None:
    host = spawn_managed_host(config, spawn_detached_manager(config))

    def function(name: str, timeout: float | None = None) -> Function:
        return Function(name, host=host, timeout=timeout)

    assert function("echo").call(echo="test") == "test"
    assert function("async_echo").send_request(echo="test").text == "test"
    assert function("echo_data").call() == "{}"
    given = {"foo": 1, "bar": [2, 3, {"woz": 4}]}
    assert function("echo_data").send_request(**given).json() == given
    values: list[Any] = [None, False, 0, 1.5, "", "text", [], {"a": None}]
    for value in values:
        as_json = json.dumps(value, separators=(",", ":"))
        assert function("value").call(value=value) == (value if isinstance(value, str) else as_json)
    told = Path(str(host.logfile)).read_text()
    assert "POST /function/value" in told
    assert "Hello from error function" not in told
    for name, wrong in (("error", {}), ("echo", {}), ("echo", {"foo": "test"})):
        with pytest.raises(FunctionError, match=f"{name}: Error: "):
            function(name).call(**wrong)
    assert "Error: Hello from error function" in Path(str(host.logfile)).read_text()
    with pytest.raises(FunctionTimeout):
        function("never", timeout=0.2).call()
    wait_until(lambda: _in_flight(host) == 0)
    with pytest.raises(ConfigError, match="named nothing"):
        function("nothing").call()


def _in_flight(host: JSHost) -> int:
    assert host.manager is not None
    state = host.manager._host(str(host.config_file)).state()
    return sum(one["in_flight"] for one in state["instances"])


def test_a_host_that_dies_and_a_daemon_that_is_killed(config: str, shared: Path) -> None:
    manager = spawn_detached_manager(config)
    host = spawn_managed_host(config, manager)
    counter = Function("counter", host=host)
    assert counter.call() == "1"
    with pytest.raises(ProcessError, match="appears to have crashed") as caught:
        Function("die", host=host).call()
    assert str(host.logfile) in str(caught.value)
    assert counter.call() == "1"
    daemon = processes_of(shared)[0]
    daemon.kill()
    daemon.wait(60)
    assert counter.call() == "1"
    assert counter.call() == "2"


def test_a_config_that_does_not_load(config: str, shared: Path) -> None:
    Path(config).write_text("module.exports = {functions: {a: 1}};")
    manager = spawn_detached_manager(config)
    with pytest.raises(UnexpectedResponse, match="Function handlers must be functions"):
        spawn_managed_host(config, manager)
