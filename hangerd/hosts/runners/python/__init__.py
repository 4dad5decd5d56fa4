"""The program of a python host: stdlib only, run by whatever interpreter the spec names.

hangerd starts the folder (`<interpreter> .../runners/python`), so nothing here imports hangerd,
which that interpreter need not have. What most processes never need is imported where it is used,
and os.path serves instead of pathlib: a start takes 30 ms, not 60.
"""
