"""Hosts: long-lived Node and Python processes, started on demand, supervised, called by name."""
