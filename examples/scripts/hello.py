# What is printed is in the browser at once, not at the end.

import time

for word in ("Hello", "from", "a", "script", "that", "takes", "its", "time."):
    print(word, end=" ", flush=True)
    time.sleep(0.3)

print("\n\nPlain text becomes a page, \x1b[32mcolours\x1b[0m included.")
