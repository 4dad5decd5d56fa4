# All three services: a slot brings the answer, a thread runs this script, a Node process renders.
# hangerd: output=html

import time

from _page import top, what_is_missing

from hangerd import CallError, hosts

print(top("Rendered by Node"))
name = input("What is your name? ")
print('<div class="bar" role="img" aria-label="Progress"></div>')
for done in range(10, 101, 10):
    time.sleep(0.1)
    print(f"<style>.bar {{ --done: {done}% }}</style>")

try:
    print(hosts["render"].call("card", name=name))
except CallError as error:
    print(what_is_missing(error))
