# All three services: a slot brings the answer, a thread runs this script, a Node process renders.
# hangerd: output=html

import time

from _page import top

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
    if error.fault.code != "start":
        raise
    print("""<p class="card">This page wants Node.js, and there is none on this machine.
      Install Node.js 20 or later, or <code>pip install 'hangerd[js]'</code>; then reload.</p>""")
