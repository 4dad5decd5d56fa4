# A clock over a websocket. The script is both: the page, and what the page's websocket talks to.

import asyncio
from datetime import UTC, datetime, timedelta

from _page import top

from hangerd import run, websocket

zone = {"hours": 0}  # a run's variables are its own: each visitor has a zone


async def tick():
    """Send the time at each full second; it ends when the visitor leaves."""
    while True:
        now = datetime.now(UTC)
        await websocket.send(f"{now + timedelta(hours=zone['hours']):%H:%M:%S}")
        await asyncio.sleep(1 - now.microsecond / 1e6)


async def listen():
    """Hear which zone the visitor has chosen, until he leaves."""
    async for message in websocket:
        zone["hours"] = max(-12, min(14, int(message)))


if websocket is not None:
    run(listen())  # the two share one thread with all other clocks
    run(tick())
else:
    offsets = "".join(
        f"<option value={hours}{' selected' * (hours == 0)}>UTC{hours:+d}</option>"
        for hours in range(-12, 15)
    )
    print(top("A clock"))
    print(f"""
<p id="clock" class="clock" role="timer">{datetime.now(UTC):%H:%M:%S}</p>
<form class="form"><label>Zone <select id="zone">{offsets}</select></label></form>
<p id="state" role="status">Without JavaScript the clock stands still.</p>
<script>
const by = id => document.getElementById(id);
by('state').textContent = 'Connecting.';
const socket = new WebSocket(location.href.replace(/^http/, 'ws'));
socket.onopen = () => {{ by('state').textContent = 'The daemon tells the time.'; choose(); }};
socket.onmessage = event => {{ by('clock').textContent = event.data; }};
socket.onclose = () => {{
  by('state').textContent =
    "There is no connection. Is the daemon there, with pip install 'hangerd[websocket]'?";
}};
const choose = () => socket.readyState === 1 && socket.send(by('zone').value);
by('zone').onchange = choose;
</script>""")
