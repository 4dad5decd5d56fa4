# A file of numbers comes in, a plot goes out: an SVG image, with no package for it.

import math
import re
from base64 import b64encode

from _page import top

from hangerd import request, wait

WIDTH, HEIGHT = 640, 240


async def uploaded():
    """Return the numbers in the first file; a large file would come in several parts."""
    data = b""
    async for part in request.files(max_file_size=1_000_000):
        data += part["data"]
    words = re.findall(r"-?\d+(?:\.\d+)?", data.decode("utf-8", "replace"))
    return [float(word) for word in words]


def plot(numbers):
    """Return an <img> with a line through the numbers."""
    low, high = min(numbers), max(numbers)
    step, scale = WIDTH / max(1, len(numbers) - 1), HEIGHT / ((high - low) or 1)
    points = " ".join(f"{i * step:.1f},{(high - n) * scale:.1f}" for i, n in enumerate(numbers))
    svg = f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="-8 -8 {WIDTH + 16} {HEIGHT + 16}">
      <polyline points="{points}" fill="none" stroke="#0a8a74" stroke-width="3"/></svg>"""
    source = b64encode(svg.encode()).decode()
    told = f"{len(numbers)} numbers from {low:g} to {high:g}"
    return f"""<figure class="card"><img src="data:image/svg+xml;base64,{source}"
      alt="A line plot of {told}">
      <figcaption>{told}</figcaption></figure>"""


print(top("A plot of your numbers"))
numbers = wait(uploaded()) if request.method == b"POST" else []
if request.method == b"POST" and not numbers:
    print('<p role="alert" class="card">No number is in this file. Here is a sine instead.</p>')
print(plot(numbers or [math.sin(x / 8) for x in range(101)]))
print("""
<form method="post" enctype="multipart/form-data" class="form">
  <label>A text or CSV file with numbers <input type="file" name="file" required></label>
  <button>Plot it</button>
</form>""")
