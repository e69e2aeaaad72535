"""The whole way, as one goes it: sign in → import → today → groups → who they are → one of them → a sale's chain."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import shop
from tests.browser.conftest import Enter
from tests.browser.product import Product
from tests.browser.visitor import Figure, Visitor, figure, plain

pytestmark = pytest.mark.browser

NEW_DAY = shop.LAST_DAY + timedelta(days=1)
PATIENCE = 60_000


@dataclass(frozen=True)
class Words:
    """What the walk reads on its way."""

    language: str
    new_day: str
    wrong: str
    uploaded: str
    tried: str
    recognised: str
    chain: tuple[str, ...]


SIMPLIFIED = Words(
    "zh-hans",
    new_day="9 月 28 日",
    wrong="账号或密码不对",
    uploaded="看一眼对不对，然后先试算",
    tried="什么都还没有生效",
    recognised="位认得出的顾客",
    chain=("认出顾客", "记成交", "扣库存", "积分"),
)
ENGLISH = Words(
    "en",
    new_day="Sep 28",
    wrong="Wrong account or password",
    uploaded="then try it first",
    tried="Nothing has taken effect yet",
    recognised="known customers bought",
    chain=("Customer recognised", "Sale recorded", "Stock taken", "points"),
)


@pytest.fixture(scope="module")
def in_the_background() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


@pytest.fixture(scope="module")
def told(product: Product, in_the_background: ThreadPoolExecutor) -> Iterator[dict[str, Future[Any]]]:
    """What the command line answered, by day: asked once, while the walk goes on."""
    yield {}


@pytest.mark.parametrize("words", [SIMPLIFIED, ENGLISH], ids=lambda words: words.language)
def test_from_the_file_to_what_one_sale_brought(
    enter: Enter,
    product: Product,
    words: Words,
    told: dict[str, Future[Any]],
    in_the_background: ThreadPoolExecutor,
) -> None:
    visitor = enter()
    visitor.open("/")
    if words is not SIMPLIFIED:
        visitor.speak(words.language)
    expect(visitor.page.locator("html")).to_have_attribute("lang", words.language)

    _sign_in(visitor, words)
    _import_a_day(visitor, words)
    day = _wait_for_the_day(visitor, words)
    question = ("ask", "sales", "--by", "day", "--from", f"{day}", "--to", f"{day}")
    if f"{day}" not in told:
        told[f"{day}"] = in_the_background.submit(product.answer, *question)
    shown = _read_today(visitor)
    _open_the_days_customers(visitor, words, shown["customers"])
    _from_a_number_to_a_sale(visitor, words)

    (true,) = told[f"{day}"].result()["rows"]
    for name in ("amount", "orders", "customers", "ticket"):
        assert shown[name].shows(true[name]), (name, shown[name], true[name])


def _sign_in(visitor: Visitor, words: Words) -> None:
    visitor.expected.append((422, "/login/"))
    visitor.sign_in(("boss", "not-the-password"))
    expect(visitor.page.get_by_role("alert")).to_contain_text(words.wrong)
    expect(visitor.page.locator("#password")).to_be_focused()
    visitor.sign_in()
    visitor.settle()
    assert visitor.page.url == f"{visitor.base}/"
    expect(visitor.page.locator(".hs-demo")).to_be_visible()


def _import_a_day(visitor: Visitor, words: Words) -> None:
    """The second walk brings the same day again, which must change nothing."""
    page = visitor.page
    lines = list(shop.sales_of(NEW_DAY))
    visitor.go("/imports/")
    page.locator("#files").set_input_files(
        {"name": "销售明细-09-28.csv", "mimeType": "text/csv", "buffer": shop.sales_file(lines)}
    )
    page.locator("form.hs-form button").click()
    page.wait_for_url(re.compile(r"/imports/\d+/$"))
    visitor.settle()

    assert words.uploaded in visitor.say()
    expect(page.locator('select[name="kind"]')).to_have_value("sales")
    fields = [select.input_value() for select in page.locator('select[name^="column-"]').all()]
    assert fields == [
        "order_no", "ordered_at", "store_code", "card_no", "sku_code", "quantity", "amount",
        "retail_discount", "coupon_discount",
    ]  # fmt: skip
    first = [plain(cell) for cell in page.locator(".hs-map tbody tr").first.locator("td").all_inner_texts()]
    assert first == [cell or "—" for cell in lines[0]]

    page.locator('button[name="act"][value="try"]').click()
    _wait_until_done(visitor, step=3)
    assert words.tried in visitor.say()
    page.locator('button[name="act"][value="import"]').click()
    _wait_until_done(visitor, step=5)
    assert f"{len(lines)}" in visitor.say()
    expect(page.locator(".hs-errs")).to_have_count(0)


def _wait_until_done(visitor: Visitor, *, step: int) -> None:
    """Progress runs until the step is reached; htmx swaps the page's body each second."""
    reached = visitor.page.locator(".hs-steps .on") if step < 5 else visitor.page.locator(".hs-steps .done")
    working = visitor.page.locator("#run-body[hx-get]")
    expect(working).to_have_count(0, timeout=PATIENCE)
    expect(reached).to_have_count(1 if step < 5 else 4)
    if step < 5:
        assert str(step) in reached.inner_text()
    visitor.settle()


def _wait_for_the_day(visitor: Visitor, words: Words) -> date:
    """The lake follows within seconds of the import; today then stands on the new day."""
    for _try in range(30):
        visitor.go("/")
        if words.new_day in visitor.say():
            return NEW_DAY
        visitor.page.wait_for_timeout(1000)
    raise AssertionError(f"Today never came to {NEW_DAY}: {visitor.say()}")


def _read_today(visitor: Visitor) -> dict[str, Any]:
    stats = visitor.page.locator(".hs-goals .hs-stat .row1 .hs-n > a.hs-open")
    shown = [figure(stat) for stat in stats.all()]
    assert len(shown) == 4, plain(visitor.page.locator(".hs-goals").inner_text())
    return dict(zip(("amount", "orders", "customers", "ticket"), shown, strict=True))


def _open_the_days_customers(visitor: Visitor, words: Words, customers: Figure) -> None:
    visitor.page.locator(".hs-goals .hs-stat").nth(2).locator("a.hs-open").click()
    drawer = visitor.page.locator("#drawer")
    expect(drawer.locator(".hs-say")).to_contain_text(words.recognised)
    visitor.settle()
    assert customers.shows(drawer.locator("tbody th a.hs-open").count())
    drawer.locator("[data-close]").click()
    expect(drawer).to_be_hidden()


def _from_a_number_to_a_sale(visitor: Visitor, words: Words) -> None:
    page = visitor.page
    visitor.go("/groups/")
    opener = page.locator(".hs-matrix .q.highhigh header a.hs-open")
    people = int(re.sub(r"\D", "", opener.inner_text()))
    assert people > 0
    opener.click()
    drawer = page.locator("#drawer")
    expect(drawer.locator(".hs-say")).to_contain_text(f"{people}")
    more = drawer.locator("tr.more a")
    while more.count():
        with page.expect_response(re.compile("after=")):
            more.click()
        visitor.settle()
    names = drawer.locator("tbody th a.hs-open")
    expect(names).to_have_count(people)
    assert not re.search(shop.PHONES, page.content()), "A list shows a whole phone number."
    name = names.nth(people // 2).inner_text()
    names.nth(people // 2).click()

    page.wait_for_url(re.compile(r"/people/\d+/$"))
    visitor.settle()
    expect(page.locator("h1")).to_have_text(name)
    _open_an_older_sale(visitor, words)


def _open_an_older_sale(visitor: Visitor, words: Words) -> None:
    """The chain begins with the last sale; a click in the timeline brings another one's."""
    page = visitor.page
    chain = page.locator("#chain")
    before = chain.locator("header .cap").first.inner_text()
    row = page.locator(".hs-tl .ev:has(a.hs-open)").nth(1)
    amount = plain(row.locator(".amt").inner_text())
    with page.expect_response(re.compile(r"/sales/\d+/$")):
        row.locator("a.hs-open").first.click()
    visitor.settle()
    expect(chain.locator("header .cap").first).not_to_have_text(before)
    if row.locator("a.hs-open").count() == 1:
        expect(chain.locator(".src .amt")).to_have_text(amount)
    told = plain(" | ".join(chain.locator(".col li").all_inner_texts()))
    for step in words.chain:
        assert step in told, (step, told)
