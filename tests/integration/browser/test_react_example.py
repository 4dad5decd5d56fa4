"""The React page of the examples, from the start page to a click on one of its columns."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import BrowserContext, expect

from tests.integration.browser.elsewhere import EXAMPLES
from tests.integration.parts import require, require_file
from tests.integration.test_example_site import serve


def test_a_table_by_react_is_sorted_by_its_columns(context: BrowserContext, tmp_path: Path) -> None:
    require("node")
    require_file(EXAMPLES / "node_modules" / "react-dom", "npm ci --prefix examples")
    site = serve(tmp_path)
    page = context.new_page()
    page.set_viewport_size({"width": 390, "height": 700})
    page.goto(site.url)
    page.get_by_role("link", name="React renders", exact=False).first.click()
    rows = page.locator("tbody tr td:first-child")
    expect(rows.first).to_have_text("Amalthea")
    page.get_by_role("link", name="Period").click()
    expect(page.locator("caption")).to_have_text("Moons of Jupiter, by period")
    expect(page.locator("th[aria-sort=ascending]")).to_have_text("Period (days)")
    expect(page.get_by_text("Page 2 of this process")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.goto(f"{site.url}/scripts/source.py?of=react.py")
    expect(page.locator("pre", has_text="renderToStaticMarkup").first).to_be_visible()
    expect(page.frame_locator("iframe").locator("tbody tr")).to_have_count(6)
    site.stop()
