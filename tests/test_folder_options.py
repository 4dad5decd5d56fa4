"""What `python -m hangerd DIR` understands: kept, mapped, or refused by a line that names ours."""

from __future__ import annotations

from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from hangerd.errors import SettingsError
from hangerd.folder_options import REFUSED, SETTINGS, FolderOptions, read_folder_options
from hangerd.options import Options

# All that httpout and the server below it take, without --help and --version.
THEIRS = set(
    """host port bind worker-num thread-pool-size limit-memory ssl-cert ssl-key directory-index
debug log-level log-fmt loop shutdown-timeout no-ws ws-max-payload-size download-rate upload-rate
buffer-size client-max-body-size client-max-header-size max-queue-size request-timeout
keepalive-timeout keepalive-connections app-handler-timeout app-close-timeout backlog server-name
root-path reload experimental""".split()  # noqa: SIM905 - a table of names
)
KEPT = {"host", "port", "bind", "ssl-cert", "ssl-key", "debug", "reload", "no-ws"}


class FolderOptionsTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.folder = Path(self.mktemp())
        self.folder.mkdir()

    def read(self, *words: str) -> FolderOptions:
        environ = {"XDG_STATE_HOME": "/state"}
        return read_folder_options([*words, str(self.folder)], environ)

    def ports(self, *words: str) -> list[str]:
        flags = self.read(*words).flags
        return [flag.removeprefix("--port=") for flag in flags if flag.startswith("--port=")]

    def refusal(self, *words: str) -> SettingsError:
        error: SettingsError = self.assertRaises(SettingsError, self.read, *words)
        self.assertTrue(error.remedy)
        return error

    def test_every_option_of_theirs_has_an_answer(self) -> None:
        self.assertEqual({*KEPT, *SETTINGS, *REFUSED}, THEIRS)
        self.assertEqual(len(KEPT) + len(SETTINGS) + len(REFUSED), len(THEIRS))

    def test_without_options(self) -> None:
        flags = self.read().flags
        self.assertEqual(flags[0], f"--root={self.folder}")
        self.assertIn("--admin=none", flags)
        self.assertEqual(self.ports(), ["tcp:8000:interface=127.0.0.1"])
        [state] = [flag for flag in flags if flag.startswith("--state-dir=/state/hangerd/folders/")]
        again = self.read("--debug").flags
        self.assertIn(state, again)
        self.assertIn("--debug", again)

    def test_websockets(self) -> None:
        told = self.read("--no-ws", "--ws-max-payload-size=5").tables
        self.assertEqual(told, {"scripts": {"max_message": 5, "websockets": False}})

    def test_two_folders_have_two_states(self) -> None:
        other = Path(self.mktemp())
        other.mkdir()
        states = {read_folder_options([str(f)], {}).flags[-1] for f in (self.folder, other)}
        self.assertEqual(len(states), 2)

    def test_where_to_listen(self) -> None:
        for words, ports in (
            (("--host", "0.0.0.0", "--port=80"), ["tcp:80:interface=0.0.0.0"]),
            (("--host", "::1"), ["tcp:8000:interface=\\:\\:1"]),
            (("--bind", "a:1,[::]:2"), ["tcp:1:interface=a", "tcp:2:interface=\\:\\:"]),
            (("--bind", "/run/x, y.sock"), ["unix:/run/x.sock", "unix:y.sock"]),
            (
                ("--ssl-cert", "c:", "--ssl-key", "k"),
                ["ssl:8000:interface=127.0.0.1:certKey=c\\::privateKey=k"],
            ),
        ):
            self.assertEqual(self.ports(*words), ports)

    def test_where_nobody_can_listen(self) -> None:
        for place in ("a:b", "", "a:1,", "a:"):
            self.assertIn("Invalid --bind value", self.refusal("--bind", place).message)
        self.refusal("--ssl-cert", "c")
        self.refusal("--ssl-cert", "c", "--ssl-key", "k", "--bind", "/run/x")

    def test_settings_that_have_no_flag(self) -> None:
        told = self.read("--thread-pool-size", "7", "--shutdown-timeout=2", "--max-queue-size=9")
        self.assertEqual(
            told.tables, {"scripts": {"threads": 7, "queue": 9}, "shutdown_timeout": 2.0}
        )
        options = Options()
        options.parseOptions(["--debug"])
        options.set_further(told.tables)
        settings = options.settings
        self.assertEqual((settings.scripts.threads, settings.scripts.queue), (7, 9))
        self.assertEqual((settings.shutdown_timeout, settings.debug), (2.0, True))

    def test_they_lie_over_those_of_a_file(self) -> None:
        file = self.folder / "hangerd.toml"
        file.write_text("[scripts]\nthreads = 3\nqueue = 4\n")
        options = Options()
        options.parseOptions(["--config", str(file)])
        options.set_further({"scripts": {"threads": 7}})
        self.assertEqual((options.settings.scripts.threads, options.settings.scripts.queue), (7, 4))
        error = self.assertRaises(SettingsError, options.set_further, {"scripts": {"threads": 0}})
        self.assertTrue(error.message.startswith("scripts.threads: "), error.message)

    def test_what_is_refused(self) -> None:
        for name, remedy in REFUSED.items():
            for words in ((f"--{name}",), (f"--{name}=1",), (f"--{name}", "1")):
                error = self.refusal(*words)
                self.assertEqual((f"--{name} " in error.message, error.remedy), (True, remedy))
        self.assertIn("--colour", self.refusal("--colour").message)
        self.assertIn("--port", self.refusal("--port", "x").message)
        self.assertRaises(SettingsError, read_folder_options, [], {})
        error = self.assertRaises(SettingsError, read_folder_options, ["/no/such"], {})
        self.assertIn("/no/such", error.message)
