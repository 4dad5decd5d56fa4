from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from hangerd.scripts.mime import CONTENT_TYPES, content_type_of, extension_of, is_text

SERVED = [
    "html",
    "css",
    "js",
    "mjs",
    "json",
    "map",
    "wasm",
    "zip",
    "whl",
    "txt",
    "md",
    "svg",
    "png",
    "jpg",
    "jpeg",
    "gif",
    "webp",
    "avif",
    "ico",
    "pdf",
    "mp3",
    "mp4",
    "webm",
    "woff",
    "woff2",
    "ttf",
    "csv",
    "xml",
    "webmanifest",
]
SOURCES = [
    "py",
    "pyc",
    "pyo",
    "pyw",
    "pyi",
    "pyx",
    "so",
    "php",
    "php5",
    "phtml",
    "phar",
    "inc",
    "sh",
    "bash",
    "zsh",
    "csh",
    "ksh",
    "fish",
    "pl",
    "pm",
    "cgi",
    "fcgi",
    "rb",
    "erb",
    "jsp",
    "jspx",
    "asp",
    "aspx",
    "ashx",
    "cfm",
    "lua",
    "tcl",
    "jar",
    "war",
    "class",
    "exe",
    "dll",
    "bat",
    "cmd",
    "ps1",
    "sql",
    "sqlite",
    "db",
    "ini",
    "conf",
    "cfg",
    "toml",
    "yaml",
    "yml",
    "env",
    "htaccess",
    "pem",
    "key",
    "crt",
    "bak",
    "old",
    "orig",
    "swp",
    "tpl",
    "j2",
    "jinja",
    "go",
    "rs",
    "c",
    "h",
    "java",
    "ts",
]


class ContentTypeTests(SynchronousTestCase):
    def test_what_a_site_is_made_of(self) -> None:
        for extension in SERVED:
            self.assertIsNotNone(content_type_of(f"a.{extension}"), extension)

    def test_what_a_server_runs_is_never_shown(self) -> None:
        for extension in SOURCES:
            for name in (f"a.{extension}", f"a.txt.{extension}", f"a.{extension.upper()}"):
                self.assertIsNone(content_type_of(name), name)

    def test_nor_under_a_compression(self) -> None:
        for name in ("a.php.gz", "a.py.br", "a.sh.xz", "a.php.txt.sh.gz.gz", "a.PHP.GZ"):
            self.assertIsNone(content_type_of(name), name)
        for name in ("a.tar.gz", "a.js.br", "dump.gz"):
            self.assertIsNotNone(content_type_of(name), name)

    def test_case_does_not_matter(self) -> None:
        self.assertEqual(content_type_of("A.TXT"), content_type_of("a.txt"))

    def test_text_says_its_encoding(self) -> None:
        for name in ("a.html", "a.css", "a.js", "a.txt", "a.csv", "LICENSE"):
            self.assertIn("charset=utf-8", content_type_of(name) or "")

    def test_no_extension_is_text(self) -> None:
        self.assertEqual(content_type_of("LICENSE"), "text/plain; charset=utf-8")
        self.assertIsNone(content_type_of("a."))

    def test_the_table_is_as_the_lookup_needs_it(self) -> None:
        for extension, content_type in CONTENT_TYPES.items():
            self.assertRegex(extension, r"^\.[a-z0-9]+$")
            self.assertRegex(content_type, r"^[a-z]+/[a-z0-9.+-]+(; charset=utf-8)?$")


class ExtensionTests(SynchronousTestCase):
    def test_last_one_as_written(self) -> None:
        for name, extension in (
            ("a.b.TXT", ".TXT"),
            ("a", ""),
            ("a.", "."),
            (".well-known", ".well-known"),
        ):
            self.assertEqual((name, extension_of(name)), (name, extension))


class IsTextTests(SynchronousTestCase):
    def test_what_packs_well(self) -> None:
        for name, text in (
            *(("a.html", True), ("a.js", True), ("a.json", True), ("a.svg", True), ("a.md", True)),
            *(("a.webmanifest", True), ("a.png", False), ("a.zip", False), ("a.wasm", False)),
        ):
            self.assertEqual((name, is_text(content_type_of(name) or "")), (name, text))
