# Coroutines, side by side: three waits of 1, 2 and 3 seconds take 3 seconds, not 6.

import asyncio
import time

from hangerd import run

began = time.monotonic()


async def boil(what, seconds):
    await asyncio.sleep(seconds)
    print(f"{what} is ready after {time.monotonic() - began:.1f} s")


async def breakfast():
    await asyncio.gather(boil("The tea", 1), boil("The toast", 2), boil("The egg", 3))
    print("Breakfast!")


print("Three things on the stove.")
run(breakfast())  # the page ends when the coroutine does
