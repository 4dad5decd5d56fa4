"""What the HTML examples begin with. A name with an underscore can be imported, and has no URL."""

from html import escape


def top(title):
    """Return the head of a page and its title."""
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)} - hangerd</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="../style.css">
<p><a class="home" href="../" target="_top">hangerd</a></p>
<h1>{escape(title)}</h1>"""


def what_is_missing(error):
    """Return what to install for a host that could not start; raise any other error."""
    if error.fault.type == "LaunchError":
        return """<p class="card">This page wants Node.js, and there is none on this machine.
          Install Node.js 20 or later, or <code>pip install 'hangerd[js]'</code>;
          then reload.</p>"""
    if "Cannot find module 'react" in error.fault.message:
        return """<p class="card">This page wants React, which is not there yet.
          Run <code>npm install --prefix examples</code>; then reload.</p>"""
    raise error
