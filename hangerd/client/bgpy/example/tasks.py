"""A number that clients raise and lower, and a count of their requests."""

from __future__ import annotations

from typing import Any

from hangerd.hosts.runners.python.standin import ClientSocket, respond

State = dict[str, Any]


def init_task() -> State:
    """Begin at 1000."""
    return {"request_count": 0, "value": 1000}


def exec_task(client_socket: ClientSocket, init_args: State, exec_args: State) -> State:
    """Do a command, "increase" or "decrease", by `value_change`."""
    sign = {"increase": 1, "decrease": -1}.get(exec_args["command"], 0)
    change = sign * exec_args["value_change"] if sign else 0
    return {
        **init_args,
        "request_count": init_args["request_count"] + 1,
        "value": init_args["value"] + change,
    }


def exit_task(client_socket: ClientSocket, init_args: State, exit_args: State) -> None:
    """Respond with the last state."""
    count = init_args["request_count"] + 1
    respond(client_socket, {**init_args, "request_count": count, "status": "Exited."})
