"""Who takes a customer away by a name alone takes none, and what cannot be heard stops nobody."""

from __future__ import annotations

import json
from typing import Any

import pytest

from huoshui.core import sql
from huoshui.core.facts import actions
from huoshui.core.facts import api as facts
from huoshui.core.facts.aside import UNREADABLE
from huoshui.core.facts.names import HOUSE
from huoshui.core.tests.ground import Told, clean_tables, number
from huoshui.people import api as people
from huoshui.trade.bonds.tests.world import (
    Carried,
    buy,
    day,
    live,
    no_waiting,
    open_shops,
    read,
    settle,
)

__all__ = ["clean_tables", "no_waiting"]

pytestmark = pytest.mark.usefixtures("clean_tables", "no_waiting")

_BODY = sql.Statement("body", "update fact set body = %(body)s::jsonb where id = %(fact_id)s")


def told(name: str, carried: Carried, body: Any, **more: Any) -> int:
    (fact_id,) = settle(Told(f"t{number()}", name=name, at=day(20), identifiers=(carried,)), **more)
    sql.run(_BODY, fact_id=fact_id, body=json.dumps(body))
    return fact_id


def known(carried: Carried) -> int:
    person_id = people.find(*carried)
    assert person_id is not None
    return person_id


def test_a_decision_is_made_here_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    shops, her = open_shops(), ("card_no", f"C{number()}")
    buy(her, shops.stores[0][0], 1)
    read()
    there = {"dealer_id": shops.dealers[1], "store_id": shops.stores[1][0], "reason": "x"}
    with pytest.raises(ValueError, match="only the house"):
        told("Bond Transferred", her, there)
    monkeypatch.setattr(
        actions, "refuse_ours", lambda *_, **__: None
    )  # as a base of before, which has such a fact
    told("Bond Transferred", her, there)
    told("Bond Released", her, {"reason": "x"})
    read()
    assert live(known(her)) == [shops.dealers[0]]
    house = facts.ensure_source(name=HOUSE, label="", mode="live")
    told("Bond Transferred", her, there, source=house)
    read()
    assert live(known(her)) == [shops.dealers[1]], "and the house's own word still moves her"


def test_what_cannot_be_heard_is_passed_over_or_set_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    shops, store = open_shops(), 2**31
    hers = [("card_no", f"C{number()}") for _ in range(4)]
    codes = facts.ensure_source(name="codes", label="", mode="live")
    told("Code Scanned", hers[0], {"store_id": store, "guide_id": 2**40}, source=codes)
    told("Code Scanned", hers[0], {"properties": None})
    told("Code Scanned", hers[1], {"properties": {"store_id": shops.stores[0][0]}})
    told("Code Scanned", hers[2], {"store_id": shops.stores[0][0]}, source=codes)
    read()
    owners = live(*(known(one) for one in hers[:3]))
    assert owners == ["", "", shops.dealers[0]], "our ids are ours to name"
    bad = told("Member Joined", hers[0], {"store_id": 77, "note": "bad"}, source=codes)
    told("Member Joined", hers[3], {"store_id": shops.stores[1][0]}, source=codes)
    own = facts.said

    def stumbling(body: str | None) -> dict[str, Any]:
        found = own(body)
        return found if found.get("note") != "bad" else {"": 1 / 0}

    monkeypatch.setattr(facts, "said", stumbling)
    read()
    assert live(known(hers[3])) == [shops.dealers[1]]
    (raised,) = facts.exceptions_of([bad])
    assert (raised.code, raised.detail) == (UNREADABLE, {"reason": "division by zero"})
