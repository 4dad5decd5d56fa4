"""The page that a console script becomes: its text, its questions, how it ended. Only HTML in here.

It works without JavaScript: a form posts into a hidden frame, and what comes later in the stream
takes the form away. The style sheet is in the page, so that it holds from the first line on.
"""

from __future__ import annotations

import html
from dataclasses import dataclass

from hangerd.web.pages import load_text

_STYLE = """\
:root{color-scheme:light dark}
body{margin:0;padding:1rem;font:1rem/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
pre{margin:0;font:inherit;white-space:pre-wrap;overflow-wrap:anywhere}
pre s{text-decoration:none}
pre s:has(+.r){display:none}
form.ask{margin:0;display:flex;flex-wrap:wrap;gap:.5rem;align-items:baseline}
form.ask label{white-space:pre-wrap}
form.ask input{font:inherit;flex:1 1 12rem;min-width:0;padding:.3rem .5rem}
form.ask button{font:inherit;padding:.3rem .8rem}
kbd{font:inherit;font-weight:bold}
.end{margin-top:1rem;opacity:.75}
.end[role=alert]{opacity:1;color:light-dark(#a40000,#ff9d9d)}
"""
_COLOURS = load_text("terminal/colours.css")

_SCRIPT = """\
addEventListener('submit',e=>{setTimeout(()=>{for(const x of e.target.elements)x.disabled=true})});
addEventListener('keydown',e=>{const f=e.target.form;
if(!f||!f.matches('form.ask')||!e.ctrlKey)return;
if(e.key==='d'&&!e.target.value){e.preventDefault();f.querySelector('[value=eof]').click()}
if(e.key==='c'&&e.target.selectionStart===e.target.selectionEnd){e.preventDefault();
fetch(f.dataset.close+'?reason=interrupt',{method:'POST'})}});
"""


@dataclass(frozen=True)
class Asked:
    """A question in the page: `base` leads from the page to `/hanger/<token>/`."""

    number: int
    base: str
    prompt: str
    password: bool


def opening(title: str, nonce: str) -> str:
    """Return all that comes before the first line of text."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{_STYLE}{_COLOURS}</style>"
        f'<script nonce="{nonce}">{_SCRIPT}</script></head>\n<body><main>{text_opening()}'
    )


def text_opening() -> str:
    """Open a stretch of text."""
    return "<pre><s>"


def text_closing() -> str:
    """Close a stretch of text."""
    return "</s></pre>"


def frame() -> str:
    """Return the hidden frame that forms post into, to be sent once."""
    return '<iframe name="hangerd-answers" title="answers" hidden></iframe>'


def question(asked: Asked, nonce: str) -> str:
    """Return the form for one line."""
    kind = "password" if asked.password else "text"
    name = f"hangerd-{asked.number}"
    label = html.escape(asked.prompt) or "input"
    hidden = "" if asked.prompt else ' style="position:absolute;left:-99rem"'
    return (
        f'<form class="ask" id="{name}" method="post" action="{asked.base}answer/"'
        f' data-close="{asked.base}close/" target="hangerd-answers">'
        f'<label for="{name}-line"{hidden}>{label}</label>'
        f'<input id="{name}-line" name="line" type="{kind}" autocomplete="off"'
        ' autocapitalize="off" spellcheck="false" autofocus>'
        "<button>Enter</button>"
        f'<button formaction="{asked.base}close/?reason=eof" value="eof"'
        ' title="No more input (Ctrl+D)">End</button></form>'
        f'<script nonce="{nonce}">document.getElementById("{name}-line").focus()</script>\n'
    )


def answered(asked: Asked, line: str | None) -> str:
    """Take the form away, and leave a line that can be read later."""
    said = "" if line is None or asked.password else html.escape(line)
    return (
        f"<style>#hangerd-{asked.number}{{display:none}}</style>"
        f"<pre>{html.escape(asked.prompt)}<kbd>{said}</kbd>\n</pre>"
    )


def closing(note: str = "", *, alarm: bool = False) -> str:
    """Return the end of the page, with a note on how the script ended."""
    role = ' role="alert"' if alarm else ""
    shown = f'<p class="end"{role}>{html.escape(note)}</p>' if note else ""
    return f"{shown}</main></body></html>\n"
