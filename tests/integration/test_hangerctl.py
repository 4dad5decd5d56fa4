"""hangerctl with a real daemon, and its `run` at a real terminal."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.integration.daemon import Daemon
from tests.integration.nginx import Nginx
from tests.integration.watching import wait_until

COMMAND = [sys.executable, "-m", "hangerd.cli"]
SECONDS = 60.0
SCRIPTS = {
    "ask.py": """
import getpass, sys
print("Hello", sys.argv[1:])
try:
    name = input("Name? ")
except (EOFError, KeyboardInterrupt) as error:
    name = type(error).__name__
word = getpass.getpass("Password: ")
print(f"{name} has {len(word)} letters")
print("oh", file=sys.stderr)
for done in range(3):
    print(f"\\r{done} of 2", end="", flush=True)
print()
raise SystemExit(7)
""",
    "endless.py": "import time\nprint('begun', flush=True)\nwhile True: time.sleep(0.01)\n",
    "waiting.py": "# hangerd: timeout=60\ninput('still there? ')\n",
    "fails.py": "raise LookupError\n",
}
HOSTS = """
[hosts.tasks]
kind = "python"
path = "tasks.py"
[slots]
read_hop = 0.2
"""
TASKS = """
def add(a, b=1): return a + b
def count(n):
    for i in range(n): yield i
def fail(): raise ValueError("not today")
"""


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    """One daemon with scripts and a host for all tests here."""
    root = tmp_path_factory.mktemp("root")
    for name, source in SCRIPTS.items():
        (root / name).write_text(source)
    folder = tmp_path_factory.mktemp("daemon")
    (folder / "tasks.py").write_text(TASKS)
    daemon = Daemon(folder, "--root", str(root), settings=HOSTS).start()
    yield daemon
    daemon.stop()


def environ(**told: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("HANGERD_")}
    return {**kept, "TERM": "xterm", **told}


Ctl = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def ctl(daemon: Daemon) -> Ctl:
    """Run hangerctl to its end."""

    def run(*words: str, given: str = "", **told: str) -> subprocess.CompletedProcess[str]:
        where = [] if told else ["--state-dir", str(daemon.state_dir)]
        done = subprocess.run(
            [*COMMAND, *where, *words],
            input=given.encode(),
            env=environ(**told),
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
        out, err = done.stdout.decode(), done.stderr.decode()  # with their carriage returns
        return subprocess.CompletedProcess(done.args, done.returncode, out, err)

    return run


def test_status_and_hosts(daemon: Daemon, ctl: Ctl) -> None:
    assert "tasks" in ctl("status").stdout
    assert ctl("host", "start", "tasks").stdout == "tasks: ready\n"
    told = json.loads(ctl("status", "--json").stdout)
    assert (told["hosts"]["tasks"]["state"], told["runs"]["busy"]) == ("ready", 0)
    assert ctl("host", "call", "tasks", "add", "1", "b=2").stdout == "3\n"
    remote = {"HANGERD_URL": daemon.url, "HANGERD_TOKEN": daemon.token}
    assert ctl("host", "call", "tasks", "count", "2", "--json", **remote).stdout == "0\n1\n"
    failed = ctl("host", "call", "tasks", "fail", "--trace")
    assert failed.returncode == 1
    assert failed.stderr.endswith("hangerctl: ValueError: not today.\n")
    assert "in fail" in failed.stderr
    assert "ready" in ctl("host", "log", "tasks").stdout


def test_exit_statuses(daemon: Daemon, ctl: Ctl, tmp_path: Path) -> None:
    wrong = ctl("host", "list", HANGERD_URL=daemon.url, HANGERD_TOKEN="wrong")
    assert (wrong.returncode, wrong.stdout, wrong.stderr.count("\n")) == (4, "", 1)
    nobody = ctl("status", HANGERD_URL="http://127.0.0.1:1")
    assert (nobody.returncode, nobody.stderr.count("\n")) == (3, 1)
    assert ctl("run", "fails.py").returncode == 1
    assert ctl("run", "nothing.py").returncode == 125


def test_a_slot(ctl: Ctl) -> None:
    tokens = json.loads(ctl("slot", "open", "--json").stdout)
    assert ctl("slot", "write", tokens["write"], given="Ada\n").returncode == 0
    assert ctl("slot", "read", tokens["read"]).stdout == "Ada\n"
    [read, write] = [line.split()[1] for line in ctl("slot", "open").stdout.splitlines()]
    assert ctl("slot", "close", write, "--reason", "eof").returncode == 0
    assert "eof" in ctl("slot", "read", read).stderr
    [_, write] = [line.split()[1] for line in ctl("slot", "open").stdout.splitlines()]
    assert ctl("slot", "write", write, "one").returncode == 0
    full = ctl("slot", "write", write, "two", "--json")
    assert (full.returncode, full.stdout) == (1, "")
    assert "--replace" in json.loads(full.stderr)["remedy"]
    unknown = ctl("slot", "read", "nonsense")
    assert (unknown.returncode, "'nonsense' is no token" in unknown.stderr) == (1, True)


def test_names_of_hosts_are_completed(daemon: Daemon, ctl: Ctl) -> None:
    words = {
        "_HANGERCTL_COMPLETE": "bash_complete",
        "COMP_WORDS": f"hangerctl --state-dir {daemon.state_dir} host start ta",
        "COMP_CWORD": "5",
    }
    called = "hangerctl(prog_name='hangerctl')"
    done = subprocess.run(
        [sys.executable, "-c", f"from hangerd.cli.program import hangerctl; {called}"],
        env=environ(**words),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.stdout == "plain,tasks\n", done


def test_a_run_with_pipes(daemon: Daemon, ctl: Ctl) -> None:
    told = ctl("run", "ask.py", "--", "-x", "two words", given="Ada\nsecret\n")
    assert (told.returncode, told.stderr) == (7, "oh\n")
    assert told.stdout == (
        "Hello ['-x', 'two words']\nName? Password: Ada has 6 letters\n\r0 of 2\r1 of 2\r2 of 2\n"
    )
    events = ctl("run", f"{daemon.url}/ask.py", "--json", given="Ada\nsecret\n").stdout.splitlines()
    told_events = [json.loads(line) for line in events]
    assert told_events[-1]["status"] == 7
    asked = [event["prompt"] for event in told_events if event["event"] == "asked"]
    assert asked == ["Name? ", "Password: "]


def test_doctor(daemon: Daemon, ctl: Ctl) -> None:
    told = ctl("doctor", "--json", "--config", str(daemon.folder / "hangerd.toml"))
    found = {check["name"]: check["state"] for check in json.loads(told.stdout)}
    fine = ("daemon", "token", "token file", "port", "state directory", "settings", "sockets")
    assert {name: found[name] for name in fine} == dict.fromkeys(fine, "ok")
    token = daemon.state_dir / "control-token"
    token.chmod(0o644)
    told = ctl("doctor")
    token.chmod(0o600)
    assert told.returncode == 1
    assert "chmod 600" in told.stdout


def test_doctor_without_a_daemon(tmp_path: Path, daemon: Daemon, ctl: Ctl) -> None:
    (tmp_path / "taken.toml").write_text(
        f'port = ["tcp:{daemon.port}:interface=127.0.0.1"]\nadmin = "none"'
    )
    where = ("--state-dir", str(tmp_path / "none"))
    told = ctl(*where, "doctor", "--config", str(tmp_path / "taken.toml"), "--json")
    checks = {check["name"]: check for check in json.loads(told.stdout)}
    assert told.returncode == 1
    assert (checks["daemon"]["state"], checks["port"]["state"]) == ("fail", "fail")
    assert str(daemon.port) in checks["port"]["message"]


def proxied(ctl: Ctl, url: str) -> dict[str, str]:
    told = ctl("doctor", "--json", "--proxy", url, "--script", "waiting.py")
    return {
        check["name"]: check["state"]
        for check in json.loads(told.stdout)
        if check["name"].startswith("proxy")
    }


def test_doctor_on_a_proxy(daemon: Daemon, ctl: Ctl, tmp_path: Path) -> None:
    nginx = Nginx(tmp_path, daemon.port)
    try:
        names = ("proxy", "proxy reads", "proxy streams", "proxy websockets")
        for url in (nginx.url, f"{nginx.url}/hangerd"):
            assert proxied(ctl, url) == dict.fromkeys(names, "ok")
    finally:
        nginx.stop()


def test_doctor_on_a_proxy_that_drops_upgrades_and_cuts_reads(
    daemon: Daemon, ctl: Ctl, tmp_path: Path
) -> None:
    edits = {
        "proxy_set_header Upgrade           $http_upgrade;": "",
        "proxy_pass http://hangerd;": "proxy_pass http://hangerd; proxy_redirect ~^ http://x/away;",
    }
    nginx = Nginx(tmp_path, daemon.port, edits=edits)
    try:
        found = proxied(ctl, nginx.url)
    finally:
        nginx.stop()
    assert (found["proxy websockets"], found["proxy reads"]) == ("fail", "fail")
    assert found["proxy streams"] == "ok"


# At a terminal


class Terminal:
    """hangerctl as its user sees it."""

    def __init__(self, *words: str) -> None:
        self._decoder = getincrementaldecoder("utf-8")()
        self._seen = ""
        self._from = 0
        self.pid, self._screen = pty.fork()
        if self.pid == 0:
            os.execve(COMMAND[0], [*COMMAND, *words], environ())

    def expect(self, pattern: str) -> str:
        """Wait until this is shown, behind what was expected before; returns what is there."""
        deadline = time.monotonic() + SECONDS
        while not (found := re.compile(pattern).search(self._seen, self._from)):
            assert time.monotonic() < deadline, self._seen
            assert self._read(), self._seen
        self._from = found.end()
        return found[0]

    def _read(self) -> bool:
        """Take what is shown; False when the terminal was closed."""
        ready, _, _ = select.select([self._screen], [], [], 1.0)
        if not ready:
            return True
        try:
            data = os.read(self._screen, 65536)
        except OSError:
            return False
        self._seen += self._decoder.decode(data)
        return bool(data)

    def type(self, keys: str) -> None:
        """Press keys, as quick as a person at most: \\x03 is Ctrl-C, \\x04 Ctrl-D.

        A Ctrl-C between readline's prompt and its wait for a key is seen at the next key only, so
        this waits until the program waits.
        """
        wait_until(lambda: psutil.Process(self.pid).status() == psutil.STATUS_SLEEPING)
        os.write(self._screen, keys.encode())

    def end(self) -> tuple[int, str]:
        """Wait for the end; returns the exit status and all that was shown."""
        deadline = time.monotonic() + SECONDS
        while self._read():
            if time.monotonic() > deadline:
                os.kill(self.pid, signal.SIGKILL)
        _, status = os.waitpid(self.pid, 0)
        os.close(self._screen)
        return os.waitstatus_to_exitcode(status), self._seen


@pytest.fixture
def at_terminal(daemon: Daemon) -> Callable[..., Terminal]:
    return lambda *words: Terminal("--state-dir", str(daemon.state_dir), *words)


def test_answers_from_the_keyboard(at_terminal: Callable[..., Terminal]) -> None:
    terminal = at_terminal("run", "ask.py", "one")
    terminal.expect(r"Hello \['one'\]\r\n.*Name\? ")
    terminal.type("Adx\x7fa\r")
    terminal.expect("Password: ")
    terminal.type("secret\r")
    terminal.expect("Ada has 6 letters\r\n")
    status, shown = terminal.end()
    assert status == 7
    assert "secret" not in shown
    assert "\r0 of 2\r1 of 2\r2 of 2\r\n" in shown
    assert "oh\r\n" in shown


@pytest.mark.parametrize(("key", "name"), [("\x04", "EOFError"), ("\x03", "KeyboardInterrupt")])
def test_the_ends_of_a_question(at_terminal: Callable[..., Terminal], key: str, name: str) -> None:
    terminal = at_terminal("run", "ask.py")
    terminal.expect(r"Name\? ")
    terminal.type(key)
    terminal.expect("Password: ")
    terminal.type("\r")
    terminal.expect(f"{name} has 0 letters")
    assert terminal.end()[0] == 7


def test_ctrl_c_stops_a_script(at_terminal: Callable[..., Terminal], ctl: Ctl) -> None:
    terminal = at_terminal("run", "endless.py")
    terminal.expect("begun")
    terminal.type("\x03")
    status, shown = terminal.end()
    assert status == 130
    assert "Traceback" not in shown
    wait_until(lambda: json.loads(ctl("status", "--json").stdout)["runs"]["runs"] == [])


def test_a_run_that_ends_at_its_question_ends_the_command(
    at_terminal: Callable[..., Terminal], daemon: Daemon, ctl: Ctl
) -> None:
    terminal = at_terminal("run", "waiting.py")
    terminal.expect("still there")
    *_, run = json.loads(ctl("status", "--json").stdout)["runs"]["runs"]
    assert run["script"] == "/waiting.py"
    subprocess.run(["curl", "-s", "-X", "POST", f"{daemon.url}/-/run/{run['id']}/stop"], check=True)
    status, shown = terminal.end()
    assert (status, "stopped" in shown) == (1, True), shown


def test_status_is_live_at_a_terminal(at_terminal: Callable[..., Terminal]) -> None:
    terminal = at_terminal("status", "--watch", "--interval", "0.1")
    for _ in range(3):  # at the top: what does not fit the terminal is cut
        terminal.expect("Daemon")
    terminal.type("\x03")
    assert terminal.end()[0] == 130


def test_a_token_is_rotated(tmp_path: Path) -> None:
    daemon = Daemon(tmp_path).start()
    try:
        old = daemon.token
        words = [*COMMAND, "--state-dir", str(daemon.state_dir), "token", "--rotate"]
        told = subprocess.run(words, env=environ(), capture_output=True, text=True, check=True)
        assert "good for nothing" in told.stderr
        assert told.stdout.strip() == daemon.token != old
        listing = [*words[:-2], "host", "list"]
        subprocess.run(listing, env=environ(), capture_output=True, check=True)
        remote = [*COMMAND, "--url", daemon.url, "host", "list"]
        for token, status in ((old, 4), (daemon.token, 0)):
            given = environ() | {"HANGERD_TOKEN": token}
            asked = subprocess.run(remote, env=given, capture_output=True, check=False)
            assert asked.returncode == status, asked
        daemon.stop()
    finally:
        daemon.kill()
