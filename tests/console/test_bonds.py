"""顾客归属 on screens: whose she is and why, what is decided there, and who sees what."""

from __future__ import annotations

import pytest

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.tests.ground import number
from huoshui.people import api as people
from huoshui.trade.bonds import api as bonds
from huoshui.trade.bonds import fold
from huoshui.trade.bonds.hearing import hear
from huoshui.trade.bonds.tests.world import BOSS, Shops, buy, open_shops, sent
from huoshui.web.console.contexts import bonds as pages
from huoshui.web.console.contexts import person_bond
from tests.console import desk as desks

pytestmark = pytest.mark.django_db

_CARD = sql.Statement(
    "card_of",
    "insert into person_card (person_id, display_name, dealer_id, home_org_unit_id)"
    " values (%(id)s, %(name)s, %(dealer)s, %(home)s)",
)
_DATES = "2026-02-15 2026-02-23"
RULES = {
    "act": "rules",
    "makes": ["scan", "purchase"],
    "who": "last",
    "guide": "first",
    "head_office": "open",
    "protection_days": "30",
    "release_days": "0",
    "holidays": _DATES,
    "reason": "试行",
}


class Desk(desks.Desk):
    def get(self, path: str, status: int = 200) -> str:
        response = self.client.get(path)
        assert response.status_code == status
        return response.content.decode()

    def post(self, path: str, **said: object) -> tuple[int, str]:
        response = self.client.post(path, said, headers={"HX-Request": "true"})
        return response.status_code, response.content.decode()


@pytest.fixture
def shops() -> Shops:
    return open_shops()


def customer(shops: Shops, home: int | None = None) -> tuple[int, int]:
    """A customer of dealer 0, who bought at dealer 1 too; and the fact of that."""
    card = ("card_no", f"shown-{number()}")
    first = buy(card, shops.stores[0][0], 0)
    other = buy(card, shops.stores[1][0], 1)
    person = people.find(*card)
    assert person is not None
    fold.work_out(hear([first, other]))  # all is one transaction here, which a reader reads but once
    sql.run(_CARD, id=person, name="<林>小雨", dealer=shops.dealers[0], home=home)
    return person, other


def desk_of(monkeypatch: pytest.MonkeyPatch, actor: Actor) -> Desk:
    return Desk(monkeypatch, actor)


def test_whose_she_is_and_what_head_office_may_do(monkeypatch: pytest.MonkeyPatch, shops: Shops) -> None:
    person, _other = customer(shops)
    desk = desk_of(monkeypatch, BOSS)
    page = desk.get(f"/people/{person}/bond/")
    assert "东店行" in page and "东一店" in page and "第一次购买" in page and "出厂规则" in page
    say = f"/people/{person}/bond/say/"
    there = str(shops.stores[1][0])
    assert desk.post(say, act="wish", store=there, reason="")[0] == 422
    assert desk.post(say, act="wish", store="x", reason="她说的")[0] == 422
    assert desk.post(say, act="dance", store=there, reason="她说的")[0] == 422
    status, page = desk.post(say, act="wish", store=there, reason="她说的")
    assert status == 200 and "顾客自己选的" in page and "西店行" in page
    status, page = desk.post(say, act="transfer", store=str(shops.stores[0][0]), reason="要回来")
    assert status == 422 and "只有顾客自己能改" in page
    assert "西店行" in desk.get("/bonds/")


def test_a_dealer_claims_and_head_office_decides(monkeypatch: pytest.MonkeyPatch, shops: Shops) -> None:
    person, fact_id = customer(shops, home=shops.stores[1][0])
    west = Actor("staff", 77, "西", frozenset({"manager"}), frozenset({shops.stores[1][0]}))
    theirs = desk_of(monkeypatch, west)
    page = theirs.get(f"/people/{person}/bond/")
    assert "现在不归您" in page and "东店行" not in page.split("claim-store")[0], (
        "whose she is they are not told"
    )
    say = f"/people/{person}/bond/say/"
    status, page = theirs.post(say, act="claim", store=str(shops.stores[1][0]), reason="一直是我们")
    assert status == 200 and "等总部裁决" in page
    (claim,) = bonds.disputes(west)
    assert claim.evidence == (fact_id,)
    desk = desk_of(monkeypatch, BOSS)
    page = desk.get("/bonds/")
    assert "&lt;林&gt;小雨" in page and "一直是我们" in page
    assert desk.post("/bonds/", act="grant", id=str(claim.id), reason="")[0] == 422
    status, page = desk.post("/bonds/", act="grant", id=str(claim.id), reason="有理")
    assert status == 200 and "申诉成立" in page
    now = bonds.of_person(BOSS, person).now
    assert now is not None and now.dealer_id == shops.dealers[1]


def test_rules_are_set_by_head_office_alone(monkeypatch: pytest.MonkeyPatch, shops: Shops) -> None:
    desk = desk_of(monkeypatch, BOSS)
    status, page = desk.post("/bonds/", **RULES)
    assert status == 200 and "版规则从现在起生效" in page
    terms = bonds.current_rules()
    assert (terms.who, terms.protection_days, terms.makes) == ("last", 30, ("scan", "purchase"))
    assert _DATES in page
    wrongs: tuple[dict[str, object], ...] = (
        {"protection_days": "many"},
        {"holidays": "春节"},
        {"makes": []},
        {"reason": " "},
    )
    for wrong in wrongs:
        assert desk.post("/bonds/", **{**RULES, **wrong})[0] == 422
    assert bonds.current_rules() == terms
    owner = desk_of(monkeypatch, shops.owner(0))
    assert owner.post("/bonds/", **RULES)[0] == 404 and bonds.current_rules() == terms
    assert "换一版规则" not in owner.get("/bonds/")


def test_who_may_enter(monkeypatch: pytest.MonkeyPatch, shops: Shops) -> None:
    person, _other = customer(shops)
    guide = Actor("staff", 5, "导购", frozenset({"guide"}), frozenset({shops.stores[0][0]}))
    desk_of(monkeypatch, guide).get("/bonds/", 404)
    stranger = desk_of(monkeypatch, shops.owner(1))
    stranger.get(f"/people/{person}/bond/", 404)
    before = bonds.of_person(BOSS, person)
    say = {"act": "release", "store": "1", "reason": "想要"}
    assert stranger.post(f"/people/{person}/bond/say/", **say)[0] == 404
    assert bonds.of_person(BOSS, person) == before


def test_twice_the_customers_take_no_more_statements(shops: Shops) -> None:
    def some(n: int) -> int:
        for _ in range(n):
            person, other = customer(shops, home=shops.stores[1][0])
            bonds.open_dispute(
                person_id=person,
                store_id=shops.stores[1][0],
                said="是我们的",
                evidence=[other],
                actor=shops.owner(1),
            )
        return sent(lambda: pages.page(BOSS))

    some(1)
    assert some(2) == some(4)
    person, _other = customer(shops)
    assert sent(lambda: person_bond.panel(BOSS, person)) < 20
