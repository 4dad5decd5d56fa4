"""What js-host's own tests ask of a host's endpoints, on the listener that speaks its protocol.

Its package has the config and the data that they use; they are served as they are.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.conftest import StartDaemon
from tests.integration.daemon import Daemon
from tests.integration.hosts.asking import ask, js_host_port
from tests.integration.hosts.peers import npm_js_host
from tests.integration.parts import require

OWN = """
var assert = require('assert');
var text = require('fs').readFileSync(process.env.TEXT).toString('utf-8');
module.exports = {
  functions: {
    large: function(data, cb) {
      if (data.text !== text) return cb('data.text does not match');
      cb(null, 'success: ' + data.text);
    },
    'done-x1': function(data, cb) { cb(null, 'some success'); },
    'done-x2': function(data, cb) { cb('x2'); cb(null, 'some success x2'); },
    'done-x3': function(data, cb) {
      cb(null, 'some success x3'); cb('x3'); cb(null, 'some other success x3');
    },
    context: function(data, cb) {
      assert.strictEqual(this.host, module.exports.kept);
      assert.strictEqual(this.name, 'context');
      this.host.logger.info('by the logger');
      cb(null, [this.host.config.extra, data]);
    },
  },
  extra: {any: 'key'},
  extendHost: function(host) {
    module.exports.kept = host;
    Object.defineProperty(module.exports, 'kept', {enumerable: false});
    host.addFunction('added', function(data, cb) { cb(null, true); });
    assert.throws(function() { host.addFunction('added', function() {}); },
      /A function has already been defined with the name "added"/);
  },
};
"""


@pytest.fixture
def daemon(start_daemon: StartDaemon, tmp_path: Path) -> Daemon:
    require("node")
    suite = npm_js_host() / "test"
    (tmp_path / "own.config.js").write_text(OWN)
    listen = 'listen = "tcp:0:interface=127.0.0.1"\nkind = "js"'
    return start_daemon(
        settings=f"""
        [hosts.theirs]
        path = "{suite}/test_config/config.js"
        {listen}
        [hosts.own]
        path = "{tmp_path}/own.config.js"
        env = {{ TEXT = "{suite}/test_data/test.txt" }}
        {listen}
    """
    )


def request(daemon: Daemon, host: str, method: str, path: str, body: Any = None) -> tuple[int, str]:
    """Ask as those tests do: their library says that it accepts JSON, and has no token."""
    url = f"http://127.0.0.1:{js_host_port(daemon, host)}/{path}"
    status, text = ask(daemon, method, url, body, None, Accept="application/json")
    return status, text.decode()


def post(daemon: Daemon, host: str, function: str, body: Any = None) -> tuple[int, str]:
    return request(daemon, host, "POST", f"function/{function}", body)


def test_functions_of_a_config(daemon: Daemon) -> None:
    for function in ("echo", "echo_async"):
        assert post(daemon, "theirs", function, {"echo": "it"}) == (200, "it")
        status, text = post(daemon, "theirs", function, {})
        assert (status, "`echo` data not provided" in text) == (500, True)
    assert [post(daemon, "theirs", "counter", {}) for _ in range(3)] == [
        (200, "1"),
        (200, "2"),
        (200, "3"),
    ]


def test_an_error_thrown_in_a_function_takes_nothing_down(daemon: Daemon) -> None:
    status, text = post(daemon, "theirs", "error", {})
    assert (status, "Error: Error function" in text) == (500, True)
    assert post(daemon, "theirs", "echo", {"echo": "it"}) == (200, "it")


def test_an_error_that_nothing_caught_takes_the_process_down(daemon: Daemon) -> None:
    """Here the caller is told why, and the next call finds another process."""
    status, text = post(daemon, "theirs", "error_async", {})
    assert (status, "Error: Error function" in text) == (502, True)
    assert post(daemon, "theirs", "counter", {}) == (200, "1")


def test_what_is_not_there(daemon: Daemon) -> None:
    for name in ("foo", "bar"):
        answered = post(daemon, "theirs", name, {})
        assert answered == (404, f'Not found. Unknown function "{name}"')
    assert request(daemon, "theirs", "GET", "function/echo")[0] == 404
    assert request(daemon, "theirs", "GET", "nothing")[0] == 404


def test_the_status(daemon: Daemon) -> None:
    status, text = request(daemon, "theirs", "GET", "status")
    told = json.loads(text)
    assert (status, told["type"], told["version"]) == (200, "Host", "0.12.0")
    assert told["config"] == {
        "address": "127.0.0.1",
        "port": 8008,
        "requestDataLimit": "10mb",
        "functions": ["echo", "echo_async", "error", "error_async", "counter"],
    }


def test_large_data_and_callbacks_called_twice(daemon: Daemon) -> None:
    text = (npm_js_host() / "test" / "test_data" / "test.txt").read_text()
    assert len(text) > 2_000_000
    assert post(daemon, "own", "large", {"text": text}) == (200, f"success: {text}")
    assert post(daemon, "own", "done-x1", {}) == (200, "some success")
    status, told = post(daemon, "own", "done-x2", {})
    assert (status, "x2" in told) == (500, True)
    assert post(daemon, "own", "done-x3", {}) == (200, "some success x3")
    log = ask(daemon, "GET", "/hosts/own/log")[1].decode()
    assert log.count("called its callback more than once") == 3


def test_what_a_function_sees_of_its_host(daemon: Daemon) -> None:
    status, told = post(daemon, "own", "context", {"a": 1})
    assert (status, json.loads(told)) == (200, [{"any": "key"}, {"a": 1}])
    assert post(daemon, "own", "added", {}) == (200, "true")
    assert "by the logger" in ask(daemon, "GET", "/hosts/own/log")[1].decode()
    config = json.loads(request(daemon, "own", "GET", "status")[1])["config"]
    assert (config["extra"], config["port"]) == ({"any": "key"}, "9009")
