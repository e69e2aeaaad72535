"""What was lost around a sale: its customer's visits that ended without one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.utils.translation import gettext as _

from huoshui.core.actor import Actor
from huoshui.intake.visitors.api import VisitView
from huoshui.trade.sales.api import SaleView
from huoshui.web.console import numbers
from huoshui.web.console.contexts import rooms, visitors
from huoshui.web.console.contexts.chain_goods import Onward, listed, onward_row
from huoshui.web.console.contexts.visitors_rows import Links, reason_word

AROUND = timedelta(days=30)


def lost(actor: Actor, sale: SaleView, person_id: int) -> Iterator[Onward]:
    """The last of them within a month of the sale, either side, at stores that the actor may look at."""
    if not visitors.may_see(actor):
        return
    day = numbers.day_of(sale.occurred_at)
    found = rooms.visitors.visits_of(actor, person_id, first=day - AROUND, last=day + AROUND)
    if not found:
        return
    visit = found[0]
    reasons = {reason.code: reason_word(reason.label) for reason in rooms.visitors.reasons()}
    said = _("这位顾客 {day}来过没买：{reason}").format(
        day=numbers.day(visit.ended_at), reason=reasons.get(visit.reason, visit.reason)
    )
    yield onward_row("loss", said, _cap(visit, others=len(found) - 1), _url(visit), is_warning=True)


def _cap(visit: VisitView, *, others: int) -> str:
    names = rooms.brand.product_names(list(visit.product_ids)) if visit.product_ids else {}
    wanted = [name or code for code, name in names.values()]
    store = rooms.brand.unit_names([visit.org_unit_id]).get(visit.org_unit_id, "")
    told = [store, _("想买 {names}").format(names=listed(wanted)) if wanted else "", visit.note]
    told += [_("前后一个月里还有 {n} 次").format(n=others)] if others else []
    return _("；").join(part for part in told if part)


def _url(visit: VisitView) -> str:
    """Who else left that store for the same reason on that day."""
    day = numbers.day_of(visit.ended_at)
    return Links(day, day, visit.org_unit_id)("visit", reason=visit.reason)
