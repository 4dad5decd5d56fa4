"""The names that users of js-host's Python package know: change the import, keep the code.

`from hangerd.client.js_host.function import Function`, and so on. See docs/js-host.md.
"""
