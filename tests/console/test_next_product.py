"""下一件: the page, the people behind its numbers, one person's panel, and what a dealer is shown of it."""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from django.test import Client

from huoshui.core.actor import Actor
from huoshui.insight import api as insight
from huoshui.insight.questions import next_product
from huoshui.insight.questions.next_product import Params, result
from huoshui.insight.tests.lake_fixture import FRESH_AT
from huoshui.insight.tests.test_next_product import AS_OF, REGULAR, town
from huoshui.people import api as people
from huoshui.web.console.contexts import behind, rooms
from tests.console.desk import Desk

BOSS = Actor("staff", 1, "林", frozenset({"boss"}), frozenset({1}))
DEALER = Actor("staff", 2, "沈", frozenset({"dealer"}), frozenset({3}))
CARDS: dict[int, Any] = {}


@pytest.fixture
def desk(db: None, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The town of the question's own tests in the place of the lake; the dealer's units are those he is placed at."""
    lake = replace(town(), kept=town().kept, fresh_at=FRESH_AT)
    monkeypatch.setattr(insight, "open_lake", lambda: lake)
    monkeypatch.setattr(behind, "standing_day", lambda: AS_OF)
    desk = Desk(monkeypatch, BOSS)
    monkeypatch.setattr(rooms.brand, "units_below", lambda ids: set(ids))
    return desk


def panel(client: Client) -> str:
    response = client.get("/next/panel/", headers={"HX-Request": "true"})
    assert response.status_code == 200
    return unescape(response.content.decode())


def numbers_of(html: str) -> list[tuple[str, str]]:
    return re.findall(r'href="(/behind/next/[^"]*)"[^>]*>([\d,]+)<', html)


@pytest.mark.django_db
def test_each_number_of_the_page_opens_into_so_many(desk: Desk) -> None:
    assert "/next/panel/" in desk.client.get("/next/").content.decode()
    told = numbers_of(panel(desk.client))
    assert len(told) > 10
    for url, number in told[:2]:
        page = unescape(desk.client.get(url).content.decode())
        assert f"有 <b>{number}</b> 位" in page


@pytest.mark.django_db
def test_a_dealer_is_shown_his_own_alone(desk: Desk) -> None:
    whole = panel(desk.client)
    desk.actor = DEALER
    own = panel(desk.client)
    expected = result(town().at({3}), Params())
    assert own != whole
    url, number = numbers_of(own)[0]
    assert int(number.replace(",", "")) == expected.extra["again_people"]
    assert f"有 <b>{number}</b> 位" in unescape(desk.client.get(url).content.decode())
    desk.actor = replace(DEALER, org_unit_ids=frozenset())
    assert "才 0 次" in panel(desk.client)


@pytest.mark.django_db
def test_a_persons_panel_says_what_when_and_why(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    class Card:
        person_id = REGULAR

    monkeypatch.setattr(people, "card_for", lambda actor, person_id: Card())
    html = desk.client.get(f"/people/{REGULAR}/next/").content.decode()
    assert "商品3" in html
    assert "买过 8 次，大约每 14 天一次" in html
    # whoever will not have guesses made about herself has no such panel, though the answer is remembered
    monkeypatch.setattr(rooms.people, "unprofiled", lambda ids: {*ids})
    assert not desk.client.get(f"/people/{REGULAR}/next/").content.decode().strip()


def test_who_wants_no_guesses_is_in_no_number_and_behind_none() -> None:
    def asked(unprofiled: set[int]) -> tuple[int, int]:
        lake = replace(town(), kept=OrderedDict(), unprofiled=lambda ids: unprofiled & {*ids})
        behind_it = lake.run(next_product.people(lake, Params(), {"reason": "again"})).num_rows
        return result(lake, Params()).extra["again_people"], behind_it

    everyone = asked(set())
    assert asked({REGULAR}) == (everyone[0] - 1, everyone[1] - 1)
