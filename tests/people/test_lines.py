"""A landline through the river: it joins and names nobody, and is shown."""

from __future__ import annotations

import pytest

from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.core.facts.types import IDENTIFY
from huoshui.core.tests.ground import NOON, a_source, number
from huoshui.intake.river.api import Item, submit
from huoshui.people import api as people
from huoshui.people.identity import reads

_OF = sql.Statement(
    "of",
    "select coalesce(c.canonical_id, s.person_id) as person_id from settlement s"
    " left join person_cluster c on c.person_id = s.person_id where s.source_id = %(source_id)s order by s.fact_id",
)
_GUARDED = sql.Statement("guarded", "select count(*) as n from identifier where is_guarded")


@pytest.mark.django_db
def test_a_line_under_eight_cards_joins_and_names_nobody_and_is_shown() -> None:
    source, run = a_source(), number()
    line = ("phone", "0571-88888888")
    told = [[line, ("card_no", f"L{run}-{n}")] for n in range(8)] + [[line], [line]]
    submit([Item(IDENTIFY, f"k{n}", NOON, tuple(t)) for n, t in enumerate(told)], source=source, actor=SYSTEM)
    of = [r.person_id for r in sql.fetch(_OF, source_id=source.id)]
    assert len(set(of[:8])) == 8 and of[8:] == [None, None]
    assert sql.fetch_one(_GUARDED).n == 0, "nor does it cost anybody a look"
    shown = [i for i in reads.identifiers(of[0], may_reveal=True) if i.kind == "phone"]
    assert [(i.label, i.masked[-4:], i.can_reveal) for i in shown] == [
        ("固定电话（不用来认人）", "8888", True)
    ]
    assert people.find("phone", "057188888888") is None
    assert people.find("card_no", f"L{run}-3") == of[3]
