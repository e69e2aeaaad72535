"""The desk where money is given back: who may, what is told beforehand, and that pressing twice gives back once.

The rooms are the real ones: only who is signed in is played.
"""

from __future__ import annotations

import json
import re

import pytest
from pytest_django import Settings

from huoshui.brand import api as brand
from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.intake.river.tests.world import check_books, stock
from huoshui.intake.tills import api as tills
from huoshui.intake.tills.api import Outcome, SaleLine, Tender
from huoshui.intake.tills.tests.counter import STORE, Counter, clean_tables, counter
from huoshui.intake.tills.tests.test_coupons import Cart, cart, claimed, template
from huoshui.people import api as people
from huoshui.web.console.tests.stand_ins import OPERATOR
from huoshui.web.console.tests.test_acts import HTMX, text_of
from tests.console import desk as desks

__all__ = ["cart", "clean_tables", "counter"]

pytestmark = pytest.mark.django_db(transaction=True)


_TRACES = sql.Statement(
    "traces", "select actor, detail from audit_entry where action = 'refund.made' order by id"
)


class Desk(desks.Desk):
    def form(self, sold: Outcome, **values: str) -> dict[str, str]:
        """As the page hands it out, and the mark of what it then shows."""
        html = self.client.get(f"/refunds/{sold.fact_id}/").content.decode()
        key = re.search(r'name="key" value="(\w+)"', html)
        assert key
        given = {"way": "whole", "reason": "面料起球", "key": key[1]} | values
        shown = self.client.post(f"/refunds/{sold.fact_id}/preview/", given, headers=HTMX).content.decode()
        seen = re.search(r'name="seen" value="(\w+)"', shown)
        return given | {"seen": seen[1] if seen else "", "act": "confirm"}


@pytest.fixture
def desk(clean_tables: None, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Desk:
    settings.WHITENOISE_USE_FINDERS = False
    return Desk(monkeypatch, OPERATOR)


def at(*roles: str, units: frozenset[int] = frozenset()) -> Actor:
    return Actor("staff", 9, "Mei", frozenset(roles), units)


def store() -> frozenset[int]:
    return frozenset(brand.find_units([STORE]).values())


def traces() -> list[sql.Row]:
    return list(sql.fetch(_TRACES))


class TestWhoMay:
    @pytest.mark.parametrize("role", ["boss", "operator"])
    def test_head_office_anywhere(self, desk: Desk, counter: Counter, role: str) -> None:
        sold, desk.actor = counter.sell(), at(role)
        assert desk.client.get("/refunds/").status_code == 200
        assert desk.client.get(f"/refunds/{sold.fact_id}/").status_code == 200

    def test_a_manager_at_her_own_store_also_what_nobody_bought(self, desk: Desk, counter: Counter) -> None:
        sold, desk.actor = counter.sell(identifiers=()), at("manager", units=store())
        assert sold.order_key in text_of(desk.client.get(f"/refunds/?q={sold.order_key}").content)
        assert desk.client.post(f"/refunds/{sold.fact_id}/", desk.form(sold)).status_code == 302

    def test_a_manager_of_another_store_finds_nothing(self, desk: Desk, counter: Counter) -> None:
        sold, desk.actor = counter.sell(), at("manager", units=frozenset({-1}))
        assert "没有找到" in text_of(desk.client.get(f"/refunds/?q={sold.order_key}").content)
        absent = desk.client.get("/refunds/999999/").content
        response = desk.client.get(f"/refunds/{sold.fact_id}/")
        assert response.status_code == 404 and response.content == absent
        form = {"way": "whole", "reason": "x", "key": "k", "act": "confirm"}
        assert desk.client.post(f"/refunds/{sold.fact_id}/", form).status_code == 404
        assert desk.client.post(f"/refunds/{sold.fact_id}/preview/", form).status_code == 404
        assert counter.state(sold.order_key).returned == 0

    @pytest.mark.parametrize("role", ["guide", "analyst", "auditor", "dealer", "privacy_officer"])
    def test_nobody_else(self, desk: Desk, counter: Counter, role: str) -> None:
        sold, desk.actor = counter.sell(), at(role, units=store())
        for path in ("/refunds/", f"/refunds/{sold.fact_id}/"):
            assert desk.client.get(path).status_code == 404
        assert 'href="/refunds/"' not in desk.client.get("/people/").content.decode()


class TestFinding:
    def test_by_number_and_by_card(self, desk: Desk, counter: Counter) -> None:
        sold = counter.sell()
        for text in (sold.order_key, f" {sold.order_key} "):
            html = desk.client.get("/refunds/", {"q": text}, headers=HTMX).content.decode()
            assert f'href="/refunds/{sold.fact_id}/"' in html and "<html" not in html
        people.refresh_cards()
        by_person = desk.client.get(f"/refunds/?person={counter.person()}").content.decode()
        assert f'href="/refunds/{sold.fact_id}/"' in by_person

    def test_before_anything_is_asked_it_says_what_to_do(self, desk: Desk) -> None:
        assert "先找到那一单" in text_of(desk.client.get("/refunds/").content)

    @pytest.mark.parametrize("person", ["x", "9" * 30])
    def test_a_person_who_cannot_be(self, desk: Desk, person: str) -> None:
        assert desk.client.get(f"/refunds/?person={person}").status_code == 404


class TestBeforehand:
    def test_says_exactly_what_then_happens(self, desk: Desk, cart: Cart) -> None:
        code = claimed(template(), cart.counter.person())
        sold = cart.buy(cart.quote(points=50), tenders=(Tender("points", 50, 50), Tender("cash", 7_950)))
        facts = cart.counter.facts()
        html = desk.client.get(f"/refunds/{sold.fact_id}/").content
        said = text_of(html)
        assert "¥80.00" in said and "现金 ¥79.50" in said and "积分抵扣 ¥0.50 · 50 积分" in said
        assert "扣回送的 79 分" in said and "还回用掉的 50 分" in said and "还给顾客，可以再用" in said
        assert cart.counter.facts() == facts and cart.quote(code).applied == ()
        form = desk.form(sold)
        assert desk.client.post(f"/refunds/{sold.fact_id}/", form).status_code == 302
        assert [a.code for a in cart.quote(code).applied] == [code]
        check_books()

    def test_of_some_pieces(self, desk: Desk, counter: Counter) -> None:
        sold = counter.sell(SaleLine("P1", 3000, 10_000), SaleLine("P2", 1000, 500))
        form = {"way": "lines", "q-0": "1", "key": "k"}
        said = text_of(desk.client.post(f"/refunds/{sold.fact_id}/preview/", form, headers=HTMX).content)
        assert "¥33.33" in said and "收回 1 件" in said and "P2" not in said

    def test_of_money_alone_goods_stay(self, desk: Desk, counter: Counter) -> None:
        sold = counter.sell()
        form = {"way": "money", "amount": "12.5", "key": "k"}
        said = text_of(desk.client.post(f"/refunds/{sold.fact_id}/preview/", form, headers=HTMX).content)
        assert "¥12.50" in said and "货不退" in said

    def test_of_goods_that_are_no_longer_good(self, desk: Desk, counter: Counter) -> None:
        sold = counter.sell(SaleLine("P1", 3000, 9_000), SaleLine("P2", 1000, 500))
        form = desk.form(
            sold, way="lines", **{"q-0": "2", "c-0": "damaged", "q-1": "1", "c-1": "not_returned"}
        )
        said = text_of(desk.client.post(f"/refunds/{sold.fact_id}/preview/", form, headers=HTMX).content)
        assert "收回 2 件其中残损 2 件，不加库存1 件没有退回来，不加库存" in said.replace(" ", " ")
        assert desk.client.post(f"/refunds/{sold.fact_id}/", form).status_code == 302
        assert (stock("P1"), stock("P2")) == (-3, -1)
        rest = desk.form(sold, condition="damaged")
        assert desk.client.post(f"/refunds/{sold.fact_id}/", rest).status_code == 302
        assert (stock("P1"), counter.state(sold.order_key).returned) == (-3, 9_500)
        check_books()

    def test_another_condition_is_another_refund(self, desk: Desk, counter: Counter) -> None:
        sold = counter.sell()
        form = desk.form(sold)
        response = desk.client.post(f"/refunds/{sold.fact_id}/", form | {"condition": "damaged"})
        assert response.status_code == 422 and "和刚才看到的不一样了" in text_of(response.content)
        assert counter.state(sold.order_key).returned == 0

    def test_too_much_is_told_at_its_line(self, desk: Desk, counter: Counter) -> None:
        sold = counter.sell()
        form = {"way": "lines", "q-0": "9", "key": "k"}
        html = desk.client.post(f"/refunds/{sold.fact_id}/preview/", form, headers=HTMX).content.decode()
        assert "退不了" in html and 'name="seen"' not in html
        wrong = re.search(r'id="e-line-0"[^>]*>([^<]+)<', html)
        assert wrong and "退得比剩下的多：P1 还可退 ¥100.00（1 件）" in wrong[1]

    @pytest.mark.parametrize(
        ("form", "field", "why"),
        [
            ({"way": "lines"}, "way", "写要退哪一行"),
            ({"way": "lines", "q-0": "x"}, "line-0", "件数写数字"),
            ({"way": "lines", "q-0": "-1"}, "line-0", "件数写数字"),
            ({"way": "lines", "q-0": "1", "a-0": "x"}, "line-0", "写金额"),
            ({"way": "money", "amount": "0"}, "amount", "写金额"),
            ({"way": "nonsense"}, "way", "选怎么退"),
        ],
    )
    def test_a_mistake_is_told_at_its_field(
        self, desk: Desk, counter: Counter, form: dict[str, str], field: str, why: str
    ) -> None:
        sold = counter.sell()
        html = desk.client.post(f"/refunds/{sold.fact_id}/preview/", form, headers=HTMX).content.decode()
        said = re.search(rf'id="e-{field}"[^>]*>([^<]+)<', html)
        assert said and why in said[1]
        whole = form | {"reason": "x", "key": "k", "act": "confirm"}
        assert desk.client.post(f"/refunds/{sold.fact_id}/", whole).status_code == 422
        assert counter.state(sold.order_key).returned == 0


class TestConfirming:
    def test_gives_back_once_however_often_one_presses(self, desk: Desk, counter: Counter) -> None:
        sold = counter.sell(SaleLine("P1", 2000, 10_000))
        form = desk.form(sold, way="lines", **{"q-0": "1"})
        places = {desk.client.post(f"/refunds/{sold.fact_id}/", form).headers["Location"] for _ in range(3)}
        assert len(places) == 1 and counter.state(sold.order_key).returned == 5_000
        (trace,) = traces()
        told = json.loads(trace.detail)
        assert trace.actor == "staff:2" and (told["reason"], told["amount"]) == ("面料起球", 5_000)
        said = text_of(desk.client.get(places.pop()).content)
        assert "已退 ¥50.00" in said and "退过 ¥50.00，还能退 ¥50.00" in said

    def test_the_whole_twice_is_the_same_too(self, desk: Desk, counter: Counter) -> None:
        sold = counter.sell()
        form = desk.form(sold)
        assert {desk.client.post(f"/refunds/{sold.fact_id}/", form).status_code for _ in range(2)} == {302}
        assert counter.state(sold.order_key).returned == 10_000 and len(traces()) == 1
        assert "已经全退了" in text_of(desk.client.get(f"/refunds/{sold.fact_id}/").content)

    @pytest.mark.parametrize("reason", ["", "  "])
    def test_needs_a_reason(self, desk: Desk, counter: Counter, reason: str) -> None:
        sold = counter.sell()
        response = desk.client.post(f"/refunds/{sold.fact_id}/", desk.form(sold, reason=reason))
        assert response.status_code == 422 and "写一句为什么退" in text_of(response.content)
        assert counter.state(sold.order_key).returned == 0

    def test_only_what_was_seen(self, desk: Desk, counter: Counter) -> None:
        sold = counter.sell(SaleLine("P1", 2000, 10_000))
        form = desk.form(sold)
        tills.refund(
            counter.till, [counter.refund_of(sold, tills.RefundLine(line_no=1, quantity_milli=1000))]
        )
        response = desk.client.post(f"/refunds/{sold.fact_id}/", form)
        assert response.status_code == 422 and "和刚才看到的不一样了" in text_of(response.content)
        assert counter.state(sold.order_key).returned == 5_000

    def test_a_key_is_for_one_refund(self, desk: Desk, counter: Counter) -> None:
        sold = counter.sell(SaleLine("P1", 2000, 10_000))
        form = desk.form(sold, way="lines", **{"q-0": "1"})
        desk.client.post(f"/refunds/{sold.fact_id}/", form)
        other = desk.client.post(f"/refunds/{sold.fact_id}/", form | {"q-0": "0.5"})
        assert other.status_code == 422 and counter.state(sold.order_key).returned == 5_000

    def test_the_chain_then_tells_points_and_coupon(self, desk: Desk, cart: Cart) -> None:
        claimed(template(), cart.counter.person())
        sold = cart.buy(cart.quote(points=50), tenders=(Tender("points", 50, 50), Tender("cash", 7_950)))
        before = text_of(desk.client.get(f"/sales/{sold.fact_id}/").content)
        assert "用券：" in before and "−¥10.00" in before and "用掉 50 积分积分抵现" in before
        assert "加 79 积分" in before and "还回" not in before
        desk.client.post(f"/refunds/{sold.fact_id}/", desk.form(sold))
        after = text_of(desk.client.get(f"/sales/{sold.fact_id}/").content)
        assert "还回 50 积分" in after and "减 79 积分退货扣回" in after
        assert "券退回：" in after and "整单退了，可以再用" in after


class TestASecondPerson:
    """Beyond what his role may give back alone, somebody else has to agree."""

    BIG = SaleLine("P1", 3000, 60_000)

    def asked(self, desk: Desk, sold: Outcome, **values: str) -> str:
        form = desk.form(sold, **values)
        response = desk.client.post(f"/refunds/{sold.fact_id}/", form)
        return str(response.headers["Location"])

    def act(self, desk: Desk, act: str) -> tuple[int, str]:
        (waiting,) = tills.waiting_refunds()
        response = desk.client.post(f"/refunds/waiting/{waiting.id}/", {"act": act})
        return response.status_code, text_of(response.content)

    def test_what_is_asked_moves_nothing_until_another_agrees(self, desk: Desk, counter: Counter) -> None:
        sold, desk.actor = counter.sell(self.BIG), at("manager", units=store())
        shown = text_of(desk.client.get(f"/refunds/{sold.fact_id}/").content)
        assert "要另一位同事同意" in shown and "最多退 ¥500.00" in shown
        form = desk.form(sold)
        for _ in range(2):
            response = desk.client.post(f"/refunds/{sold.fact_id}/", form)
            assert response.headers["Location"].endswith("?asked=waiting")
        assert counter.state(sold.order_key).returned == 0 and not traces()
        assert "有一笔退款 ¥600.00 等另一位同事同意" in text_of(
            desk.client.get(f"/refunds/{sold.fact_id}/").content
        )
        mine = text_of(desk.client.get("/refunds/waiting/").content)
        assert "都是您提的" in mine and "面料起球" in mine
        status, said = self.act(desk, "approve")
        assert status == 422 and "另一位同事审批" in said
        assert counter.state(sold.order_key).returned == 0
        desk.actor = OPERATOR
        assert "一共 ¥600.00" in text_of(desk.client.get("/refunds/waiting/").content)
        assert self.act(desk, "approve")[0] == 302
        assert counter.state(sold.order_key).returned == 60_000
        assert tills.waiting_refunds() == []
        (trace,) = traces()
        assert trace.actor == str(OPERATOR)
        check_books()

    def test_what_is_rejected_moves_nothing(self, desk: Desk, counter: Counter) -> None:
        sold, desk.actor = counter.sell(self.BIG), at("manager", units=store())
        form = desk.form(sold)
        desk.client.post(f"/refunds/{sold.fact_id}/", form)
        desk.actor = OPERATOR
        assert self.act(desk, "reject")[0] == 302
        assert tills.waiting_refunds() == [] and counter.state(sold.order_key).returned == 0
        desk.actor = at("manager", units=store())
        again = desk.client.post(f"/refunds/{sold.fact_id}/", form)
        assert again.headers["Location"].endswith("?asked=rejected")
        assert counter.state(sold.order_key).returned == 0

    def test_many_small_ones_are_one_large(self, desk: Desk, counter: Counter) -> None:
        sold, desk.actor = counter.sell(self.BIG), at("manager", units=store())
        places = [self.asked(desk, sold, way="lines", **{"q-0": "1"}) for _ in range(3)]
        assert ["done" in place for place in places] == [True, True, False]
        assert counter.state(sold.order_key).returned == 40_000

    def test_what_has_changed_meanwhile_is_not_carried_out(self, desk: Desk, counter: Counter) -> None:
        sold, desk.actor = counter.sell(self.BIG), at("manager", units=store())
        self.asked(desk, sold)
        tills.refund(
            counter.till, [counter.refund_of(sold, tills.RefundLine(line_no=1, quantity_milli=1000))]
        )
        desk.actor = OPERATOR
        status, said = self.act(desk, "approve")
        assert status == 422 and "和提交时不一样了" in said
        assert counter.state(sold.order_key).returned == 20_000
        assert self.act(desk, "reject")[0] == 302

    def test_a_manager_of_another_store_sees_and_decides_nothing(self, desk: Desk, counter: Counter) -> None:
        sold, desk.actor = counter.sell(self.BIG), at("manager", units=store())
        self.asked(desk, sold)
        desk.actor = Actor("staff", 77, "Wu", frozenset({"manager"}), frozenset({-1}))
        assert sold.order_key not in text_of(desk.client.get("/refunds/waiting/").content)
        assert self.act(desk, "approve")[0] == 404
        desk.actor = at("guide", units=store())
        assert desk.client.get("/refunds/waiting/").status_code == 404
        assert self.act(desk, "reject")[0] == 404
        assert len(tills.waiting_refunds()) == 1 and counter.state(sold.order_key).returned == 0

    def test_the_boss_says_how_much_is_too_much(self, desk: Desk, counter: Counter) -> None:
        sold, desk.actor = counter.sell(self.BIG), at("boss")
        wrong = desk.client.post("/refunds/limits/", {"manager": "x", "operator": "9"})
        assert wrong.status_code == 422 and "写金额" in text_of(wrong.content)
        assert tills.refund_limits() == {"manager": 50_000, "operator": 200_000, "boss": 1_000_000}
        given = {"manager": "600", "operator": "0", "boss": "", "refund_at": "all"}
        assert brand.refund_rule() == "same_owner"
        assert desk.client.post("/refunds/limits/", given).status_code == 302
        assert brand.refund_rule() == "all"
        assert desk.client.post("/refunds/limits/", {**given, "refund_at": "x"}).status_code == 404
        assert tills.refund_limits() == {"manager": 60_000, "operator": 0, "boss": None}
        desk.actor = at("operator")
        assert self.asked(desk, sold).endswith("?asked=waiting")
        desk.actor = at("manager", units=store())
        assert "done=" in self.asked(desk, sold)
        assert desk.client.post("/refunds/limits/", given).status_code == 404


class TestUsesOfACoupon:
    @pytest.mark.parametrize("has_budget", [False, True])
    def test_by_day_and_store_with_who_stands_behind(self, desk: Desk, cart: Cart, has_budget: bool) -> None:
        coupon = template(has_budget=has_budget)
        claimed(coupon, cart.counter.person())
        sold = cart.buy(cart.quote())
        html = desk.client.get(f"/coupons/{coupon}/uses/", headers=HTMX).content
        assert "在1 家店用过，一共让利 ¥10.0" in text_of(html)
        assert 'data-chart="bearers"' in html.decode() and '"brand": [10.0]' in html.decode()
        link = re.search(r'hx-get="(/coupons/\d+/uses/people/[^"]+)"', html.decode())
        assert link
        shown = desk.client.get(link[1].replace("&amp;", "&"), headers=HTMX).content.decode()
        assert "<html" not in shown and f'href="/sales/{sold.fact_id}/"' in shown and "¥10.00" in shown
        desk.client.post(f"/refunds/{sold.fact_id}/", desk.form(sold))
        after = text_of(desk.client.get(f"/coupons/{coupon}/uses/", headers=HTMX).content)
        assert "还没有人用过" in after

    def test_a_sentence_of_a_refund_in_english_has_no_chinese_left(self, desk: Desk, cart: Cart) -> None:
        claimed(template(), cart.counter.person())
        sold = cart.buy(cart.quote(points=50), tenders=(Tender("points", 50, 50), Tender("cash", 7_950)))
        desk.client.post("/language/", {"language": "en", "next": "/"})
        for path in (f"/refunds/{sold.fact_id}/", "/refunds/?q=none", f"/sales/{sold.fact_id}/"):
            html = desk.client.get(path).content.decode()
            main = html.partition("<main")[2].partition("</main>")[0]
            left = set(re.findall(r"[\u4e00-\u9fff]+", text_of(main.encode()))) - {"券", "收银台"}
            assert not left, (path, left)
