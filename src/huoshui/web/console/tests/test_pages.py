"""Every page, in every language, with names that try to break it."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern

from huoshui.web.console.tests.stand_in_insight import HOSTILE
from huoshui.web.console.tests.stand_in_points import FRAGMENTS_OF_POINTS, PAGES_OF_POINTS
from huoshui.web.console.tests.stand_in_stock import FRAGMENTS_OF_STOCK, PAGES_OF_STOCK
from huoshui.web.console.tests.stand_ins import House
from huoshui.web.console.urls import urlpatterns

PAGES = (
    "/",
    "/people/",
    "/people/?q=顾客&grade=high&group=low_high&silent=30&store=7&tier=金卡会员",
    "/people/15/",
    "/people/15/?sale=101",
    "/groups/",
    "/groups/?group=mid",
    "/imports/",
    *(f"/imports/{n}/" for n in range(1, 7)),
    "/sales/101/",
    "/sales/777/",
    "/products/",
    "/products/?q=x&kept=unlisted",
    "/products/1/",
    "/products/2/",
    "/ledger/",
    "/ledger/points/",
    "/ledger/points/?only=debts",
    "/ledger/points/?q=顾客",
    "/ledger/points/?person=11",
    "/ledger/budget/",
    "/ledger/payable/",
    *(f"/ledger/accounts/{n}/" for n in range(1, 6)),
    "/exceptions/",
    "/exceptions/?code=points_short",
    *PAGES_OF_POINTS,
    *PAGES_OF_STOCK,
    *(f"/exceptions/{n}/" for n in range(1, 4)),
    "/behind/sales/?by=day&from=2017-12-31&to=2017-12-31&cell.day=2017-12-31",
    "/behind/groups/?cell.frequency=high&cell.ticket=low",
    "/behind/grade/?cell.grade=mid",
    "/behind/rfm/?cell.segment=important_value",
)
FRAGMENTS = (
    "/today/store/",
    "/today/category/",
    "/people/15/timeline/?before=20171231T040000.000000_110~",
    "/people/15/sales/101/",
    "/products/?q=x",
    "/products/?after=P1",
    "/products/1/stores/",
    "/ledger/panels/units/",
    "/ledger/panels/audit/",
    "/ledger/points/?kind=person&id=11&bucket=2018-12",
    "/ledger/points/?q=x",
    "/ledger/accounts/2/?fact=101&reason=earn&part=0",
    "/exceptions/?before=3",
    *FRAGMENTS_OF_POINTS,
    *FRAGMENTS_OF_STOCK,
    "/groups/matrix/",
    "/groups/grades/",
    "/groups/rfm/",
    "/groups/portrait/?group=high_low",
)
LANGUAGES = ("zh-hans", "zh-hant", "en")
# Customers, stores, files and headers keep the names they came with
NAMES_IN_DATA = ("人民路店", "顾客", "我的品牌", "单号", "金额", "旧表", "会员表", "销售明细")
NAMES_OF_LANGUAGES = ("简体中文", "繁體中文")


class Page(HTMLParser):
    """What a page is made of: opened tags with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def ids(self) -> list[str]:
        return [a["id"] or "" for _tag, a in self.tags if "id" in a]


def get(client: Client, path: str, language: str = "zh-hans", *, fragment: bool = False) -> str:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    response = client.get(path, headers={"hx-request": "true"} if fragment else {})
    assert response.status_code == 200, path
    return response.content.decode()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_every_page_renders_in_every_language(boss: Client, path: str, language: str) -> None:
    html = get(boss, path, language)
    page = Page(html)
    assert page.all("html")[0]["lang"] == language
    assert len(page.all("h1")) == 1
    assert len(page.all("main")) == 1
    assert any(form.get("role") == "search" for form in page.all("form"))


@pytest.mark.parametrize("path", [*PAGES, *FRAGMENTS])
def test_hostile_names_are_only_text(boss: Client, path: str) -> None:
    html = get(boss, path, fragment=path in FRAGMENTS)
    assert "<script>alert" not in html
    for tag, attributes in Page(html).tags:
        assert not any(name.startswith("on") for name in attributes), (path, tag)
        assert tag != "script" or attributes.get("src") or attributes.get("type") == "application/json"
    assert "49" not in re.findall(r"onmouseover=alert\(1\) (\S+)", html)


def test_a_device_says_from_when_until_when_it_was_hers(boss: Client) -> None:
    html = get(boss, "/people/11/")
    assert "登录，用到 2018-01-03 12:00 换了别人登录" in html
    assert "2018-01-03 12:00 登录，之后是这位顾客在用" in html


def test_the_hostile_name_was_on_the_pages_at_all(boss: Client) -> None:
    for path in (
        "/people/",
        "/people/15/",
        "/imports/",
        "/today/store/",
        "/groups/matrix/",
        "/groups/portrait/",
        "/sales/101/",
        "/products/",
        "/products/1/stores/",
        "/ledger/points/",
        "/ledger/accounts/3/",
        "/exceptions/",
        "/exceptions/1/",
    ):
        assert "&lt;script&gt;" in get(boss, path, fragment=True), path
    assert "&lt;" not in HOSTILE


@pytest.mark.parametrize("path", [*PAGES, *FRAGMENTS, "/login/"])
def test_nothing_is_fetched_from_elsewhere(boss: Client, path: str) -> None:
    if path == "/login/":
        boss.logout()
    page = Page(get(boss, path))
    for tag, attributes in page.tags:
        for name in ("src", "href", "action", "hx-get", "hx-post"):
            value = attributes.get(name)
            if value:
                assert re.match(r"/(?!/)|[#?]", value), (tag, value)


@pytest.mark.parametrize("path", [*PAGES, *FRAGMENTS, "/login/"])
def test_english_pages_carry_no_chinese_of_our_own(boss: Client, path: str) -> None:
    if path == "/login/":
        boss.logout()
    html = re.sub(r" value=\"[^\"]*\"", "", get(boss, path, "en"))
    for theirs in (*NAMES_IN_DATA, *NAMES_OF_LANGUAGES):
        html = html.replace(theirs, "")
    left = re.findall(r"[\u4e00-\u9fff]+", html)
    assert not left, left


@pytest.mark.parametrize("path", PAGES)
def test_every_control_has_a_name_and_ids_are_unique(boss: Client, path: str) -> None:
    html = get(boss, path)
    page = Page(html)
    repeated = [name for name, times in Counter(page.ids).items() if times > 1]
    assert not repeated
    for_ids = {label.get("for") for label in page.all("label")}
    for tag in ("input", "select"):
        for control in page.all(tag):
            if control.get("type") in {"hidden", "radio"}:
                continue
            inside_label = f'name="{control.get("name")}"' in "".join(
                re.findall(r"<label.*?</label>", html, re.DOTALL)
            )
            named = (
                control.get("aria-label") or control.get("aria-labelledby") or control.get("id") in for_ids
            )
            assert named or inside_label, (path, control)
    for button in re.findall(r"<button([^>]*)>(.*?)</button>", html, re.DOTALL):
        text = re.sub(r"<[^>]+>", "", button[1]).strip()
        assert text or "aria-label=" in button[0], button
    for chart in page.all("div"):
        if "data-chart" in chart:
            assert chart["role"] == "img" and chart["aria-label"]


def test_a_page_answers_with_the_policy_that_lets_only_our_own_scripts_run(boss: Client) -> None:
    policy = boss.get("/").headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy and "unsafe-eval" not in policy


def test_no_nav_item_leads_nowhere(boss: Client) -> None:
    html = get(boss, "/")
    nav = re.findall(r'<li><a href="([^"]+)"', html)
    assert len(nav) >= 4
    for href in nav:
        assert boss.get(href).status_code == 200


def test_whoever_may_not_import_sees_no_door_to_it(boss: Client, house: House) -> None:
    house.imports.may = False
    assert "/imports/" not in re.findall(r'<li><a href="([^"]+)"', get(boss, "/"))
    assert boss.get("/imports/").status_code == 404


def test_every_address_asks_for_sign_in_first(visitor: Client) -> None:
    # A customer's own page and a code's open by the signature of their address: `test_own_page`, `test_codes` (tests/console)
    open_to_all = {
        "login",
        "login-factor",
        "login-enrol",
        "login-phone",
        "login-device",
        "logout",
        "language",
    }
    open_to_all |= {"own-page", "scanned"}
    open_to_all |= {"wecom-callback"}  # by its own: `tests/console/test_wecom`
    for pattern in urlpatterns:
        assert isinstance(pattern, URLPattern)
        if pattern.name in open_to_all:
            continue
        path = "/" + re.sub(r"<int:\w+>", "11", re.sub(r"<(?:slug|str):\w+>", "sales", str(pattern.pattern)))
        method = visitor.post if visitor.get(path).status_code == 405 else visitor.get
        response = method(path)
        assert response.status_code == 302 and response.headers["Location"].startswith("/login/"), path
        swapped = method(path, headers={"hx-request": "true"})
        assert swapped.status_code == 401 and swapped.headers["HX-Redirect"] == "/login/"


@pytest.mark.parametrize(
    "path",
    [
        "/people/99/",
        "/people/99/timeline/?before=20171231T040000.000000_110~",
        "/people/11/timeline/?before=nonsense",
        "/people/11/timeline/?before=~nonsense_1",
        "/people/11/timeline/?before=~20171231T040000.000000_9999999999999999999",
        "/people/99/sales/101/",
        "/people/11/sales/999/",
        "/people/11/?sale=999",
        "/groups/?group=nobody",
        "/groups/nothing/",
        "/groups/portrait/?group=nobody",
        "/today/nothing/",
        "/behind/nothing/",
        "/behind/sales/?after=x",
        "/sales/999/",
        "/people/?q=%00",
        "/products/?q=%00",
        "/ledger/%00/",
        "/ledger/points/?kind=person&id=1&bucket=%00",
        "/products/99/",
        "/products/99/stores/",
        "/products/99999999999999/",
        "/ledger/gold/",
        "/ledger/points/?kind=person&id=x",
        "/ledger/points/?person=99",
        "/ledger/points/?person=x",
        "/ledger/points/?person=99999999999999999999",
        "/ledger/points/?kind=person&id=99999999999999999999",
        "/ledger/accounts/2/?fact=99999999999999999999&reason=earn&part=0",
        "/ledger/accounts/2/?fact=1&reason=earn&part=99999999999",
        "/ledger/accounts/99/",
        "/ledger/accounts/2/?fact=x",
        "/exceptions/99/",
        "/exceptions/?before=x",
        "/exceptions/?done=99",
        "/imports/99/",
        "/imports/1/problems.csv",
        "/nowhere/",
    ],
)
def test_absent_and_forbidden_look_alike(boss: Client, path: str) -> None:
    response = boss.get(path)
    assert response.status_code == 404
    if path != "/nowhere/":
        assert response.content == boss.get("/people/99/").content
