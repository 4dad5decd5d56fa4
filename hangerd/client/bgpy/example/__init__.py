"""Tasks to try a server with."""

from hangerd.client.bgpy.example.tasks import exec_task, exit_task, init_task

__all__ = ["exec_task", "exit_task", "init_task"]
