"""What `import hangerd.client` costs: it brings in nothing that only some programs need."""

from __future__ import annotations

import json
import subprocess
import sys

from twisted.trial.unittest import SynchronousTestCase

HEAVY = ("asyncio", "cloudpickle", "http.client", "httptools", "pickle", "ssl", "subprocess")


class ImportTests(SynchronousTestCase):
    def imported(self, statement: str) -> set[str]:
        source = f"import sys, json; {statement}; print(json.dumps([*sys.modules]))"
        found = subprocess.run([sys.executable, "-c", source], capture_output=True, check=True)
        return set(json.loads(found.stdout))

    def test_the_client_is_light(self) -> None:
        found = self.imported("import hangerd.client")
        self.assertIn("hangerd.client.sync", found)
        self.assertEqual([name for name in HEAVY if name in found], [])
        self.assertEqual([name for name in found if name.partition(".")[0] == "twisted"], [])
