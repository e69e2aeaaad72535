"""Codes: made by who may, opened by their signature only, counted as facts, and drawn so that a phone can read them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.errors import NotFound
from huoshui.core.subscribers import Erased
from huoshui.core.tests.ground import Told, clean_tables, number
from huoshui.people import api as people
from huoshui.trade.bonds.tests.world import BOSS, Shops, day, no_waiting, open_shops, settle
from huoshui.trade.codes import api as codes
from huoshui.trade.codes import erasing
from huoshui.trade.codes.api import Asked, BadCode, Code, Draft, TooManyWords

__all__ = ["clean_tables", "no_waiting"]

pytestmark = pytest.mark.usefixtures("clean_tables", "no_waiting")


@pytest.fixture
def shops() -> Iterator[Shops]:
    with transaction.atomic():
        made = open_shops()
    yield made


def made(draft: Draft, actor: Actor = BOSS) -> Code:
    with transaction.atomic():
        code_id = codes.make(draft, actor=actor)
    return codes.of(actor, code_id).code


def guides_code(shops: Shops, dealer: int = 0) -> Code:
    store, guide = shops.stores[dealer][0], shops.guides[2 * dealer]
    return made(Draft("guide", "小王的专属码", store, guide))


def test_a_code_opens_by_its_own_address_and_by_no_other(shops: Shops) -> None:
    code = guides_code(shops)
    token = codes.links.token(code.handle)
    assert codes.find(token) == code and len(token) <= 20
    other = guides_code(shops)
    wrong = [token[:-1] + ("0" if token[-1] != "0" else "1"), code.handle, "", "码" * 20, str(code.id)]
    wrong += [other.handle + token[8:], codes.links.token("nobody00")]
    for one in wrong:
        with pytest.raises(NotFound):
            codes.find(one)


def test_each_kind_says_what_it_needs_and_whose_it_is(shops: Shops) -> None:
    store = shops.stores[0][0]
    assert made(Draft("store", "门店", store)).dealer_id == shops.dealers[0]
    assert made(Draft("parcel", "包裹")).dealer_id is None
    assert made(Draft("partner", "瑜伽馆"), shops.owner(1)).dealer_id == shops.dealers[1]
    bad = [
        Draft("guide", "没有导购", store),
        Draft("guide", "别店的导购", store, shops.guides[2]),
        Draft("shelf", "没有门店"),
        Draft("campaign", "没有券", store),
        Draft("recommender", "没有人"),
        Draft("store", "名下有导购", store, shops.guides[0]),
        Draft("nothing", "没有这种", store),
        Draft("store", " ", store),
    ]
    count = len(codes.codes(BOSS))
    for draft in bad:
        with pytest.raises(BadCode):
            made(draft)
    assert len(codes.codes(BOSS)) == count


def test_a_dealer_makes_and_sees_its_own_and_a_guide_hers(shops: Shops) -> None:
    hers = guides_code(shops)
    others = guides_code(shops, 1)
    guide = Actor("staff", shops.guides[0], "小王", frozenset({"guide"}), frozenset({shops.stores[0][0]}))
    assert [v.code.id for v in codes.codes(shops.owner(0))] == [hers.id]
    assert [v.code.id for v in codes.codes(guide)] == [hers.id]
    made(Draft("store", "门店", shops.stores[0][0]))
    assert [v.code.id for v in codes.codes(guide)] == [hers.id]
    for actor, code in ((shops.owner(0), others), (guide, hers), (guide, others)):
        with pytest.raises(NotFound), transaction.atomic():
            codes.switch(code.id, is_live=False, actor=actor)
    with pytest.raises(NotFound):
        made(Draft("store", "别家的店", shops.stores[1][0]), shops.owner(0))
    with pytest.raises(NotFound):
        made(Draft("store", "导购不做码", shops.stores[0][0]), guide)
    assert all(v.code.is_live for v in codes.codes(BOSS))


def test_switched_off_it_is_found_and_off_and_may_come_back(shops: Shops) -> None:
    code = guides_code(shops)
    with transaction.atomic():
        assert codes.switch(code.id, is_live=False, actor=shops.owner(0))
        assert not codes.switch(code.id, is_live=False, actor=shops.owner(0))
    assert not codes.find(codes.links.token(code.handle)).is_live
    with transaction.atomic():
        assert codes.switch(code.id, is_live=True, actor=BOSS)


def test_scans_are_facts_and_a_visit_counts_once(shops: Shops) -> None:
    code = guides_code(shops)
    visit, card = codes.links.new_visit(code.handle), ("card_no", f"scan-{number()}")
    for _ in range(2):
        with transaction.atomic():
            codes.note_scan(code, visit)
    scan = Told(f"s{number()}", name="Code Scanned", at=day(1), identifiers=(card,))
    (fact_id,) = settle_with(scan, {"code": code.handle, "visit": visit})
    with transaction.atomic():
        codes.note_scan(code, codes.links.new_visit(code.handle))
    settle_with(scan.again(key=f"s{number()}"), {"code": "nobody's"})
    assert codes.read() == 3 and codes.read() == 0
    (view,) = codes.codes(BOSS, code_ids=[code.id])
    assert (view.scans, view.people) == (2, 1)
    person = people.find(*card)
    assert person is not None
    asked = [
        Asked(0, person, day(0), day(2)),
        Asked(1, person, day(0), day(0.5)),
        Asked(2, person, day(1.5), day(2)),
    ]
    (found,) = codes.last_scans(asked)
    assert (found.place, found.code_id, found.guide_id, found.fact_id) == (
        0,
        code.id,
        shops.guides[0],
        fact_id,
    )
    erasing.erase(Erased((person,)))
    assert codes.last_scans(asked) == []
    assert codes.codes(BOSS, code_ids=[code.id])[0].scans == 2


_BODY = sql.Statement("body", "update fact set body = %(body)s::jsonb where id = %(fact_id)s")


def settle_with(told: Told, body: dict[str, str]) -> list[int]:
    fact_ids = settle(told)
    sql.run(_BODY, fact_id=fact_ids[0], body=json.dumps(body))
    return fact_ids


def test_a_word_proves_a_phone_and_is_asked_for_only_so_often(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [day(0)]
    monkeypatch.setattr(clock, "now", lambda: now[0])
    phone, visit = "+8613911112222", codes.links.new_visit("h")
    word = codes.words.issue(phone, visit)
    wrong = f"{(int(word) + 1) % 1_000_000:06d}"
    assert not codes.words.prove(phone, visit, wrong)
    assert not codes.words.prove(phone, codes.links.new_visit("h"), word), "another visit's"
    assert not codes.words.prove("+8613911113333", visit, word), "another phone's"
    with pytest.raises(TooManyWords):
        codes.words.issue(phone, visit)
    assert codes.words.prove(phone, visit, word) and codes.words.prove(phone, visit, word), "a second tap"
    now[0] += timedelta(minutes=2)
    word = codes.words.issue(phone, visit)
    assert not any(codes.words.prove(phone, visit, f"{(int(word) + n) % 1_000_000:06d}") for n in range(1, 6))
    assert not codes.words.prove(phone, visit, word), "five tries are all"
    now[0] += timedelta(minutes=2)
    word = codes.words.issue(phone, visit)
    now[0] += timedelta(minutes=11)
    assert not codes.words.prove(phone, visit, word), "over"
    for _ in range(2):
        now[0] += timedelta(minutes=2)
        codes.words.issue(phone, visit)
    now[0] += timedelta(minutes=2)
    with pytest.raises(TooManyWords):
        codes.words.issue(phone, visit)


_KEPT = sql.Statement("kept", "select phone_digest || word_digest || visit as kept from code_word")


def test_neither_phone_nor_word_is_kept() -> None:
    visit = codes.links.new_visit("h")
    word = codes.words.issue("+8613911112222", visit)
    (row,) = sql.fetch(_KEPT)
    assert "13911112222" not in row.kept and word not in row.kept.replace(visit, "")


def test_what_is_drawn_says_the_address(shops: Shops) -> None:
    url = "https://hs.example/c/" + codes.links.token(guides_code(shops).handle)
    assert codes.printing.svg(url, title="码").startswith("<svg")
    assert codes.printing.svg_file(url, title="码").startswith(b"<?xml")
    assert codes.printing.png(url).startswith(b"\x89PNG")
    many = [codes.printing.Printed(url, f"第 {n} 个很长很长的名字" * 3, "杭州稻香路店") for n in range(7)]
    sheet = codes.printing.sheet(many, brand="粟屿轻养")
    assert sheet.startswith(b"%PDF") and sheet.count(b"/Type /Page\n") == 2
    assert codes.printing.sheet(many, brand="粟屿轻养") == sheet, "printed again it is the same file"


def test_the_system_sees_all(shops: Shops) -> None:
    guides_code(shops)
    assert len(codes.codes(SYSTEM)) == 1
