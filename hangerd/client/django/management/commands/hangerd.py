"""`manage.py hangerd status|start|stop|restart [NAME ...]`: the project's hosts."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from hangerd.client.django import hosts
from hangerd.client.django.conf import read_config
from hangerd.client.errors import HangerdError, Unreachable

_COLUMNS: Final = "{:<24} {:<12} {:>8} {:>8}  {}"


class Command(BaseCommand):  # type: ignore[misc]
    """Shows, starts, stops and restarts hosts."""

    help = "Show, start, stop or restart the hosts of this project"
    requires_system_checks = ("hangerd",)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take an action and names."""
        actions = ("status", "start", "stop", "restart")
        parser.add_argument("action", nargs="?", choices=actions, default="status")
        parser.add_argument("name", nargs="*", help="hosts [all of the settings]")

    def handle(self, *args: Any, action: str, name: list[str], **options: Any) -> None:
        """Do it. Raises CommandError with what to do."""
        hosts.close()
        names = name or [*read_config().hosts]
        try:
            if action in {"start", "restart"}:
                for one in names:
                    self._show(one, getattr(hosts[one], action)())
            else:
                self._on_running(action, names)
        except HangerdError as error:
            raise CommandError(f"{error}\n{error.remedy}".strip()) from None
        finally:
            hosts.close()

    def _on_running(self, action: str, names: list[str]) -> None:
        """Show or stop hosts; for that no daemon is started."""
        try:
            known = hosts.client(spawn=False).hosts()
        except Unreachable as error:
            self.stdout.write(f"{error.message}")
            known = {}
        for name in names:
            state = known.get(name, {"state": "not defined"})
            if action == "stop" and state.get("instances"):
                state = hosts[name].stop()
            self._show(name, state)

    def _show(self, name: str, state: dict[str, Any]) -> None:
        pids = [str(one["pid"]) for one in state.get("instances", ())]
        where = state.get("reason") or state.get("log_file", "")
        calls = state.get("calls", "")
        self.stdout.write(
            _COLUMNS.format(name, state["state"], ",".join(pids), str(calls), where).rstrip()
        )
