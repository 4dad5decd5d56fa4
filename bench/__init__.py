"""Measurements of hangerd beside the programs it stands in for: `make bench`."""
