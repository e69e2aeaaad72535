"""The short way to a person agrees with the rules: whatever it says without `assign`, `assign` says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from huoshui.people.identity import recognising, rules
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
        rows.append(Seen(0, kind, "", f"k{n}", n + 1, person, canonical, draw(st.integers(0, 6)), is_guarded))
    return rows


@given(carried(), st.sets(st.integers(1, 4)))
def test_the_short_way_says_what_the_rules_say(rows: list[Seen | None], visitors: set[int]) -> None:
    found = recognising._person(rows, visitors)
    if None in rows:
        assert found == recognising.NEWS
        return
    told = rules.assign([row for row in rows if row is not None], {}, visitors)
    is_news = bool(told.born or told.new_identifiers or told.links or told.newly_guarded)
    assert found == (recognising.NEWS if is_news else told.person_of_fact.get(0))
