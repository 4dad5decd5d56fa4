"""What the Brython Runner's own hanger does, on aiohttp: slots in a dictionary, polled each second.

Run it with --port (0 for any): POST /hanger/open/ gives a token, POST /hanger/TOKEN/write/ puts the
body into the slot and gives the token or 404, POST /hanger/TOKEN/read/ gives the data as soon as
there is some, and the slot is used up.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import string

from aiohttp import web

CORS = {"Access-Control-Allow-Origin": "*"}
LETTERS = string.ascii_lowercase + string.digits
SLOTS = web.AppKey("slots", dict[str, str | None])


async def open_slot(request: web.Request) -> web.Response:
    token = "".join(random.choices(LETTERS, k=16))
    request.app[SLOTS][token] = None
    return web.Response(text=token, headers=CORS)


async def write(request: web.Request) -> web.Response:
    slots, token = request.app[SLOTS], request.match_info["token"]
    if token not in slots:
        raise web.HTTPNotFound
    slots[token] = await request.text()
    return web.Response(text=token, headers=CORS)


async def read(request: web.Request) -> web.Response:
    slots, token = request.app[SLOTS], request.match_info["token"]
    while token in slots:
        data = slots[token]
        if data is not None:
            del slots[token]
            return web.Response(text=data, headers=CORS)
        await asyncio.sleep(1)
    raise web.HTTPNotFound


def make_app() -> web.Application:
    app = web.Application()
    app[SLOTS] = {}
    app.router.add_post("/hanger/open/", open_slot)
    app.router.add_post("/hanger/{token}/write/", write)
    app.router.add_post("/hanger/{token}/read/", read)
    return app


async def serve(port: int) -> None:
    """Serve until killed; the port is said in one line."""
    runner = web.AppRunner(make_app())
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port, backlog=1024)
    await site.start()
    print(json.dumps(runner.addresses[0][1]), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--port", type=int, default=0)
    asyncio.run(serve(parser.parse_args().port))
