"""Hosts over HTTP: their routes, their calls, and what js-host's clients speak."""
