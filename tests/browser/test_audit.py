"""The watch and the audits see what is planted: without this, a page full of faults might pass."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import audit
from tests.browser.watch import Watch

pytestmark = pytest.mark.browser

HERE = "http://127.0.0.1:9"
FAULTY = """<!doctype html><html lang="en"><head><title> · Shop</title></head><body style="margin:0"><main>
  <h1>One</h1><h1>Two</h1>
  <button style="width:40px;height:30px"></button><a href="/x"><svg width="9" height="9"></svg></a>
  <input><select><option>a</option></select><img src="data:," width="9" height="9">
  <p style="color:#999;background:#fff">grey on white</p>
  <p style="color:rgba(0,0,0,.5);background:color-mix(in srgb, #777 90%, transparent)">grey on grey</p>
  <section class="hs-panel" style="width:300px"><table style="table-layout:fixed;width:340px"><tr>
    <th style="overflow:hidden;white-space:nowrap;width:60px">a head without end</th><td>b</td></tr></table>
    <p style="overflow:hidden;text-overflow:ellipsis;white-space:nowrap;width:90px">a caption without any end</p></section>
  <i id="twice"></i><i id="twice"></i><div style="width:2000px;height:1px"></div></main></body></html>"""
FAULTLESS = """<!doctype html><html lang="en"><head><title>Today · Shop</title></head><body><main>
  <h1>One</h1><button style="height:30px">Go</button><label>Name <input style="height:30px"></label>
  <p style="color:#555">dark grey</p><p style="color:#888;font-size:24px">large</p>
  <section class="hs-panel"><table><tr><th scope="col">a</th>
    <td title="long long long long" style="overflow:hidden;white-space:nowrap;max-width:60px">long long long long</td></tr>
  </table></section></main></body></html>"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    yield page
    page.close()


def test_the_audits_see_planted_faults(page: Page) -> None:
    page.set_content(FAULTY)
    names, edges = "\n".join(audit.names(page)), "\n".join(audit.edges(page))
    for fault in ("no title", "2 main headings", "no name: <button>", "no name: <a>", "no label: <input>",
                  "no label: <select>", "no text for a picture", "a head without scope", "an id twice: twice"):  # fmt: skip
        assert fault in names, fault
    for fault in ("2000 wide in a window of 1280", "cut by", "px over its panel", "whole nowhere"):
        assert fault in edges, fault
    assert len(audit.contrast(page)) == 2


def test_the_audits_let_a_good_page_pass(page: Page) -> None:
    page.set_content(FAULTLESS)
    assert audit.names(page) == audit.edges(page) == audit.contrast(page) == []


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("<link rel=stylesheet href='http://cdn.example/x.css'>", "another host"),
        ("<script>console.error('broken')</script>", "complained"),
        ("<script>missing()</script>", "complained"),
        ("<script src='/gone.js'></script>", "gone.js"),
    ],
)
def test_the_watch_sees_planted_faults(browser: Browser, body: str, complaint: str) -> None:
    context = browser.new_context()
    watch = Watch(HERE)
    watch.follow(context)
    # Nothing is really asked of anybody
    context.route(
        "**/*", lambda route: route.fulfill(status=404 if "gone" in route.request.url else 200, body="")
    )
    context.route(f"{HERE}/", lambda route: route.fulfill(content_type="text/html", body=body))
    context.new_page().goto(f"{HERE}/", wait_until="networkidle")
    context.close()
    with pytest.raises(AssertionError, match=complaint):
        watch.settle()
