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
_KEPT = sql.Statement("kept", "select value from attribute")
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


def test_on_a_household_phone_what_is_told_beside_her_mark_becomes_nobodys() -> None:
    phone, card = new("phone"), new()
    husband = meet(phone, traits=(("name", "王留下"), ("birthday", "1985-05-05")))
    erase(card)
    assert meet(card, phone, traits=(("name", "林要走"), ("birthday", "1990-01-01"))) == husband
    assert {r.value for r in sql.fetch(_SAID)} == {"王留下", "1985-05-05"}
    assert {r.value for r in sql.fetch(_KEPT)} == {"王留下", "1985-05-05"}


def test_a_guarded_value_beside_her_mark_names_nobody_and_goes_with_it() -> None:
    phone, card = new("phone"), new()
    meet(phone)
    sql.run(sql.Statement("guard", "update identifier set is_guarded = true, person_id = null"))
    before = sql.fetch(_CARRIED)
    erase(card)
    assert meet_all([[card, phone]], traits=(("name", "林要走"),)) == [None]
    assert sql.fetch(_SAID) == [] and sql.fetch(_CARRIED) == before


def test_a_shared_value_of_hers_is_a_word_and_no_mark() -> None:
    phone, card = new("phone"), new()
    hers = meet(card, phone)
    sql.run(
        sql.Statement(
            "guard", "update identifier set is_guarded = true, person_id = null where kind = 'phone'"
        )
    )
    assert [k.key for k in erasing.shared_by([hers])] == [phone[1]]
    assert erasing.marks_of([hers]) == {erasing.mark("card_no", "", card[1])}
