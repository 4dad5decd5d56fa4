"""Request and response as a script sees them."""

from __future__ import annotations

import pytest

from tests.integration.parts import scale
from tests.integration.scripts.running import Stage, failing, play, run


def test_headers_close_when_the_first_output_returns(stage: Stage) -> None:
    played = run(
        stage,
        """
        from hangerd import response
        response.set_status(201, 'Created')
        response.append_header('Foo', 'bar')
        response.set_header(b'foo', b'baz')
        response.set_content_type('text/plain')
        response.set_cookie('a', 'b')
        del response.headers[b'FOO']
        response.headers['X-Y'] = 'z'
        print('now')
        """,
    )
    assert (played.run.head.status, played.run.head.message) == (201, "Created")
    assert played.run.head.fields.pairs() == [
        ("Content-Type", "text/plain"),
        ("Set-Cookie", "a=b; HttpOnly; Path=/; SameSite=Lax"),
        ("X-Y", "z"),
    ]
    for _ in range(scale(1000)):
        assert "HeadersSent" in failing(
            stage, "from hangerd import response\nprint(1)\nresponse.set_header('a', 'b')"
        )


@pytest.mark.parametrize(
    "call",
    [
        "set_header('a b', 'c')",
        "set_header('a', 'b\\r\\nc: d')",
        "set_header('a', '☃')",
        "set_status(200, 'a\\nb')",
        "set_status(99)",
        "set_cookie('a;b', 'c')",
        "append_header('a', 'b\\0')",
    ],
)
def test_headers_that_could_split_the_answer(stage: Stage, call: str) -> None:
    assert "ValueError" in failing(stage, f"from hangerd import response\nresponse.{call}")


def test_forms(stage: Stage) -> None:
    source = """
        from hangerd import request
        print(wait(request.form()))
        async def main():
            async for part in request.files():
                print(part['name'], part['filename'], part['type'], part['data'], part['eof'])
        wait(main())
        """
    urlencoded = run(
        stage,
        "from hangerd import request\nprint(wait(request.form()), wait(request.body()))",
        method="POST",
        body=b"u=%E2%98%83&e=&u=2",
        headers=(("Content-Type", "application/x-www-form-urlencoded"),),
    )
    assert urlencoded.text == "{'u': ['☃', '2'], 'e': ['']} b'u=%E2%98%83&e=&u=2'\n"
    body = (
        b'--B\r\nContent-Disposition: form-data; name="t"\r\n\r\nx\r\n'
        b'--B\r\nContent-Disposition: form-data; name="f"; filename="a.txt"\r\n'
        b"Content-Type: text/plain\r\n\r\nhello\r\n--B--\r\n"
    )
    headers = (("Content-Type", "multipart/form-data; boundary=B"),)
    multipart = run(stage, source, method="POST", body=body, headers=headers)
    assert multipart.text == "{'t': ['x']}\nf a.txt text/plain b'hello' True\n"


def test_forms_over_a_limit(stage: Stage) -> None:
    headers = (("Content-Type", "application/x-www-form-urlencoded"),)
    for call in ("form(max_fields=2)", "form(max_size=3)"):
        source = f"from hangerd import request\nwait(request.{call})"
        assert "PayloadTooLarge" in failing(stage, source, body=b"a=1&b=2&c=3", headers=headers)
    assert "PayloadTooLarge" in failing(stage, "# hangerd: body=10\n", body=b"x" * 11)


def test_cookies_query_and_headers(stage: Stage) -> None:
    text = run(
        stage,
        """
        from hangerd import request
        print(request.cookies, request.query, request.headers['x-a'], request.headers[b'X-A'])
        print(request.headers.getlist('x-a'), request.ip, request.environ['HTTP_X_A'])
        """,
        uri="/script.py?q=1&q=2&e=",
        headers=(("Cookie", "a=1; b=2; a=3"), ("X-A", "1"), ("x-a", "2")),
        peer=("127.0.0.1", 5),
    ).text
    assert text == (
        "{'a': ['1', '3'], 'b': ['2']} {'q': ['1', '2']} 1 b'1'\n['1', '2'] b'127.0.0.1' 1, 2\n"
    )


def test_exit_with_a_text(stage: Stage) -> None:
    assert run(stage, "print('Hello, ', end='')\nexit('World!')").text == "Hello, World!"
    for code in ("", "0", "None"):
        assert run(stage, f"exit({code})").text == ""
    outcome = play(stage, "exit(3)").finish().outcome
    assert (outcome.kind, outcome.exit_code, outcome.status) == ("exit", 3, 500)


def test_http_exceptions_reach_whoever_answers(stage: Stage) -> None:
    for source, status in (
        ("from hangerd.exceptions import NotFound\nraise NotFound('no post')", 404),
        ("from werkzeug.exceptions import Gone\nraise Gone('no post')", 410),
    ):
        outcome = play(stage, source).finish().outcome
        assert (outcome.kind, outcome.status, outcome.message) == ("http", status, "no post")
    source = "from hangerd import response\nraise response.redirect('/x', 303)"
    outcome = play(stage, source).finish().outcome
    assert (outcome.status, outcome.headers) == (303, (("Location", "/x"),))


def test_a_traceback_shows_the_scripts_frames(stage: Stage) -> None:
    (stage.root / "module.py").write_text("def f():\n    1 / 0\n")
    outcome = play(stage, "import module\nmodule.f()").finish().outcome
    assert outcome.error == "ZeroDivisionError: division by zero"
    assert outcome.trace.count("  File ") == 2
    assert "module.py" in outcome.trace
    assert "hangerd/" not in outcome.trace
    odd = "class E(Exception):\n    def __str__(self): raise ValueError\nraise E"
    assert play(stage, odd).finish().outcome.kind == "error"
    assert play(stage, "raise StopIteration").finish().outcome.status == 500
    assert play(stage, "return").finish().outcome.error.startswith("SyntaxError")
