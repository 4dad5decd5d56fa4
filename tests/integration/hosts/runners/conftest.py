"""The two runners as fixtures: factories of processes that a test configures, ended with it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hangerd.hosts import runners
from tests.integration.hosts.runners.wireclient import Program

HOME = Path(runners.__file__).parent
ALIKE_JS = """
const sleep = (ms, signal) => new Promise((done, fail) => {
  const timer = setTimeout(done, ms);
  signal.addEventListener('abort', () => { clearTimeout(timer); fail(signal.reason); });
});
module.exports = { functions: {
  echo(data, cb) { cb(null, data); },
  async later({ ms, value }, cb, { signal }) { await sleep(ms, signal); return value; },
  fail(data) { throw new TypeError('it was ' + data.what); },
  async fail_later(data) { throw new RangeError('it was ' + data.what); },
  async *count({ upto }) { for (let i = 0; i < upto; i += 1) yield i; },
  async *break_off() { yield 1; throw new Error('enough'); },
  bytes(data, cb) { cb(null, Buffer.alloc(data.size, 7)); },
  circle(data, cb) { const ring = {}; ring.ring = ring; cb(null, ring); },
  junk(data, cb) {
    console.log('a line');
    process.stdout.write(Buffer.alloc(data.size, 0xff));
    process.stderr.write(Buffer.alloc(data.size, 0xfe));
    cb(null, 'well');
  },
  environment(data, cb) { cb(null, Object.keys(process.env)); },
  descriptors(data, cb) {
    const { exec } = require('child_process');
    exec('ls /proc/self/fd', (error, out) => cb(error, out.trim().split('\\n')));
  },
} };
"""
ALIKE_PY = """
import asyncio, os, subprocess, sys

def echo(value=None): return value
async def later(ms, value):
    await asyncio.sleep(ms / 1000)
    return value
def fail(what): raise TypeError('it was ' + what)
async def fail_later(what): raise IndexError('it was ' + what)
async def count(upto):
    for i in range(upto): yield i
async def break_off():
    yield 1
    raise RuntimeError('enough')
def bytes_(size): return b'\\x07' * size
def circle():
    ring = {}
    ring['ring'] = ring
    return ring
def junk(size):
    print('a line')
    sys.stdout.buffer.write(b'\\xff' * size)
    sys.stdout.flush()
    sys.stderr.buffer.write(b'\\xfe' * size)
    return 'well'
def environment(): return list(os.environ)
def descriptors(): return subprocess.check_output(['ls', '/proc/self/fd'], text=True).split()
globals()['bytes'] = bytes_
"""

Boot = Callable[..., Program]


def node() -> str:
    """Return Node's path; skip, or fail where every part must be there."""
    found = shutil.which("node")
    if found is None:
        reason = "node is not installed"
        if os.environ.get("HANGERD_REQUIRE_PARTS"):
            pytest.fail(reason)
        pytest.skip(reason)
    return found


class Workshop:
    """Writes files, starts runners on them, and ends those."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._programs: list[Program] = []

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def program(self, kind: str, env: dict[str, str] | None = None) -> Program:
        argv = [node(), str(HOME / "node/main.js")]
        if kind == "python":
            argv = [sys.executable, str(HOME / "python")]
        program = Program(argv, env)
        self._programs.append(program)
        return program

    def js(self, text: str, name: str = "host.config.js", **settings: Any) -> Program:
        """Return a ready js host with this config."""
        program = self.program("js")
        program.boot(kind="js", path=str(self.write(name, text)), **settings)
        return program

    def python(self, text: str, name: str = "mine.py", **settings: Any) -> Program:
        """Return a ready python host with this file."""
        program = self.program("python")
        program.boot(kind="python", path=str(self.write(name, text)), **settings)
        return program

    def alike(self, kind: str, **settings: Any) -> Program:
        """Return a ready host whose functions are the same in both languages."""
        if kind == "js":
            return self.js(ALIKE_JS, **settings)
        return self.python(ALIKE_PY, **{"threads": 8, **settings})

    def end(self) -> None:
        for program in self._programs:
            program.end()


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    """Give a workshop in a folder of its own."""
    shop = Workshop(tmp_path)
    yield shop
    shop.end()


@pytest.fixture(params=["js", "python"])
def kind(request: pytest.FixtureRequest) -> str:
    """Give each kind in turn."""
    return str(request.param)


@pytest.fixture
def host(shop: Workshop, kind: str) -> Program:
    """Give a ready host of each kind, with the functions both have."""
    return shop.alike(kind)
