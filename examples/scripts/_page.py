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
