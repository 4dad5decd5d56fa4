"""Websockets (RFC 6455): upgrades, the wire, and the script that a visitor speaks to."""
