"""js-host's own Python client, from PyPI and unmodified, with a js host of hangerd."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from tests.integration.conftest import StartDaemon
from tests.integration.daemon import Daemon
from tests.integration.hosts.asking import ask, js_host_port
from tests.integration.hosts.peers import npm_js_host, python_js_host
from tests.integration.parts import require

CLIENT = Path(__file__).with_name("programs") / "js_host_client.py"
CONFIG = """
module.exports = {
  port: %d,
  secret: 'kept in the status',
  functions: {
    hello: function(data, cb) { cb(null, 'Hello, ' + (data.name || 'World') + '!'); },
    double: function(data, cb) {
      if (!data.number) return cb(new Error('No number was provided'));
      cb(null, data.number * 2);
    },
    data: function(data, cb) { cb(null, data); },
    echo: function(data, cb) { cb(null, data.echo); },
    slow: function(data, cb) { setTimeout(cb, 100, null, data.echo); },
    complain: function(data, cb) { cb('only a text'); },
    throw: function inner() { throw new TypeError('thrown'); },
    never: function() {},
  }
};
"""


def run_client(
    daemon: Daemon, project: Path, config: str = CONFIG, **env: str
) -> subprocess.CompletedProcess[str]:
    """Run the client in a project whose config has the port of the host's listener."""
    (project / "host.config.js").write_text(config % js_host_port(daemon, "js"))
    return subprocess.run(
        [python_js_host(), "-W", "ignore", CLIENT, project],
        env={**os.environ, "NODE_NO_WARNINGS": "1", **env},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


def start(start_daemon: StartDaemon, project: Path) -> Daemon:
    """A daemon whose host is the project's config, which need not be there yet."""
    require("node")
    python_js_host()
    project.mkdir()
    (project / "node_modules").symlink_to(npm_js_host().parent)
    return start_daemon(
        settings=f"""
        [hosts.js]
        kind = "js"
        path = "{project}/host.config.js"
        listen = "tcp:0:interface=127.0.0.1"
    """
    )


def test_it_connects_and_calls(start_daemon: StartDaemon, tmp_path: Path) -> None:
    project = tmp_path / "project"
    daemon = start(start_daemon, project)
    done = run_client(daemon, project)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["running"] is True
    assert told["name"] == f"JSHost [127.0.0.1:{js_host_port(daemon, 'js')}]"
    assert (told["hello"], told["number"], told["after"]) == ("Hello, Foo!", "40", "still here")
    assert json.loads(told["object"]) == {"a": [1, {"b": None}]}
    assert told["crowd"] == [str(number) for number in range(20)]
    assert told["big"] is True
    for key, message, line in (
        ("error", "double: Error: No number was provided", 8),
        ("text_error", "complain: Error: only a text", 14),
        ("thrown", "throw: TypeError: thrown", 15),
    ):
        kind, text = told[key]
        assert (kind, text.splitlines()[0]) == ("FunctionError", message)
        assert f"host.config.js:{line}:" in text
    assert told["timeout"][0] == "FunctionTimeout"
    state = json.loads(ask(daemon, "GET", "/hosts/js/state")[1])
    assert state["instances"][0]["in_flight"] == 0, "the call whose client gave up goes on"


def test_a_config_that_differs_is_not_connected_to(
    start_daemon: StartDaemon, tmp_path: Path
) -> None:
    """What the config reads of the environment must be in the spec's `env`, or the two differ."""
    project = tmp_path / "project"
    daemon = start(start_daemon, project)
    config = CONFIG.replace("secret: 'kept in the status'", "secret: process.env.USER_OF_IT")
    done = run_client(daemon, project, config, USER_OF_IT="ada")
    assert "ConnectionError: Cannot connect to JSHost" in done.stderr
    spec = json.loads(ask(daemon, "GET", "/hosts/js")[1])
    told = {"kind": "js", "path": spec["path"], "listen": spec["listen"]}
    assert ask(daemon, "PUT", "/hosts/js", told | {"env": {"USER_OF_IT": "ada"}})[0] == 200
    done = run_client(daemon, project, config, USER_OF_IT="ada")
    assert done.returncode == 0, done.stderr
