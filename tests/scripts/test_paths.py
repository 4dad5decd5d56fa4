from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from hangerd.scripts.paths import (
    KNOWN_SCRIPTS,
    MAX_KNOWN,
    Decision,
    Listing,
    PathRules,
    Redirect,
    Refused,
    RootSettings,
    Script,
    StaticFile,
)
from tests.scripts.tree import Tree

ROOT = "/srv/www"
TEXT = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"
TRAVERSAL = Refused(403, "Path traversal is not allowed")
UNSAFE = Refused(403, "Unsafe URL detected")

TREE = Tree(
    {
        f"{ROOT}/index.html": "",
        f"{ROOT}/a.txt": "",
        f"{ROOT}/UPPER.TXT": "",
        f"{ROOT}/LICENSE": "",
        f"{ROOT}/dot.": "",
        f"{ROOT}/hello.py": "",
        f"{ROOT}/SHOUT.PY": "",
        f"{ROOT}/x.php": "",
        f"{ROOT}/home/index.py": "",
        f"{ROOT}/home/index.html": "",
        f"{ROOT}/both/index.html": "",
        f"{ROOT}/empty/": "",
        f"{ROOT}/v1.2/a.txt": "",
        f"{ROOT}/v1.2/index.html": "",
        f"{ROOT}/pack.py/a.txt": "",
        f"{ROOT}/pack.py/index.html": "",
        f"{ROOT}/pack.py/run.py": "",
        f"{ROOT}/_priv/a.txt": "",
        f"{ROOT}/_priv/index.html": "",
        f"{ROOT}/__globals__.py": "",
        f"{ROOT}/bar/__init__.py": "",
        f"{ROOT}/.env": "",
        f"{ROOT}/.well-known/security.txt": "",
        f"{ROOT}/sp ace.txt": "",
        f"{ROOT}/{'d' * 125}/{'f' * 124}.txt": "",
        f"{ROOT}/{'d' * 125}/{'f' * 125}.txt": "",
        f"{ROOT}/app.js": "",
        f"{ROOT}/app.js.gz": "",
        f"{ROOT}/app.js.br": "",
        f"{ROOT}/lib.js": "",
        f"{ROOT}/lib.js.gz": "/srv/secret.gz",
        f"{ROOT}/lib.js.br": f"{ROOT}/app.js.br",
        f"{ROOT}/inside.txt": "a.txt",
        f"{ROOT}/source.txt": "hello.py",
        f"{ROOT}/run.py": "home/index.py",
        f"{ROOT}/out.txt": "/etc/passwd",
        f"{ROOT}/up.txt": "../secret.txt",
        f"{ROOT}/sibling": "/srv/www-evil",
        f"{ROOT}/loop": "loop",
        f"{ROOT}/outindex/index.html": "/etc/passwd",
        "/srv/secret.txt": "",
        "/srv/secret.gz": "",
        "/srv/www-evil/a.txt": "",
        "/srv/www-evil/index.html": "",
        "/etc/passwd": "",
    }
)


def missing(target: str) -> Refused:
    return Refused(404, f"URL not found: {target}")


class PathRulesTests(SynchronousTestCase):
    def decide(self, target: str, *, html: bool = False, scripts: bool = True) -> Decision:
        rules = PathRules(RootSettings(ROOT), TREE, scripts=scripts)
        return rules.decide(target.encode(), accepts_html=html)

    def assert_static(self, target: str, path: str, content_type: str = TEXT) -> None:
        expected = StaticFile(f"{ROOT}/{path}", content_type)
        self.assertEqual((target, self.decide(target)), (target, expected))

    def assert_missing(self, *targets: str) -> None:
        for target in targets:
            self.assertEqual(self.decide(target), missing(target))


class StaticTests(PathRulesTests):
    def test_files(self) -> None:
        self.assert_static("/a.txt", "a.txt")
        self.assert_static("/a.txt?x=/../y", "a.txt")
        self.assert_static("//a.txt", "a.txt")
        self.assert_static("http://any.host/a.txt", "a.txt")
        self.assert_static("/UPPER.TXT", "UPPER.TXT")
        self.assert_static("/LICENSE", "LICENSE")
        self.assert_static("/sp%20ace.txt", "sp ace.txt")
        self.assert_static("/v1.2/a.txt", "v1.2/a.txt")
        self.assert_static("/.well-known/security.txt", ".well-known/security.txt")
        self.assert_static("/index.html", "index.html", HTML)

    def test_a_slash_after_a_file_is_no_folder(self) -> None:
        self.assert_missing("/a.txt/", "/LICENSE/", "/a.txt/b")

    def test_unknown_types(self) -> None:
        for target, extension in (("/x.php", ".php"), ("/SHOUT.PY", ".PY"), ("/dot.", ".")):
            expected = Refused(403, f"Disallowed file extension: {extension}")
            self.assertEqual((target, self.decide(target)), (target, expected))

    def test_a_type_is_only_judged_where_a_file_is(self) -> None:
        self.assert_missing("/none.php")

    def test_what_is_missing_is_shown_escaped(self) -> None:
        self.assertEqual(
            self.decide("/none?<a href=\"'&"),
            missing("/none?&lt;a href=&quot;&#x27;&amp;"),
        )

    def test_compressed_twins(self) -> None:
        script = "text/javascript; charset=utf-8"
        twins = (("br", f"{ROOT}/app.js.br"), ("gzip", f"{ROOT}/app.js.gz"))
        self.assertEqual(self.decide("/app.js"), StaticFile(f"{ROOT}/app.js", script, twins))

    def test_a_twin_is_resolved_and_stays_inside(self) -> None:
        decision = self.decide("/lib.js")
        assert isinstance(decision, StaticFile)
        self.assertEqual(decision.encoded, (("br", f"{ROOT}/app.js.br"),))

    def test_length(self) -> None:
        longest, longer = f"/{'d' * 125}/{'f' * 124}.txt", f"/{'d' * 125}/{'f' * 125}.txt"
        self.assertEqual((len(longest), len(longer)), (255, 256))
        self.assert_static(longest, longest[1:])
        self.assertEqual(self.decide(longer), UNSAFE)
        self.assertEqual(self.decide("/q" * 128), UNSAFE)
        self.assert_missing("/" + "%C3%B1" * 127)
        self.assertEqual(self.decide("/" + "%C3%B1" * 128), UNSAFE)


class PrivateTests(PathRulesTests):
    def test_underscores_at_any_depth(self) -> None:
        self.assert_missing(
            "/__globals__.py", "/bar/__init__.py", "/_priv/a.txt", "/_priv/", "/_priv"
        )
        self.assert_missing("/__globals__.py/info", "/_none")

    def test_dots(self) -> None:
        for target in ("/.env", "/a/../.env", "/./a.txt"):
            self.assertEqual(self.decide(target), Refused(403, "Access to dotfiles is prohibited"))

    def test_targets_that_are_no_path(self) -> None:
        self.assertEqual(self.decide(".env"), Refused(400, "Bad Request"))
        self.assertEqual(self.decide("a.txt"), Refused(400, "Bad Request"))


class LinkTests(PathRulesTests):
    def test_inside_they_are_followed(self) -> None:
        self.assert_static("/inside.txt", "a.txt")
        self.assert_static("/source.txt", "hello.py")
        self.assertEqual(self.decide("/run.py"), Script(f"{ROOT}/home/index.py", "/run.py"))

    def test_outside_they_are_refused(self) -> None:
        for target in (
            "/out.txt",
            "/up.txt",
            "/sibling",
            "/sibling/a.txt",
            "/sibling/",
            "/outindex/",
        ):
            self.assertEqual((target, self.decide(target)), (target, TRAVERSAL))

    def test_outside_nothing_is_told_about_existence(self) -> None:
        self.assertEqual(self.decide("/sibling/none.txt"), TRAVERSAL)
        self.assertEqual(self.decide("/sibling/x.py/info"), TRAVERSAL)

    def test_a_loop_is_nothing(self) -> None:
        self.assert_missing("/loop", "/loop/a.txt")

    def test_an_operator_may_allow_them(self) -> None:
        rules = PathRules(RootSettings(ROOT, follow_symlinks=True), TREE)
        self.assertEqual(rules.decide(b"/up.txt"), StaticFile("/srv/secret.txt", TEXT))
        self.assertEqual(rules.decide(b"/sibling/a.txt"), StaticFile("/srv/www-evil/a.txt", TEXT))

    def test_the_root_may_be_a_link(self) -> None:
        tree = Tree({"/www": "/data/site", "/data/site/a.txt": ""})
        rules = PathRules(RootSettings("/www"), tree)
        self.assertEqual(rules.decide(b"/a.txt"), StaticFile("/data/site/a.txt", TEXT))

    def test_the_root_may_be_the_root(self) -> None:
        rules = PathRules(RootSettings("/"), Tree({"/a.txt": "", "/index.html": ""}))
        self.assertEqual(rules.decide(b"/a.txt"), StaticFile("/a.txt", TEXT))
        self.assertEqual(rules.decide(b"/"), StaticFile("/index.html", HTML))


class FolderTests(PathRulesTests):
    def test_index(self) -> None:
        self.assert_static("/", "index.html", HTML)
        self.assert_static("/both/", "both/index.html", HTML)
        self.assert_static("/both", "both/index.html", HTML)
        self.assert_static("/v1.2/", "v1.2/index.html", HTML)
        self.assertEqual(self.decide("/home/"), Script(f"{ROOT}/home/index.py", "/home/index.py"))
        self.assertEqual(self.decide("/home"), Script(f"{ROOT}/home/index.py", "/home/index.py"))

    def test_a_page_is_asked_for_with_a_slash(self) -> None:
        for target, location in (
            ("/home", b"home/"),
            ("/both?a=1&b", b"both/?a=1&b"),
            ("//both", b"both/"),
            ("http://host/both", b"both/"),
            ("/v1.2", b"v1.2/"),
            ("/pack.py", b"pack.py/"),
        ):
            self.assertEqual((target, self.decide(target, html=True)), (target, Redirect(location)))
        for target in ("/", "/both/", "//"):
            self.assertIsInstance(self.decide(target, html=True), StaticFile)

    def test_no_index(self) -> None:
        self.assert_missing("/empty", "/empty/")
        self.assertEqual(self.decide("/empty", html=True), missing("/empty"))

    def test_other_names_for_the_index(self) -> None:
        rules = PathRules(RootSettings(ROOT, directory_index=("a.txt",)), TREE)
        self.assertEqual(rules.decide(b"/v1.2/"), StaticFile(f"{ROOT}/v1.2/a.txt", TEXT))


class ScriptTests(PathRulesTests):
    def test_path_info(self) -> None:
        for target, info, raw in (
            ("/hello.py", "", b""),
            ("/hello.py?a/b", "", b""),
            ("/hello.py/", "/", b"/"),
            ("/hello.py/a/b", "/a/b", b"/a/b"),
            ("//hello.py/path//info///", "/path/info", b"/path//info///"),
            ("/hello.py/a%20b/", "/a b", b"/a%20b/"),
            ("/hello.py/%C3%B1", "/ñ", b"/%C3%B1"),
            ("/hello.py/_edit", "/_edit", b"/_edit"),
            ("/hello.py/other.py/x", "/other.py/x", b"/other.py/x"),
            ("/hello.py//", "/", b"//"),
        ):
            expected = Script(f"{ROOT}/hello.py", "/hello.py", info, raw)
            self.assertEqual((target, self.decide(target)), (target, expected))

    def test_path_info_keeps_to_the_rules_for_names(self) -> None:
        for info in ("a%2e", "a%00b", "a\\b", "a..b", "%C0%AE", "a;b"):
            self.assertEqual((info, self.decide(f"/hello.py/{info}")), (info, UNSAFE))
        self.assertEqual(self.decide("/hello.py/../x").__class__, Refused)

    def test_length_of_path_info(self) -> None:
        self.assertIsInstance(self.decide("/hello.py/" + "a" * 4095), Script)
        self.assertEqual(self.decide("/hello.py/" + "a" * 4096), UNSAFE)
        self.assertEqual(self.decide("/hello.py" + "/a" * 4096), UNSAFE)
        self.assertEqual(self.decide("/hello.py" + "/" * 8192), UNSAFE)

    def test_a_folder_called_like_a_script(self) -> None:
        self.assert_static("/pack.py/a.txt", "pack.py/a.txt")
        self.assert_static("/pack.py/", "pack.py/index.html", HTML)
        expected = Script(f"{ROOT}/pack.py/run.py", "/pack.py/run.py", "/info", b"/info")
        self.assertEqual(self.decide("/pack.py/run.py/info"), expected)

    def test_no_other_script_is_looked_for(self) -> None:
        self.assert_missing("/none.py", "/none.py/hello.py", "/none.py/")

    def test_without_scripts_they_are_not_there(self) -> None:
        for target in ("/hello.py", "/hello.py/info", "/run.py", "/home/index.py"):
            self.assertEqual(self.decide(target, scripts=False), missing(target))
        self.assertEqual(
            self.decide("/home/", scripts=False), StaticFile(f"{ROOT}/home/index.html", HTML)
        )


class ListingTests(PathRulesTests):
    def decide(self, target: str, *, html: bool = False, scripts: bool = True) -> Decision:
        rules = PathRules(RootSettings(ROOT, listing=True), TREE, scripts=scripts)
        return rules.decide(target.encode(), accepts_html=html)

    def test_a_folder_without_an_index(self) -> None:
        expected = Listing(f"{ROOT}/empty", b"/empty/")
        self.assertEqual(self.decide("/empty/?a"), expected)
        self.assertEqual(self.decide("/empty"), expected)
        self.assertEqual(self.decide("/empty/", html=True), expected)
        self.assertEqual(self.decide("/empty?a", html=True), Redirect(b"empty/?a"))

    def test_an_index_wins(self) -> None:
        self.assert_static("/both/", "both/index.html", HTML)

    def test_private_and_outer_folders_are_not_listed(self) -> None:
        self.assert_missing("/_priv/", "/_none/")
        self.assertEqual(self.decide("/sibling/"), TRAVERSAL)
        self.assertEqual(self.decide("/.well-known/.git/").__class__, Refused)


class KnownScriptTests(SynchronousTestCase):
    """A script that was found before is decided by less, and never differently."""

    def setUp(self) -> None:
        self.tree = Tree({f"{ROOT}/a/b.py": "", f"{ROOT}/c.py": "", f"{ROOT}/d.py": "c.py"})
        self.rules = PathRules(RootSettings(ROOT), self.tree)

    def decide(self, target: bytes) -> Decision:
        found = self.rules.decide(target)
        self.assertEqual(found, PathRules(RootSettings(ROOT), self.tree).decide(target))
        self.assertEqual(found, self.rules.decide(target))
        return found

    def test_the_way_is_asked_for_instead_of_the_rules(self) -> None:
        for target in (b"/a/b.py", b"/a/b.py/more/", b"/c.py?query"):
            self.decide(target)
        asked = self.tree.straight_questions
        self.tree.real_path = None  # type: ignore[assignment, method-assign]
        self.tree.leads_straight = lambda steps: True  # type: ignore[method-assign]
        found = self.rules.decide(b"/a/b.py/more/?other")
        self.assertEqual(found, Script(f"{ROOT}/a/b.py", "/a/b.py", "/more", b"/more/"))
        self.assertEqual(self.tree.straight_questions, asked)

    def test_what_changed_meanwhile_is_decided_anew(self) -> None:
        for change in (
            {f"{ROOT}/a/b.py": "/etc/passwd", f"{ROOT}/c.py": ""},
            {f"{ROOT}/a": "/elsewhere", "/elsewhere/b.py": ""},
            {f"{ROOT}/a/b.py/c.py": "", f"{ROOT}/c.py/index.py": ""},
            {f"{ROOT}/": ""},
            {f"{ROOT}/a/b.py": "../c.py", f"{ROOT}/c.py": "d.py", f"{ROOT}/d.py": ""},
        ):
            self.setUp()
            for target in (b"/a/b.py", b"/a/b.py/c.py", b"/c.py", b"/d.py", b"//c.py", b"/c%2epy"):
                self.decide(target)
            self.tree.__init__(change)  # type: ignore[misc]
            for target in (b"/a/b.py", b"/a/b.py/c.py", b"/c.py", b"/d.py", b"//c.py", b"/c%2epy"):
                self.decide(target)

    def test_the_number_of_those_that_are_known_is_bounded(self) -> None:
        for n in range(KNOWN_SCRIPTS + 10):
            self.rules.decide(b"/c.py/%d" % n)
            self.rules.decide(b"/c.py/" + b"x" * MAX_KNOWN)
        self.assertLessEqual(len(self.rules._known), KNOWN_SCRIPTS)
        self.assertLessEqual(max(map(len, self.rules._known)), MAX_KNOWN)
