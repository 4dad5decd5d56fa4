"""Functions of a program's own `__main__`, sent to a Python host."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from hangerd.client import Client, NotAllowed
from tests.integration.daemon import Daemon
from tests.integration.parts import missing

PROGRAM = """
import os, sys
from hangerd.client import RemoteError, connect

class Own:
    def __init__(self, value): self.value = value

def add(a, b=2): return {a, b, os.getpid()}
def wrap(value): return Own(value)
def items(n):
    for i in range(n): yield i
def boom(): raise KeyError("here")

client = connect(state_dir=sys.argv[1])
host = client.python([add, wrap, items, boom])
assert host.add(-1, b=-2) > {-1, -2} and os.getpid() not in host.add(0)
assert isinstance(host.wrap(3), Own)
assert list(host.items(100)) == list(range(100))
try:
    host.boom()
except RemoteError as error:
    print(error.fault.type)
"""


@pytest.fixture(autouse=True)
def cloudpickle() -> None:
    if importlib.util.find_spec("cloudpickle") is None:
        missing("cloudpickle")


def test_functions_of_main(daemon: Daemon, tmp_path: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, str(daemon.state_dir)]
    said = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert (said.stdout, said.stderr) == ("KeyError\n", "")


def test_a_host_that_takes_no_pickles(client: Client, work_file: Path) -> None:
    name = client.python(work_file).name
    with pytest.raises(NotAllowed, match="pickle"):
        client.host(name, pickle=True).echo(1)
