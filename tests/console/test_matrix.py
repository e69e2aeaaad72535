"""Every address × role × {own, another dealer's, missing, erased}: made from the router, so that a new address is asked too.

What is another's answers as what is not there, to the byte. An address nobody has put into the tables below fails.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
from django.test import Client
from django.urls import URLPattern
from pytest_django import Settings

from huoshui.brand import api as brand
from huoshui.brand.staff.rules import PLACES
from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.tests.ground import number
from huoshui.people import api as people
from huoshui.trade.bonds.tests.world import Shops, buy, open_shops
from huoshui.web.console.urls import urlpatterns
from tests.console.desk import Desk
from tests.console.matrix import ACTS, HOUSE, OBJECTS, OPEN, PAGES

pytestmark = pytest.mark.django_db

MISSING: Final = 987_654_321
WHOLE: Final = os.environ.get("HUOSHUI_WHOLE_MATRIX") == "1"
"""All roles, and what each opens: `python -m benchmarks.proof access`. Without it those with the least rights, and refusals."""
ROLES: Final = tuple(sorted(PLACES))
OF_DEALERS: Final = ("dealer", "manager", "guide")

_CARD = sql.Statement(
    "card_of",
    "insert into person_card (person_id, display_name, dealer_id, home_org_unit_id, orders)"
    " values (%(id)s, %(name)s, %(dealer)s, %(home)s, 1)",
)
_ERASED = sql.Statement("erased", "insert into erased_person (person_id, case_id) values (%(id)s, 0)")
_CONTACT = sql.Statement("contact_of", "select min(id) as id from identifier where person_id = %(id)s")


@dataclass
class World:
    """The same of each of two dealers: parameter of an address → own, another's."""

    shops: Shops
    own: dict[str, Any] = field(default_factory=dict)
    foreign: dict[str, Any] = field(default_factory=dict)
    erased: int = 0


@pytest.fixture
def world(settings: Settings) -> World:
    settings.WHITENOISE_USE_FINDERS = False
    shops = open_shops()
    made = World(shops)
    for place, of in enumerate((made.own, made.foreign)):
        card = ("card_no", f"matrix-{number()}")
        store = shops.stores[place][0]
        of["fact_id"] = buy(card, store, 0)
        person = people.find(*card)
        assert person is not None
        sql.run(_CARD, id=person, name="顾客", dealer=shops.dealers[place], home=store)
        of |= {"person_id": person, "identifier_id": sql.fetch_one(_CONTACT, id=person).id}
        of |= {"org_unit_id": store, "unit_id": store, "staff_id": shops.guides[place * 2]}
    sql.run(_ERASED, id=MISSING - 1)
    made.erased = MISSING - 1
    return made


def actor_of(role: str, shops: Shops) -> Actor:
    kinds = PLACES[role]
    unit = next(iter(brand.find_units(["HQ"]).values()))
    if "dealer" in kinds:
        unit = shops.dealers[0]
    elif "store" in kinds:
        unit = shops.stores[0][0]
    elif "region" in kinds:
        unit = MISSING
    return Actor("staff", 4_000 + ROLES.index(role), role, frozenset({role}), frozenset({unit}))


def addresses() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for pattern in urlpatterns:
        assert isinstance(pattern, URLPattern)
        yield pattern.name or "", f"/{pattern.pattern}", tuple(pattern.pattern.converters)


def filled(path: str, values: dict[str, Any]) -> str:
    return re.sub(r"<\w+:(\w+)>", lambda found: str(values.get(found[1], WORDS.get(found[1], 1))), path)


WORDS: Final = {
    "dimension": "store", "question": "sales", "name": "matrix", "verb": "publish", "unit": "points", "kind": "receive",
    "code": "none", "key": "1", "form": "json", "how": "rule", "what": "phone", "rank": "1",
}  # fmt: skip


def plain(response: Any) -> tuple[int, str]:
    """But for the form's own token, which differs each time."""
    body = response.content.decode() if not response.streaming else "stream"
    return response.status_code, re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", body)


def both(client: Client, path: str) -> list[tuple[int, str]]:
    """What GET and POST say, but for the address itself where the page repeats it."""
    said = [plain(client.get(path)), plain(client.post(path, {}))]
    return [(status, body.replace(path, "")) for status, body in said]


def asked_as(role: str, world: World, monkeypatch: pytest.MonkeyPatch) -> Client:
    desk = Desk(monkeypatch, actor_of(role, world.shops))
    desk.client.raise_request_exception = False
    return desk.client


BY_NAME: Final = {name: (path, parameters) for name, path, parameters in addresses()}


def test_every_address_is_in_one_table() -> None:
    tables = [OPEN, HOUSE, *(names for table in (PAGES, ACTS, OBJECTS) for _, names in table)]
    known = [name for names in tables for name in names]
    assert sorted(set(BY_NAME) - set(known)) == [], "put each into a table of tests/console/matrix.py"
    assert len(known) == len(set(known))
    for name in (name for _, names in OBJECTS for name in names):
        assert set(BY_NAME[name][1]) & {"person_id", "fact_id", "org_unit_id", "unit_id", "staff_id"}, name


@pytest.mark.parametrize("role", ROLES if WHOLE else ["guide", "dealer"])
def test_who_gets_in_and_who_does_not(role: str, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client = asked_as(role, world, monkeypatch)
    for let_in, names in PAGES:
        for name in there(names):
            if role not in let_in or WHOLE:
                status = client.get(filled(BY_NAME[name][0], {})).status_code
                assert status == (200 if role in let_in else 404), (name, role)
    for let_in, names in ACTS:
        for name in there(names):
            if role not in let_in:
                path = filled(BY_NAME[name][0], {})
                assert [client.get(path).status_code, client.post(path).status_code] == [405, 404], name


@pytest.mark.parametrize("role", OF_DEALERS if WHOLE else ["dealer"])
def test_what_is_anothers_is_as_if_it_were_not_there(
    role: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = asked_as(role, world, monkeypatch)
    nowhere = dict.fromkeys(world.own, MISSING)
    erased = nowhere | {"person_id": world.erased}
    for let_in, names in OBJECTS:
        for name in there(names):
            path, parameters = BY_NAME[name]
            absent = both(client, filled(path, nowhere))
            assert {status for status, _ in absent} <= {404, 405}, name
            assert both(client, filled(path, world.foreign)) == absent, (name, "another's")
            if "person_id" in parameters:
                assert both(client, filled(path, erased)) == absent, (name, "erased")
            if WHOLE and len(parameters) > 1:  # one's own customer, and what is another's of another
                for parameter in set(parameters) & set(world.own):
                    foreign, none = (world.own | {parameter: n} for n in (world.foreign[parameter], MISSING))
                    assert both(client, filled(path, foreign)) == both(client, filled(path, none)), (
                        name,
                        parameter,
                    )
            is_shown = client.get(filled(path, world.own)).status_code == 200 if role in let_in else True
            assert is_shown, (name, "his own")


@pytest.mark.parametrize("role", (*OF_DEALERS, "regional_manager") if WHOLE else ["guide"])
def test_nobody_of_a_dealer_guesses_what_is_head_offices(
    role: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = asked_as(role, world, monkeypatch)
    for name in there(sorted(HOUSE)):
        path, parameters = BY_NAME[name]
        one, none = (both(client, filled(path, dict.fromkeys(parameters, n))) for n in (1, MISSING))
        assert one == none and {status for status, _ in one} <= {404, 405}, name


def there(names: Collection[str]) -> list[str]:
    """Those that the router has."""
    return [name for name in names if name in BY_NAME]
