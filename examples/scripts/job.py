# A long job with a progress bar. No JavaScript: each print gives the page one more line of style.

import time

from _page import top

from hangerd import request

STEPS = 40

print(top("A long job"))
print('<div class="bar" role="img" aria-label="Progress"></div>')
for step in range(1, STEPS + 1):
    time.sleep(0.1)  # here would be the work
    print(f"<style>.bar {{ --done: {100 * step / STEPS:g}% }}</style>")
    if request.disconnected:
        break  # not needed: a print to a visitor who has left ends the script by itself
print("<p>Done. <a href='job.py'>Once more</a></p>")
