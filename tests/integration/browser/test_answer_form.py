"""A page without JavaScript answers a program: a plain form, posted to a slot."""

from __future__ import annotations

import json
import urllib.request

import pytest
from playwright.sync_api import Browser

from tests.integration.browser.elsewhere import Elsewhere

FORM = """<!doctype html><meta charset="utf-8">
<form method="post" action="{action}" enctype="{enctype}">
<label>Name <input name="line"></label></form>
<noscript>JavaScript is off</noscript>"""


@pytest.mark.parametrize("enctype", ["application/x-www-form-urlencoded", "text/plain"])
@pytest.mark.parametrize("line", ["šálek čaje & 100 % + víc = ?", ""], ids=["text", "empty"])
def test_form(
    browser: Browser, elsewhere: Elsewhere, hangerd: str, enctype: str, line: str
) -> None:
    slot = json.loads(post(f"{hangerd}/hanger/open/?v=2"))
    action = f"{hangerd}/hanger/{slot['write']}/answer/"
    form = FORM.format(action=action, enctype=enctype)
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.route("**/form", lambda route: route.fulfill(content_type="text/html", body=form))
        page.goto(f"{elsewhere.url}/form")
        name = page.get_by_label("Name")
        name.fill(line)
        with page.expect_response(action) as answered:
            name.press("Enter", no_wait_after=True)
        assert answered.value.status == 204
        assert page.locator("noscript").is_visible()
        assert name.is_visible(), "the page stays"
    assert post(f"{hangerd}/hanger/{slot['read']}/read/") == line


def post(url: str) -> str:
    with urllib.request.urlopen(urllib.request.Request(url, method="POST"), timeout=20) as reply:
        body: bytes = reply.read()
    return body.decode()
