"""A dealer's leads on its phone: those to accept with the clock, those in hand by stage, the bills before they are owed. For a
regional manager, those nobody took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huoshui.core.actor import Actor
from huoshui.trade.leads.api import BillView, Lead, Share
from huoshui.web.console.contexts import lead_words as words
from huoshui.web.console.contexts import rooms


@dataclass(frozen=True)
class Row:
    lead: Lead
    source: str
    left: str
    name: str
    person_id: int | None
    stages: list[tuple[str, bool]]
    claim: str


@dataclass(frozen=True)
class BillRow:
    bill: BillView
    kind: str
    state: str
    left: str
    can_object: bool


@dataclass(frozen=True)
class PhonePage:
    sentence: str
    offered: list[Row]
    held: list[Row]
    desk: list[Row]
    won: list[Row]
    bills: list[BillRow]
    shares: list[tuple[Share, str]]
    dealers: list[tuple[int, str]]
    bounces: list[str]
    losses: list[str]
    bad: list[tuple[str, str]]
    is_taker: bool
    error: str
    done: str


def page(actor: Actor, *, error: str = "", done: str = "") -> PhonePage:
    found = rooms.leads.leads(actor, states=["offered", "held", "escalated", "won"], limit=200)
    rows = _rows(actor, found)

    def of(state: str) -> list[Row]:
        return [r for r in rows if r.lead.state == state]

    offered, held = of("offered"), of("held")
    return PhonePage(
        sentence=_sentence(offered, held, of("escalated")),
        offered=offered,
        held=held,
        desk=of("escalated"),
        won=of("won")[:20],
        bills=[_bill(b) for b in rooms.leads.bills(actor)[:30]],
        shares=[(s, f"{s.permille / 10:g}") for s in rooms.leads.own_shares(actor)],
        dealers=_dealers(actor) if "regional_manager" in actor.roles else [],
        bounces=[str(word) for word in words.BOUNCES],
        losses=[str(word) for word in words.LOSSES],
        bad=[(kind, str(word)) for kind, word in words.BAD.items()],
        is_taker=bool(actor.roles & {"dealer", "manager"}),
        error=error,
        done=done,
    )


def _sentence(offered: Sequence[Row], held: Sequence[Row], desk: Sequence[Row]) -> str:
    if desk:
        n = len(desk)
        return ngettext("{n} 条线索没有人接，请您派一家。", "{n} 条线索没有人接，请您派一家。", n).format(n=n)
    if offered:
        n = len(offered)
        said = ngettext("{n} 条线索等您接，最急的{left}。", "{n} 条线索等您接，最急的{left}。", n)
        return said.format(n=n, left=offered[0].left)
    if held:
        n = len(held)
        return ngettext("没有要接的，{n} 条在跟进。", "没有要接的，{n} 条在跟进。", n).format(n=n)
    return _("现在没有线索。有新的会出现在这里。")


def _rows(actor: Actor, found: Sequence[Lead]) -> list[Row]:
    # Whom an offer is about is told to who takes it
    known = words.names(actor, [lead for lead in found if lead.state in ("held", "won")])
    stages = rooms.leads.current_rules().stages
    claims = {c.lead_id: str(words.CLAIMS[c.state]) for c in rooms.leads.claims(actor)}
    rows = []
    for lead in found:
        name, page_id = known.get(lead.person_id or 0, ("", None))
        rows.append(
            Row(
                lead=lead,
                source=str(words.SOURCES[lead.source]),
                left=words.left(lead.until),
                name=name,
                person_id=page_id,
                stages=[(stage, stage == lead.stage) for stage in stages],
                claim=claims.get(lead.id, ""),
            )
        )
    return rows


def _bill(bill: BillView) -> BillRow:
    left = words.left(bill.object_until) if bill.state == "open" else ""
    can = bill.state == "open" and left != _("时间到了")
    return BillRow(bill, str(words.KINDS[bill.kind]), str(words.BILLS[bill.state]), left if can else "", can)


def _dealers(actor: Actor) -> list[tuple[int, str]]:
    below = rooms.brand.units_below(sorted(actor.org_unit_ids))
    kinds = rooms.brand.unit_kinds(sorted(below))
    dealers = sorted(unit for unit, kind in kinds.items() if kind == "dealer")
    return sorted(rooms.brand.unit_names(dealers).items(), key=lambda one: one[1])
