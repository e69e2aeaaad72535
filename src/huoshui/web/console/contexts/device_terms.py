"""Who had a device when: on its own page, on a person's, and where a term is mended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.core.errors import Refused
from huoshui.intake.devices.api import Had
from huoshui.web.console.contexts import cards, rooms
from huoshui.web.console.contexts.tracking_sources import may_act, may_see, require


@dataclass(frozen=True)
class TermRow:
    url: str
    """Where it is mended; '' for who may not."""
    device: str
    device_url: str
    person: str
    person_url: str
    member: str
    since: datetime
    until: datetime | None
    reason: str
    readings: int


@dataclass(frozen=True)
class PersonDevices:
    rows: list[TermRow]


@dataclass(frozen=True)
class TermPage:
    url: str
    device: str
    device_url: str
    row: TermRow
    is_open: bool
    since: str
    until: str
    now: str
    said: Mapping[str, str]
    act: str
    error: str


def of_device(actor: Actor, device_id: int) -> list[TermRow]:
    """Those who have it no more."""
    return _rows(actor, rooms.devices.terms_of_device(device_id, is_over=True))


def of_person(actor: Actor, person_id: int) -> PersonDevices:
    """Raises NotFound for a person who is not the actor's to see."""
    return PersonDevices(_rows(actor, rooms.devices.devices_of(actor, person_id)))


def page(
    actor: Actor,
    device_id: int,
    binding_id: int,
    said: Mapping[str, str] | None = None,
    *,
    error: str = "",
) -> TermPage:
    """Raises NotFound."""
    require(may_act(actor))
    had = rooms.devices.term_of(device_id, binding_id)
    said = said or {}
    (row,) = _rows(actor, [had])
    return TermPage(
        url=_url(had),
        device=had.device,
        device_url=row.device_url,
        row=row,
        is_open=had.until is None,
        since=said.get("since", _local(had.since)),
        until=said.get("until", _local(had.until)),
        now=_local(clock.now()),
        said=said,
        act=said.get("act", ""),
        error=error,
    )


def _url(had: Had) -> str:
    return reverse("console:device-term", args=[had.device_id, had.id])


def _rows(actor: Actor, found: Sequence[Had]) -> list[TermRow]:
    canonical = rooms.people.canonical_ids([had.person_id for had in found])
    known = {card.person_id: card for card in rooms.people.cards_for(actor, sorted(set(canonical.values())))}
    rows = []
    for had in found:
        card = known.get(canonical[had.person_id])
        rows.append(
            TermRow(
                url=_url(had) if may_act(actor) else "",
                device=had.device,
                device_url=reverse("console:device", args=[had.device_id]) if may_see(actor) else "",
                person=cards.name_of(card) if card else "—",
                person_url=reverse("console:person", args=[card.person_id]) if card else "",
                member=had.member,
                since=had.since,
                until=had.until,
                reason=had.reason if may_see(actor) else "",
                readings=had.readings,
            )
        )
    return rows


def _local(at: datetime | None) -> str:
    """As a field of the browser has it, to the second: a term often begins where another ended."""
    return at.astimezone(ZoneInfo(settings.HUOSHUI_ZONE)).strftime("%Y-%m-%dT%H:%M:%S") if at else ""


def instant(text: str, kept: datetime | None = None) -> datetime | None:
    """What stands in such a field, by the brand's clock; None where nothing does. What was not touched stays as it was, to
    the microsecond. Raises Refused."""
    text = text.strip()
    if not text:
        return None
    if kept is not None and text == _local(kept):
        return kept
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(_("时间请写成 2026-03-01 09:30 这样。")) from None
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(settings.HUOSHUI_ZONE))
