"""Which HTTP channel the daemons of the tests run on: ours, or with HANGERD_TEST_CHANNEL another.

`make integration-twisted` sets it to "twisted". It concerns every `Daemon`, and so what
`start_daemon` starts. As the settings of each test say go daemons that tests start by other means:
twistd by hand (test_start.py), the commands of README and docs/operations.md, a folder's command,
and the daemons that programs start for themselves (client/test_spawning.py, js_host, bgpy).
"""

from __future__ import annotations

import os
import tomllib

import pytest

CHANNEL = os.environ.get("HANGERD_TEST_CHANNEL", "hangerd")


def on_channel(settings: str, channel: str = CHANNEL) -> str:
    """Give settings (TOML) with a channel, where they name none themselves."""
    http = tomllib.loads(settings).get("http", {})
    if channel == "hangerd" or "channel" in http:
        return settings
    line = f'channel = "{channel}"\n'
    if http:
        return settings.replace("[http]\n", f"[http]\n{line}", 1)
    return f"{settings}\n[http]\n{line}"


def skip_others(items: list[pytest.Item]) -> None:
    """Skip the tests that are marked `own_channel(why)`, where the daemons run on another."""
    for item in items:
        mark = item.get_closest_marker("own_channel")
        if mark is not None and CHANNEL != "hangerd":
            (why,) = mark.args
            item.add_marker(pytest.mark.skip(reason=f"about hangerd's own channel: {why}"))
