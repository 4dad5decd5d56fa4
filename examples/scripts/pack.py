# A script for a terminal: /-/console/scripts/pack.py. The line Arguments there is sys.argv here.

import sys
import time
from getpass import getpass

WIDTH = 24

things = sys.argv[1:] or ["socks", "book", "tea"]
name = input("Who is travelling? ")
print(f"Packing \x1b[1m{len(things)}\x1b[0m things for {name}.")

for thing in things:
    for done in range(WIDTH + 1):
        bar = f"\x1b[36m{'━' * done}\x1b[90m{'━' * (WIDTH - done)}\x1b[0m"
        print(f"\r{bar} {thing}", end="", flush=True)
        time.sleep(0.03)
    print(" \x1b[32mpacked\x1b[0m")

if len(things) < 4:
    print("That is a light bag.", file=sys.stderr)

word = getpass("A word for the lock: ")
print("Locked with", len(word), "letters. Have a good trip!")
