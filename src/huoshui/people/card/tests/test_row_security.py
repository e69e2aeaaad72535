"""The second wall: in the database itself the web's role sees no card but those it has said it reads for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from psycopg.errors import InsufficientPrivilege

from huoshui.core import sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.postgres.api import OWNER, RIVER, WEB, apply_grants
from huoshui.core.postgres.testing import test_server as a_server
from huoshui.core.scope import scoped
from huoshui.core.tests.ground import clean_tables
from huoshui.people import api as people
from huoshui.people.api import Filters
from huoshui.people.card.reads import Q

__all__ = ["clean_tables"]

CARDS = "insert into person_card (person_id, dealer_id, home_org_unit_id) values (1, 8, 7), (2, 8, 17), (3, null, 9), (4, null, null)"
VISIBLE = "select array_agg(person_id order by person_id) from person_card"
Web = psycopg.Connection[Any]


@pytest.fixture
def cards(clean_tables: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(CARDS)


@pytest.fixture
def web(cards: None) -> Iterator[Web]:
    """A connection as the console has it."""
    database = str(connection.settings_dict["NAME"])
    apply_grants(a_server().url(OWNER, database))
    with psycopg.connect(a_server().url(WEB, database)) as opened:
        yield opened


def visible(web: Web, **scope: str) -> list[int]:
    with web.transaction():
        for name, value in scope.items():
            web.execute("select set_config(%s, %s, true)", [f"huoshui.{name}", value])
        row = web.execute(VISIBLE).fetchone()
    assert row is not None
    return row[0] or []


def test_nothing_said_nothing_seen(web: Web) -> None:
    assert visible(web) == []
    assert visible(web, scope="", org_unit_ids="") == []
    assert visible(web, scope="units") == []


def test_the_whole_brand_sees_all_and_only_within_its_transaction(web: Web) -> None:
    assert visible(web, scope="brand") == [1, 2, 3, 4]
    assert visible(web) == []


@pytest.mark.parametrize(
    ("units", "seen"),
    [("8", [1, 2]), ("7", [1]), ("17,9", [2, 3]), ("99", []), ("", []), ("8,9,7", [1, 2, 3])],
)
def test_whoever_is_placed_sees_his_own(web: Web, units: str, seen: list[int]) -> None:
    assert visible(web, scope="units", org_unit_ids=units) == seen


@pytest.mark.parametrize(
    "attempt",
    [
        "insert into person_card (person_id) values (9)",
        "update person_card set dealer_id = 99 where person_id = 1",
        "truncate person_card",
        "alter table person_card disable row level security",
        "set local row_security = off; select * from person_card",
        "copy person_card to stdout",
    ],
)
def test_whoever_is_placed_writes_nothing_and_cannot_step_aside(web: Web, attempt: str) -> None:
    try:
        with web.transaction():
            web.execute(
                "select set_config('huoshui.scope', 'units', true), set_config('huoshui.org_unit_ids', '8', true)"
            )
            if attempt.startswith("copy"):
                with web.cursor().copy(attempt.encode()) as copy:
                    assert len(list(copy)) == 2, "his own two"
            else:
                web.execute(attempt.encode())
                raise AssertionError("it went through")
    except InsufficientPrivilege:
        pass
    assert visible(web, scope="brand") == [1, 2, 3, 4]
    assert visible(web, scope="units", org_unit_ids="99") == []


def test_deleting_by_another_dealer_deletes_nothing(web: Web) -> None:
    with web.transaction():
        web.execute(
            "select set_config('huoshui.scope', 'units', true), set_config('huoshui.org_unit_ids', '99', true)"
        )
        assert web.execute("delete from person_card").rowcount == 0
        assert web.execute("update person_card set points = 0").rowcount == 0
    assert visible(web, scope="brand") == [1, 2, 3, 4]


def placed(*units: int) -> Actor:
    return Actor("staff", 9, "店员", frozenset({"guide"}), frozenset(units))


@pytest.mark.usefixtures("cards")
@pytest.mark.parametrize("actor", [SYSTEM, placed(8), placed(7), placed(9, 17), placed()])
def test_the_wall_and_the_search_agree(actor: Actor) -> None:
    with scoped(actor):
        behind_the_wall = sql.fetch_one(sql.Statement("visible", VISIBLE))[0] or []
        found = people.search(actor, "", Filters()).rows
    assert sorted(c.person_id for c in found) == behind_the_wall


@pytest.mark.usefixtures("cards")
def test_the_river_works_for_the_whole_brand() -> None:
    database = str(connection.settings_dict["NAME"])
    apply_grants(a_server().url(OWNER, database))
    url = a_server().url(RIVER, database) + "&options=-c%20huoshui.scope%3Dbrand"
    with psycopg.connect(url) as river:
        assert river.execute(VISIBLE).fetchone() == ([1, 2, 3, 4],)
        river.execute("update person_card set points = 5")
    with transaction.atomic():
        assert {c.points for c in people.search(SYSTEM, "", Filters()).rows} == {5}


@pytest.mark.parametrize(
    ("text", "is_indexed"),
    [
        (Q.named_from.text, True),
        ("select person_id from person_card where display_name like %(start)s", False),
    ],
    ids=["as it is", "control: by LIKE"],
)
def test_names_are_looked_up_by_index_behind_the_wall(web: Web, text: str, is_indexed: bool) -> None:
    with web.transaction():
        web.execute("set local enable_seqscan = off")
        shown = psycopg.ClientCursor(web).mogrify(text, {"start": "王", "limit": 10})
        plan = "\n".join(str(row[0]) for row in web.execute(f"explain {shown}".encode()))
    looked_up = [line for line in plan.splitlines() if "Index Cond" in line and "display_name" in line]
    assert bool(looked_up) is is_indexed, plan
