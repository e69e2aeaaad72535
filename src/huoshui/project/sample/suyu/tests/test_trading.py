"""Who trades in the demo: people of the files, and nobody twice."""

from __future__ import annotations

import json
from pathlib import Path

from huoshui.project.sample.suyu import places, trading
from huoshui.project.sample.suyu.tests.test_world import PEOPLE, written
from huoshui.project.sample.suyu.tests.worlds import LAST, small
from huoshui.project.sample.suyu.write import Summary

__all__ = ["written"]


def test_the_manager_and_the_guide_who_sign_in_are_of_the_shown_store() -> None:
    of = small().plan.places
    _, code = places.shown(of)
    manager, guide = trading.shown_guides(of)
    by_number = {g.number: g for g in of.guides}
    assert manager != guide
    assert {of.stores[by_number[n].store].code for n in (manager, guide)} == {code}
    assert by_number[manager].is_manager and not by_number[guide].is_manager


def test_cards_are_split_by_whose_store_opened_them(written: Summary) -> None:
    (members,) = written.paths("people")
    stores = {"S0001", "S0002", "S0005"}
    own, others = trading._cards(Path(members), stores)
    assert {store for _, store in own} <= stores and not {store for _, store in others} & stores
    assert len({card for card, _ in [*own, *others]}) == len(own) + len(others) > PEOPLE * 0.7


def test_calls_lie_in_the_past_under_keys_of_their_own() -> None:
    of = small().plan
    calls = [
        json.loads(
            trading._track("Lead Submitted", f"lead-{n}", "8", trading._days_before(of, n % 24, n), {})
        )
        for n in range(200)
    ]
    assert len({c["messageId"] for c in calls}) == 200
    assert all(c["timestamp"][:10] <= str(LAST) for c in calls)
