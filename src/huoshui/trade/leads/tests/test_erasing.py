"""Who is erased is in no word that anybody wrote about her leads or her orders; what was decided stays."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError, connection, transaction

from huoshui.core.subscribers import Erased
from huoshui.core.tests.ground import clean_tables
from huoshui.trade.bonds.tests.world import no_waiting
from huoshui.trade.commission.tests.world import BOSS
from huoshui.trade.leads import api as leads
from huoshui.trade.leads import erasing
from huoshui.trade.leads.tests.world import Leads, every, world

__all__ = ["clean_tables", "no_waiting", "world"]

_HER = "林要走 13911110001"
_WHERE = (
    "select wants || district from lead",
    "select reason from lead_event",
    "select said || decision from lead_bill",
    "select said || decision from lead_claim",
    "select detail::text from audit_entry where object_kind = 'lead'",
)


def said() -> list[str]:
    """What stands of her, wherever."""
    with connection.cursor() as cursor:
        found = []
        for text in _WHERE:
            cursor.execute(text)
            found += [word for (word,) in cursor.fetchall() if _HER in word]
    return found


def test_what_was_written_of_her_leads_goes_and_that_of_others_stays(world: Leads) -> None:
    lost, bad, other = world.lead("E1", wants=_HER, district=_HER), world.lead("E2"), world.lead("E3")
    world.give_out()
    who = {lead: world.take(lead) for lead in (lost, bad, other)}
    with transaction.atomic():
        leads.lose(lost, reason=f"{_HER} 打不通", actor=who[lost])
    with transaction.atomic():
        leads.lose(other, reason=f"以为是{_HER}", actor=who[other])
    with transaction.atomic():
        claim = leads.claim_bad(bad, kind="empty_number", said=f"{_HER} 空号", actor=who[bad])
    with transaction.atomic():
        leads.decide_claim(claim, granted=True, reason=f"{_HER} 属实", actor=BOSS)
    hers = tuple(one.person_id for one in every() if one.id in (lost, bad) and one.person_id)
    assert len(said()) == 9
    with transaction.atomic():
        erasing.erase(Erased(hers))
        assert erasing.erase(Erased(hers)) == {"线索": 0, "线索的操作说明": 0}
    assert len(said()) == 2, "the other's lead, and its audit"
    assert [one.state for one in every()] == ["lost", "bad", "lost"]


def test_outside_of_an_erasure_nothing_written_is_rewritten(world: Leads) -> None:
    world.lead("E4")
    for text in ("update lead_event set reason = 'x'", "update lead_event set actor = 'x'"):
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(text)
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select set_config('huoshui.erasing', 'leads', true)")
        cursor.execute("update lead_event set actor = 'x'")
