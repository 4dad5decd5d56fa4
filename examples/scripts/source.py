# The source of an example, and the example itself beside it. Only what is named here is shown.

from html import escape
from pathlib import Path

from _page import top
from hangerd.exceptions import NotFound

from hangerd import request

FOLDER = Path(__file__).parent
SHOWN = {
    "hello.py": [],
    "guess.py": [],
    "pack.py": [],
    "form.py": ["_page.py"],
    "upload.py": ["_page.py"],
    "together.py": [],
    "clock.py": ["_page.py"],
    "job.py": ["_page.py"],
    "render.py": ["../_hosts/host.config.js", "../hangerd.toml", "_page.py"],
    "react.py": ["../_hosts/react.config.js", "../hangerd.toml", "_page.py"],
    "counter.py": ["../_hosts/counter.py", "../hangerd.toml"],
}

name = request.query.get("of", [""])[0]
if name not in SHOWN:
    raise NotFound("There is no such example.")

print(top(name))
print('<div class="beside"><div>')
for file in [name, *SHOWN[name]]:
    source = (FOLDER / file).read_text(encoding="utf-8")
    print(f"<h2>{escape(Path(file).name)}</h2>")
    print(f"<pre tabindex=0><code>{escape(source)}</code></pre>")
print(f"""</div><div><h2><a href="{name}">What it does</a></h2>
<p><a href="../-/console/scripts/{name}" target="_top">Open as a terminal</a></p>
<iframe src="{name}" title="{name} at work"></iframe></div></div>""")
