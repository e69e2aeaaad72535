"""One lead: whom, for what, with whom now, all that happened, and why each offer went where it went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from huoshui.core.actor import Actor
from huoshui.trade.leads.api import Candidate, Event, Lead
from huoshui.web.console.contexts import lead_words as words
from huoshui.web.console.contexts import leads_acts, rooms


@dataclass(frozen=True)
class Happened:
    at: datetime
    what: str
    who: str
    reason: str
    candidates: list[tuple[str, str, int, bool]]


@dataclass(frozen=True)
class LeadPage:
    lead: Lead
    name: str
    person_url: str
    state: str
    source: str
    dealer: str
    place: str
    left: str
    happened: list[Happened]
    dealers: list[tuple[int, str]]
    same_url: str
    order_url: str
    can_offer: bool
    can_recall: bool
    error: str
    done: str


def page(actor: Actor, lead_id: int, *, error: str, done: str) -> LeadPage:
    """Raises NotFound."""
    lead = rooms.leads.find(actor, lead_id)
    events, why = rooms.leads.events(actor, lead_id), rooms.leads.why(actor, lead_id)
    units = {e.dealer_id for e in events} | {e.desk_id for e in events} | {c.dealer_id for c in why}
    units |= {lead.dealer_id, lead.org_unit_id}
    firms = rooms.brand.unit_names(sorted(u for u in units if u is not None))
    name, head = words.names(actor, [lead]).get(lead.person_id or 0, (_("一位顾客"), None))
    decides = rooms.leads.decides(actor)
    return LeadPage(
        lead=lead,
        name=name,
        person_url=reverse("console:person", args=[head]) if head else "",
        state=str(words.STATES[lead.state]),
        source=str(words.SOURCES[lead.source]),
        dealer=firms.get(lead.dealer_id or 0, ""),
        place=firms.get(lead.org_unit_id or 0, "") or lead.district,
        left=words.left(lead.until),
        happened=[_happened(no, e, why, firms, _people(events)) for no, e in enumerate(events, 1)],
        dealers=sorted(((i, n) for n, i in leads_acts.dealers_by_name().items()), key=lambda one: one[1]),
        same_url=reverse("console:lead", args=[lead.same_as_id]) if lead.same_as_id else "",
        order_url=reverse("console:sale", args=[lead.order_id]) if lead.order_id else "",
        can_offer=decides and lead.state in ("new", "escalated"),
        can_recall=decides and lead.state in ("offered", "held", "lost", "bad"),
        error=error,
        done=done,
    )


def _people(events: list[Event]) -> Mapping[int, str]:
    ids = {int(e.actor[6:]) for e in events if e.actor.startswith("staff:")}
    found: Mapping[int, str] = rooms.brand.staff_names(sorted(ids))
    return found


def _happened(
    no: int, event: Event, why: list[Candidate], firms: Mapping[int, str], staff: Mapping[int, str]
) -> Happened:
    about = event.stage if event.kind in ("moved", "accepted", "won") else ""
    firm = firms.get(event.dealer_id or event.desk_id or 0, "")
    return Happened(
        at=event.at,
        what=" ".join(one for one in (str(words.EVENTS[event.kind]), firm, about) if one),
        who=staff.get(int(event.actor[6:]), "") if event.actor.startswith("staff:") else _("系统按规则"),
        reason=event.reason,
        candidates=[(firms.get(c.dealer_id, ""), _said(c), c.points, c.is_chosen) for c in why if c.no == no],
    )


def _said(candidate: Candidate) -> str:
    return "，".join(
        f"{words.SAID[word]} +{points}" if word in ("fair", "wins", "room") else str(words.SAID[word])
        for word, points in candidate.said
    )
