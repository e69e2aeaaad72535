"""Nobody is born again from what stands for the erased; and where nobody was erased, it is not even asked."""

from __future__ import annotations

import pytest

from huoshui.core import sql
from huoshui.core.tests.ground import statements
from huoshui.people import api as people
from huoshui.people.identity import erasing
from huoshui.people.identity.tests.meeting import Carried, meet, meet_all, new, persons

pytestmark = pytest.mark.django_db

_CARRIED = sql.Statement("carried", "select kind, key from fact_identifier")
_SAID = sql.Statement("said", "select name, value from fact_trait")


def erase(*names: Carried) -> None:
    erasing.suppress([erasing.mark(kind, "", key) for kind, key in names], [1] * len(names))


def test_a_fact_of_the_erased_alone_is_nobodys_and_says_nothing() -> None:
    card = new()
    erase(card)
    assert meet_all([[card]], traits=(("name", "林"),)) == [None]
    assert persons() == [] and sql.fetch(_CARRIED) == [] and sql.fetch(_SAID) == []


def test_what_comes_beside_a_mark_is_hers_too() -> None:
    card = new()
    erase(card)
    assert meet_all([[card, new("openid")]]) == [None]
    assert persons() == []


def test_a_fact_of_somebody_living_stays_hers_without_the_mark() -> None:
    card, living = new(), new("phone")
    person = meet(living)
    erase(card)
    assert meet(card, living) == person
    assert [tuple(r) for r in sql.fetch(_CARRIED)].count(card) == 0
    assert people.find("card_no", card[1]) is None


def test_without_the_mark_she_would_be_back() -> None:
    card = new()
    erase(card)
    erasing.welcome_back([erasing.mark("card_no", "", card[1])])
    assert meet(card)


def test_where_nobody_was_erased_it_costs_no_statement() -> None:
    card, known = new(), new()
    meet(known)
    before_known = statements(lambda: meet(known))
    before_new = statements(lambda: meet(new()))
    erase(card)
    assert statements(lambda: meet(known)) == before_known, "whoever is known is never asked for"
    assert statements(lambda: meet(new())) == before_new + 1
