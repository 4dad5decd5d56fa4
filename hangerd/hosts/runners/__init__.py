"""The programs that hangerd starts for hosts, and how to find what runs them.

`node/` and `python/` are programs of their own: they speak docs/wire.md and import nothing
of hangerd.
"""
