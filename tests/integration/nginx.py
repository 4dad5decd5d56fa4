"""A real nginx with our etc/nginx.conf, in front of a daemon."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.integration.parts import ROOT, require


class Nginx:
    """Serves on a port of the system's choice until it is stopped.

    nginx cannot choose a port itself, but takes over a listening socket as in an upgrade of its
    binary: by number, in the variable NGINX.
    """

    def __init__(
        self,
        folder: Path,
        daemon_port: int,
        *,
        read_timeout: str = "30s",
        edits: Mapping[str, str] | None = None,
    ) -> None:
        self.folder = folder
        program = require("nginx")
        listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port: int = listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        shutil.copy(ROOT / "etc" / "nginx.conf", folder)
        text = (ROOT / "etc" / "nginx-site.conf").read_text()
        for ours, theirs in {
            "listen 80;": f"listen 127.0.0.1:{self.port};",
            "server 127.0.0.1:9095;": f"server 127.0.0.1:{daemon_port};",
            "proxy_read_timeout 30s;": f"proxy_read_timeout {read_timeout};",
            "/var/log/nginx/": f"{folder}/",
            **(edits or {}),
        }.items():
            assert ours in text, ours
            text = text.replace(ours, theirs)
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        text += "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
        (folder / "nginx-site.conf").write_text(text)
        main = re.sub(
            r"^pid .*", f"pid {folder}/pid;", (folder / "nginx.conf").read_text(), flags=8
        )
        (folder / "nginx.conf").write_text(main)
        # One worker, so that ending it is quick, and its memory can be looked at.
        options = "daemon off; worker_processes 1;"
        (folder / "nginx.conf").write_text(main.replace("worker_processes auto;\n", ""))
        with listener, (folder / "stderr").open("wb") as err:
            self._process = subprocess.Popen(
                [program, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-g", options],
                env={**os.environ, "NGINX": f"{listener.fileno()};"},
                pass_fds=[listener.fileno()],
                stderr=err,
            )
            # Who connects from now on is served when nginx is ready, as the socket listens.

    def log(self) -> str:
        """Its access log and error logs."""
        names = ("hangerd.log", "hangerd-error.log", "stderr")
        return "".join((self.folder / name).read_text() for name in names)

    def stop(self) -> None:
        """End it, with its worker."""
        self._process.terminate()
        self._process.wait(30)
