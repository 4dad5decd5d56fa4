"""Holds a host by the socket of the daemon, says so, and does nothing more until it is killed."""

import json
import signal
import socket
import sys

path, host = sys.argv[1:]
sock = socket.socket(socket.AF_UNIX)
sock.connect(path)
for header in ({"op": "hello", "protocol": 1}, {"op": "lease", "id": 1, "host": host}):
    text = json.dumps(header).encode()
    sock.sendall(len(text + b"1234").to_bytes(4, "big") + len(text).to_bytes(4, "big") + text)
came = b""
while b'"state":"ready"' not in came:
    data = sock.recv(65536)
    if not data:
        sys.exit(f"the daemon closed: {came!r}")
    came += data
print("held", flush=True)
signal.pause()
