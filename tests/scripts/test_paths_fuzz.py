"""Whatever is asked of whatever tree: what is served lies inside the root's real path."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from tempfile import mkdtemp

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from hangerd.scripts.disk import Disk
from hangerd.scripts.lookup import Kind
from hangerd.scripts.paths import Listing, PathRules, RootSettings, Script, StaticFile
from tests.scripts.tree import Tree

NAMES = ("a", "b.txt", "c.py", "d.html", "_p", ".h", ".well-known", "index.html", "index.py", "www")
ODD = (
    *(
        ".",
        "..",
        "...",
        "",
        "%2e",
        "%2e%2e",
        "..%2f",
        "%2f",
        "%5c..",
        "..\\",
        "..;",
        ".%00",
        "%C0%AE",
    ),
    *(
        "%EF%BC%8E%EF%BC%8E",
        "%E2%80%A5",
        "~",
        "%",
        "%25",
        "a%20b.txt",
        "x" * 260,
        "b.txt%00",
        "c.py%20",
    ),
)
WORDS = st.sampled_from(NAMES + ODD) | st.text(max_size=4)
TARGETS = st.builds(
    lambda start, words, end: start + "/".join(words) + end,
    st.sampled_from(("/", "", "//", "http://h/", "/../", "/./")),
    st.lists(WORDS, max_size=6),
    st.sampled_from(("", "/", "?q", "?../..", "/.")),
)
PATHS = st.lists(st.sampled_from(NAMES), min_size=1, max_size=3).map("/".join)
LINKS = st.lists(st.sampled_from((*NAMES, "..", "..", "/srv", "/etc")), min_size=1, max_size=3).map(
    "/".join
)
TREES = st.dictionaries(
    st.tuples(st.sampled_from(("/srv/www", "/srv", "/srv/www-evil", "/etc")), PATHS).map("/".join),
    st.just("") | LINKS,
    max_size=12,
)


class TreeFuzzTests(SynchronousTestCase):
    @settings(max_examples=600, deadline=None)
    @given(TREES, TARGETS, st.booleans(), st.booleans(), st.booleans())
    def test_served_paths_lie_inside(
        self, entries: dict[str, str], target: str, html: bool, scripts: bool, listing: bool
    ) -> None:
        tree = Tree({"/srv/www/": "", **entries})
        rules = PathRules(RootSettings("/srv/www", listing=listing), tree, scripts=scripts)
        decision = rules.decide(target.encode("utf-8", "surrogatepass"), accepts_html=html)
        if not isinstance(decision, (StaticFile, Script, Listing)):
            return
        root = tree.real_path("/srv/www").rstrip("/") + "/"
        paths = [decision.path]
        if isinstance(decision, StaticFile):
            paths += [path for _, path in decision.encoded]
        for path in paths:
            self.assertTrue(f"{path}/".startswith(root), (path, root))
            self.assertEqual(tree.real_path(path), path)
            expected = Kind.FOLDER if isinstance(decision, Listing) else Kind.FILE
            self.assertIs(tree.kind(path), expected)
        if isinstance(decision, Script):
            self.assertTrue(scripts)
            self.assertTrue(decision.script_name.endswith(".py"))
            self.assertNotIn("/_", decision.script_name)
            self.assertNotIn("..", decision.path_info)


class DiskFuzzTests(SynchronousTestCase):
    """The same on a real file system, with links that lead out in every way."""

    def setUp(self) -> None:
        top = Path(mkdtemp()).resolve()
        self.addCleanup(shutil.rmtree, top)
        self.root = top / "www"
        for folder in (
            self.root,
            self.root / "a",
            self.root / "_p",
            self.root / ".h",
            top / "www-evil",
        ):
            folder.mkdir(parents=True, exist_ok=True)
            for name in ("b.txt", "c.py", "index.html"):
                (folder / name).write_text("x")
        (top / "b.txt").write_text("outside")
        for name, target in (
            ("www", "../www-evil"),
            ("d.html", "../b.txt"),
            ("a/a", ".."),
            ("a/www", "../.."),
            ("a/d.html", str(top / "b.txt")),
            (".well-known", "a"),
        ):
            (self.root / name).symlink_to(target)
        self.rules = PathRules(RootSettings(str(self.root)), Disk())

    @settings(
        max_examples=600, deadline=None, suppress_health_check=[HealthCheck.differing_executors]
    )
    @given(TARGETS)
    def test_served_paths_lie_inside(self, target: str) -> None:
        decision = self.rules.decide(target.encode("utf-8", "surrogatepass"))
        if isinstance(decision, (StaticFile, Script)):
            real = os.path.realpath(decision.path)
            self.assertEqual(real, decision.path)
            self.assertEqual(os.path.commonpath([real, self.root]), str(self.root))
            self.assertTrue(Path(real).is_file())
            self.assertFalse({"_p", ".h"} & set(Path(real).parts))
