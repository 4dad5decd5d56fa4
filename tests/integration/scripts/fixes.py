"""What httpout does by accident or unsafely, point by point, and what is right instead.

The numbers are those of the points in which httpout 0.1.1 behaves otherwise; a letter tells several
of one number apart. Each point is either a case here - files, a request, its answer - or stands in
`ELSEWHERE` with the test that has it. httpout itself fails every case; 30 only without its C code.
"""

from __future__ import annotations

from dataclasses import dataclass, field

FORM = "application/x-www-form-urlencoded"
PAGE = "text/html,*/*;q=0.8"


@dataclass(frozen=True)
class Fix:
    """One request, and the answer that httpout would not give.

    `lacks` must not be in the body; `headers` are what the answer has, None for what it has not.
    """

    point: str
    target: str
    status: int = 200
    body: str | None = None
    lacks: str = ""
    headers: dict[str, str | None] = field(default_factory=dict)
    method: str = "GET"
    sent: bytes = b""
    sends: dict[str, str] = field(default_factory=dict)


FILES = {
    "a.txt": "a text\n",
    "B.TXT": "B text\n",
    "LICENSE": "a license\n",
    "v1.2/index.html": "<p>of 1.2\n",
    ".secret.txt": "canary",
    ".well-known/.hidden": "canary",
    "_priv/a.txt": "canary",
    "_priv/run.py": "print('canary')",
    "source.php": "canary",
    "deploy.sh": "canary",
    "folder/index.html": "<p>an index\n",
    "folder.py/a.txt": "in a folder called like a script\n",
    "types.py": "X = 'types of the site'\n",
    "json.py": "X = 'json of the site'\n",
    "lib/__init__.py": "loaded = []\n",
    "lib/part.py": "from lib import loaded\nloaded.append('part')\n",
    "lib/broken.py": "X = 1\n1 / 0\n",
    "info.py": "from hangerd import request\n"
    "print(__server__.PATH_INFO, __server__.get('PATH_INFO_RAW'), sep='|', end='')",
    "shadow.py": "import json, types\nprint(json.X, types.X)",
    "secret_error.py": "raise ValueError('canary')",
    "late_error.py": "print('begun')\nraise ValueError('canary')",
    "not_found.py": "from httpout import response\nfrom hangerd.exceptions import NotFound\n"
    "raise NotFound('no such post')",
    "redirect.py": "from httpout import response\nraise response.redirect('/a.txt', 303)",
    "exit_one.py": "exit(1)",
    "stop.py": "raise StopIteration",
    "latin.py": "# coding: latin-1\nprint('\xe4')",
    "star.py": "from httpout import *\nprint(request.method)",
    "internals.py": "names = ('loop', 'lock', 'transport', 'prefix', 'executor')\nfound = []\n"
    "for name in names:\n    try:\n        exec(f'from httpout import {name}')\n"
    "        found.append(name)\n    except ImportError:\n        pass\nprint(found)",
    "leaf.py": "import lib.part\nprint(lib.__name__, lib.part.__name__)",
    "from_package.py": "from lib import part\nprint(part.__name__, part.loaded)",
    "import_module.py": "import importlib\n"
    "part = importlib.import_module('lib.part')\nimport lib.part as same\n"
    "print(part is same, len(part.loaded))",
    "retry.py": "for _ in range(2):\n    try:\n        import lib.broken\n"
    "    except ZeroDivisionError as e:\n        print(e)",
    "print_file.py": "import io, sys\nprint('canary', file=io.StringIO())\n"
    "print('canary', file=sys.stderr)\nprint('<seen>', flush=True)",
    "print_none.py": "print('a', 'b', sep=None, end=None)",
    "surrogate.py": "print('\\udc80')",
    "writes.py": "import pprint, sys\nsys.stdout.write('one\\n')\n"
    "sys.stdout.buffer.write(b'two\\n')\npprint.pprint('three')",
    "many.py": "for n in range(5000): print('a line of some length, number', n)",
    "huge.py": "print('x' * 2_200_000)",
    "header_late.py": "from httpout import response\nprint('a')\ntry:\n"
    "    response.set_header('X-Late', 'y')\nexcept Exception as e:\n    print(type(e).__name__)",
    "wait_on_loop.py": "import asyncio\nasync def main():\n    try:\n"
    "        wait(asyncio.sleep(0), timeout=9)\n    except RuntimeError:\n"
    "        print('at once')\nwait(main())",
    "future.py": "async def bad(): raise KeyError('x')\n"
    "async def good(): return 42\nprint(run(good()).result(), repr(run(bad()).exception()))",
    "unseen.py": "async def bad(): raise KeyError('canary')\nrun(bad())",
    "input.py": "try:\n    input('? ')\nexcept EOFError:\n    print('nobody')",
    "form.py": "from httpout import request, wait\nprint(wait(request.form()))",
    "server.py": "from httpout import __server__\nfound = set(__server__)\n"
    "print(sorted(found & {'lock', 'loop', 'fileno', 'globals', 'next', 'prefix', 'extras'}))\n"
    "print(*(repr(__server__.get(name)) for name in ('CONTENT_TYPE', 'SERVER_PROTOCOL',"
    " 'GATEWAY_INTERFACE', 'HTTP_X_A', 'SCRIPT_FILENAME')))",
    "cookie.py": "from httpout import response\nresponse.set_cookie('a', 'b')",
    "cookie_name.py": "from httpout import response\nresponse.set_cookie('a;b', 'c')",
    "peer.py": "from httpout import request\nprint(request.ip.decode(), request.scheme.decode())",
}

_MULTIPART = (
    b'--B\r\nContent-Disposition: form-data; name="t"\r\n\r\nx\r\n'
    b'--B\r\nContent-Disposition: form-data; name="f"; filename="a"\r\n\r\nfile\r\n--B--\r\n'
)

CASES = [
    Fix("2-files-are-read-only", "/a.txt", 405, method="POST", headers={"allow": "GET, HEAD"}),
    Fix(
        "4-a-browser-is-sent-to-the-slash",
        "/folder",
        308,
        headers={"location": "folder/"},
        sends={"Accept": PAGE},
    ),
    Fix("5-a-file-without-a-dot", "/LICENSE", body="a license\n"),
    Fix("5-a-folder-with-a-dot", "/v1.2/", body="<p>of 1.2\n"),
    Fix("6-path-info-is-decoded", "/info.py/a%20b/", body="/a b|/a%20b/"),
    Fix("6-a-folder-called-like-a-script", "/folder.py/a.txt", body=FILES["folder.py/a.txt"]),
    Fix("9-no-slash-no-dotfile", ".secret.txt", 400, lacks="canary"),
    Fix("9-nothing-hidden-in-well-known", "/.well-known/.hidden", 403, lacks="canary"),
    Fix("10-path-info-has-rules-too", "/info.py/a%00b", 403),
    Fix("10-path-info-goes-nowhere", "/info.py/a%20b/../x", 403),
    Fix("12-links-out-of-the-root", "/out.txt", 403, lacks="canary"),
    Fix("13-underscores-at-any-depth", "/_priv/a.txt", 404, lacks="canary"),
    Fix("13-private-scripts-do-not-run", "/_priv/run.py", 404, lacks="canary"),
    Fix("14-no-source-of-another-language", "/source.php", 403, lacks="canary"),
    Fix("14-no-shell-script", "/deploy.sh", 403, lacks="canary"),
    Fix("14-types-in-capitals", "/B.TXT", body="B text\n"),
    Fix("19-names-of-the-library", "/shadow.py", body="json of the site types of the site\n"),
    Fix("24a-no-exception-text", "/secret_error.py", 500, lacks="canary"),
    Fix("25-http-exceptions-keep-their-status", "/not_found.py", 404),
    Fix("25-redirects-are-raised", "/redirect.py", 303, headers={"location": "/a.txt"}),
    Fix("26-a-number-is-a-status", "/exit_one.py", 500),
    Fix("27-stop-iteration-is-an-error", "/stop.py", 500),
    Fix("30-the-source-says-its-encoding", "/latin.py", body="\xe4\n"),
    Fix("34-import-star", "/star.py", body="b'GET'\n"),
    Fix("34-no-parts-of-the-server", "/internals.py", body="[]\n"),
    Fix("35-a-dotted-import-binds-the-top", "/leaf.py", body="lib lib.part\n"),
    Fix("35-a-submodule-from-its-package", "/from_package.py", body="lib.part ['part']\n"),
    Fix("35-import-module", "/import_module.py", body="True 1\n"),
    Fix("35-a-failed-module-is-tried-again", "/retry.py", body="division by zero\n" * 2),
    Fix("37-print-to-a-file", "/print_file.py", body="<seen>\n"),
    Fix("37-print-with-none", "/print_none.py", body="a b\n"),
    Fix("37-a-lone-surrogate", "/surrogate.py", body="\\udc80\n"),
    Fix("37-other-ways-to-print", "/writes.py", body="one\ntwo\n'three'\n"),
    Fix(
        "38-five-thousand-prints",
        "/many.py",
        body="".join(f"a line of some length, number {n}\n" for n in range(5000)),
    ),
    Fix("38-one-print-of-two-megabytes", "/huge.py", body="x" * 2_200_000 + "\n"),
    Fix("39-headers-close-for-certain", "/header_late.py", body="a\nHeadersSent\n",
        headers={"x-late": None}),
    Fix("40-wait-on-the-loop", "/wait_on_loop.py", body="at once\n"),
    Fix("41-a-future-has-its-result", "/future.py", body="42 KeyError('x')\n"),
    Fix("41-a-failure-that-nobody-saw", "/unseen.py", 500, lacks="canary"),
    Fix("42-input-is-not-the-servers", "/input.py", body="? nobody\n"),
    Fix("44-what-is-no-form", "/form.py", 400, method="POST", sent=b"{}",
        sends={"Content-Type": "application/json"}),
    Fix("44-a-form-in-parts", "/form.py", method="POST", sent=_MULTIPART, body="{'t': ['x']}\n",
        sends={"Content-Type": "multipart/form-data; boundary=B"}),
    Fix("44-a-body-that-is-too-large", "/form.py", 413, method="POST", sent=b"a" * 3_000_000,
        sends={"Content-Type": FORM}),
    Fix("46-cgi-without-internals", "/server.py", sends={"X-A": "1"},
        body="[]\n'' 'HTTP/1.1' 'CGI/1.1' '1' "),
    Fix("47-a-cookie-is-not-expired", "/cookie.py",
        headers={"set-cookie": "a=b; HttpOnly; Path=/; SameSite=Lax"}),
    Fix("47-a-cookies-name-is-checked", "/cookie_name.py", 500, headers={"set-cookie": None}),
    Fix("52-no-range-backwards", "/a.txt", body="a text\n", sends={"Range": "bytes=5-0"}),
    Fix("52-a-range-is-clamped", "/a.txt", 206, body="text\n", sends={"Range": "bytes=2-99999"}),
    Fix("52-what-is-not-there", "/a.txt", 416, headers={"content-range": "bytes */7"},
        sends={"Range": "bytes=99-"}),
]  # fmt: skip

ELSEWHERE = {
    "10-length": "tests/scripts/test_paths.py::test_length_of_path_info",
    "11-hostile-targets": "tests/integration/test_hostile_targets.py::test_programs",
    "12-links": "tests/scripts/test_paths.py::test_outside_they_are_refused",
    "20-threads": "tests/integration/scripts/test_pressure.py::test_scripts_run_side_by_side",
    "24b-one-traceback": (
        "tests/integration/scripts/test_site.py::test_failures_show_an_id_and_are_logged_once"
    ),
    "24d-frames": (
        "tests/integration/scripts/test_exchange.py::test_a_traceback_shows_the_scripts_frames"
    ),
    "28-timeouts": "tests/integration/scripts/test_site.py::test_a_script_that_never_ends",
    "29-circles": "tests/integration/scripts/test_growth.py::test_objects_in_circles",
    "31-edits": "tests/integration/scripts/test_site.py::test_an_edit_is_live_at_once",
    "35-conformance": "tests/integration/scripts/test_imports.py::test_same_as_python",
    "37-all-ways-to-print": (
        "tests/integration/scripts/test_crowd.py"
        "::test_every_way_of_printing_reaches_its_own_visitor"
    ),
    "38-slow-visitors": (
        "tests/integration/scripts/test_output_at_scale.py"
        "::test_slow_visitors_get_every_byte_and_hold_little"
    ),
    "42-questions": "tests/integration/browser/test_script_pages.py::test_the_game_with_javascript",
    "44-large-uploads": (
        "tests/integration/scripts/test_growth.py::test_a_large_upload_goes_to_disk"
    ),
    "45-strangers": "tests/web/test_clients.py::test_strangers_say_nothing",
    "48-websockets": "tests/integration/scripts/test_websockets.py::test_a_conversation",
    "48b-origins": "tests/web/websockets/test_websockets.py::test_origins",
    "48c-subprotocols": (
        "tests/integration/scripts/test_websockets.py::test_all_of_the_script_side"
    ),
    "48d-unmasked-frames": (
        "tests/web/websockets/test_websockets.py::test_frames_that_break_the_protocol"
    ),
    "49-globals": (
        "tests/integration/scripts/test_running.py::test_shared_globals_and_hooks"
    ),
    "52-ranges-and-conditions": "tests/web/files/test_documents_rfc.py::test_cases",
    "52-a-replaced-file": (
        "tests/integration/test_static_files.py"
        "::test_a_file_that_is_replaced_under_way_is_sent_as_it_was"
    ),
    "54-who-leaves": (
        "tests/integration/scripts/test_site.py::test_a_visitor_who_leaves_ends_the_script"
    ),
}  # fmt: skip
