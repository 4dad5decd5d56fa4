"""Scripts: a folder of Python files is a web site; print() reaches the visitor, input() asks."""
