"""The same newcomer twice at once, and two links beside each other at once; each with its control."""

from __future__ import annotations

import contextlib
import itertools
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from pytest import MonkeyPatch

from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.core.retry import retrying
from huoshui.core.tests.ground import clean_tables, number
from huoshui.core.tests.racing import Outcome, race
from huoshui.people.api import merge
from huoshui.people.identity import actions, rules
from huoshui.people.identity.tests.meeting import Carried, clusters, links, meet, new, persons

__all__ = ["clean_tables"]

pytestmark = pytest.mark.usefixtures("clean_tables")

WRITERS = 8


@pytest.fixture(autouse=True)
def slow_decisions(monkeypatch: MonkeyPatch) -> None:
    """Between looking and writing lies long enough for others to come between."""
    quick: Callable[..., Any] = rules.assign

    def assign(*args: Any) -> Any:
        time.sleep(0.05)
        return quick(*args)

    monkeypatch.setattr(rules, "assign", assign)


def meet_at_once(card: Carried) -> Outcome:
    """The same new card from many tills; each comes with a phone of its own."""
    return race(*[lambda: retrying(lambda: meet(card), times=WRITERS)] * WRITERS)


def test_the_same_new_card_at_once_is_one_person() -> None:
    outcome = meet_at_once(new())
    assert outcome.errors == []
    assert len(set(outcome.results)) == 1
    assert persons() == [outcome.results[0]]


def test_control_without_the_check_the_card_has_two_persons(monkeypatch: MonkeyPatch) -> None:
    checked = actions._add_identifiers

    def unchecked(*args: Any) -> None:
        with contextlib.suppress(actions.IdentifierRace):
            checked(*args)

    monkeypatch.setattr(actions, "_add_identifiers", unchecked)
    outcome = meet_at_once(new())
    assert len(set(outcome.results)) > 1


def link_at_once(monkeypatch: MonkeyPatch) -> dict[int, int]:
    """A row of people, each linked with the next at once. Returns the clusters they should be."""
    row = [meet(new()) for _ in range(WRITERS + 1)]
    quick = actions.recluster

    def recluster(person_ids: Any) -> None:
        quick(person_ids)
        time.sleep(0.02)  # the link is not committed yet

    monkeypatch.setattr(actions, "recluster", recluster)

    def work(a: int, b: int) -> int:
        with transaction.atomic():
            return merge(person_a=a, person_b=b, reason=f"第 {number()} 次", actor=SYSTEM)

    outcome = race(*[lambda a=a, b=b: work(a, b) for a, b in itertools.pairwise(row)])
    assert outcome.errors == []
    assert len(links()) == WRITERS
    return {p: c for p, c in rules.clusters(persons(), links()).items() if p != c}


def test_links_made_beside_each_other_make_one_cluster(monkeypatch: MonkeyPatch) -> None:
    wanted = link_at_once(monkeypatch)
    assert clusters() == wanted
    assert len(set(wanted.values())) == 1


def test_control_without_the_lock_they_miss_each_other(monkeypatch: MonkeyPatch) -> None:
    monkeypatch.setitem(actions.Q._by_name, "lock_clusters", sql.Statement("lock_clusters", "select 1"))
    wanted = link_at_once(monkeypatch)
    assert clusters() != wanted
