"""Law 3 by the console's own door: all that a hand has joined is taken back by the lot, and everything follows both ways."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from django.db import transaction

from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.tests.ground import clean_tables
from huoshui.engage.loyalty import api as loyalty
from huoshui.insight.api import tags
from huoshui.intake.river.tests.world import check_books
from huoshui.people import api as people
from huoshui.people.api import joins
from huoshui.people.identity import taking_back
from huoshui.trade.bonds import api as bonds
from tests.console.desk import Desk
from tests.people.mergers import FEW, Town, bring_up
from tests.people.test_mergers import home

__all__ = ["clean_tables", "home"]

pytestmark = pytest.mark.django_db(transaction=True)

BOSS = Actor("staff", 1, "老板", frozenset({"boss"}))
LOT = "/joins/hand/system:0/"


def told(town: Town) -> dict[str, Any]:
    """What Town does not ask: tags said by hand, and bonds. Who is canonical is part of neither."""
    return town.seen(FEW[:1]) | said(town)


def said(town: Town) -> dict[str, Any]:
    return {
        "tags": [[(t.name, t.value) for t in tags.of_person(SYSTEM, p)] for p in town.born],
        "bonds": [_bonds(p) for p in town.born],
        "books": town.recorded(),
    }


def _bonds(person_id: int) -> list[tuple[int, str, int | None]]:
    return [(s.person_id, s.state, s.store_id) for s in bonds.of_person(SYSTEM, person_id).spells]


def test_a_lot_taken_back_at_the_console_leaves_everything_as_it_was(
    home: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(monkeypatch, BOSS)
    town = Town(Random(5))
    town.settle(3)
    with transaction.atomic():
        tag_id = tags.define(
            key="tea", name="爱喝茶", kind="flag", definition=tags.Definition(), actor=BOSS
        ).tag_id
        tags.give(person_id=town.born[1], tag_id=tag_id, reason="她说的", actor=BOSS)
    before = told(town)
    assert town.merge(0, 1) is not None and town.merge(1, 2) is not None
    bring_up()
    meanwhile = said(town)
    together = loyalty.balance_of(town.born[2]).usable
    assert together == sum(p.usable for p in before["points"]) > 0
    assert [t for t, _ in meanwhile["tags"][0]] == ["爱喝茶"]
    states = sorted(state for _, state, _ in meanwhile["bonds"][0])
    assert states == ["live", "suspended", "suspended"], "of several bonds the oldest lives"
    page = desk.client.get(LOT).content.decode()
    assert "<b>1</b> 位顾客会分成" in page and page.count("现在暂停，分开后恢复") == 2 and "爱喝茶" in page
    assert desk.client.post(LOT, {"reason": "自动合并错了"}).status_code == 302
    (undoing,) = joins.undoings(BOSS)
    assert taking_back.carry_out(undoing.id) == 2
    assert told(town) == before
    assert desk.client.post(LOT, {"reason": "再来"}).status_code == 404
    assert (
        town.recorded() == before["books"] and joins.latest(BOSS, joins.Way("hand", "system:0")) is not None
    )
    assert people.canonical_ids(town.born) == {p: p for p in town.born}, "a second time changes nothing"
    check_books()
