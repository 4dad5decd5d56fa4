"""hangerd: a server for programs that wait. Slots, scripts and hosts in one Twisted daemon."""
