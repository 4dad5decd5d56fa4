"""A folder of Python files as a web site: path rules, imports, output and runs."""
