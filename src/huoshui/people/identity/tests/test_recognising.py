"""The short way to a person agrees with the rules: whatever it says without `assign`, `assign` says."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoshui.core.actor import SYSTEM
from huoshui.core.tests.ground import NOON, number
from huoshui.people import api as people
from huoshui.people.identity import recognising, rules, sharing
from huoshui.people.identity.reads import identifiers
from huoshui.people.identity.tests import meeting
from huoshui.people.identity.types import Seen

KINDS = ("phone", "account", "email", "device_id")


@st.composite
def carried(draw: st.DrawFn) -> list[Seen | None]:
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=4, unique=True))
    rows: list[Seen | None] = []
    for n, kind in enumerate(kinds):
        if draw(st.integers(0, 9)) == 0:
            rows.append(None)
            continue
        person = draw(st.integers(1, 4))
        canonical = draw(st.sampled_from([person, 1]))
        is_guarded = draw(st.integers(0, 5)) == 0
        row = Seen(0, kind, "", f"k{n}", n + 1, person, canonical, draw(st.integers(0, 6)), is_guarded)
        if kind == "device_id":
            row = row._replace(at=NOON)
            if holder := draw(st.integers(0, 4)):
                ago = timedelta(minutes=draw(st.integers(0, 60)))
                row = row._replace(holder_id=holder, held_since=NOON - ago)
        rows.append(row)
    return rows


@given(carried(), st.sets(st.integers(1, 4)))
def test_the_short_way_says_what_the_rules_say(rows: list[Seen | None], visitors: set[int]) -> None:
    found = recognising._person(rows, visitors)
    if None in rows:
        assert found == recognising.NEWS
        return
    told = rules.assign([row for row in rows if row is not None], {}, visitors)
    is_news = bool(told.born or told.new_identifiers or told.links or told.newly_guarded or told.held)
    assert found == (recognising.NEWS if is_news else told.person_of_fact.get(0))


@pytest.mark.django_db
def test_who_is_found_is_whom_the_river_would_say() -> None:
    """Over random facts with values that come to be shared: by one value, and by several together."""
    chance, token = random.Random(random.randrange(2**32)), number()
    kinds = ("unionid", "member_no", "card_no", "account", "device_id", "alias")
    pool = [(kind, f"{kind}-{token}-{n}") for kind in kinds for n in range(4)]
    guarded = nobody = 0
    for turn in range(80):
        told = chance.sample(pool, k=chance.randint(1, 3))
        found, before = people.find_by(told), meeting.persons()
        (person,) = meeting.meet_all([told])
        if found is not None:
            assert person is not None
            assert len(set(meeting.canonical(found, person))) == 1, (turn, told)
        else:
            nobody += 1
            assert person is None or person not in before, (turn, told)
        if turn % 20 == 19:
            owner = people.find(*pool[turn // 20])
            if owner is not None:
                (shown, *_) = [
                    i for i in identifiers(owner, may_reveal=False) if i.masked == pool[turn // 20][1]
                ]
                sharing.say_shared(owner, identifier_id=shown.id, reason="共用", actor=SYSTEM)
                assert people.find(*pool[turn // 20]) is None
                guarded += 1
    assert guarded and nobody
