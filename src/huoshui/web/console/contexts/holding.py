"""From when until when a device was a person's, in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter

from django.utils.translation import gettext as _

from huoshui.core.actor import Actor
from huoshui.people.api import KnownDevice
from huoshui.web.console import numbers, words
from huoshui.web.console.contexts import rooms


@dataclass(frozen=True)
class Held:
    identifier_id: int
    icon: str
    key: str
    label: str
    terms: tuple[str, ...]


def of(actor: Actor, person_id: int) -> dict[int, Held]:
    """By identifier, each device that the person was known on."""
    found = sorted(rooms.people.devices_for(actor, person_id), key=attrgetter("identifier_id", "since"))
    return {
        identifier_id: _held(list(terms))
        for identifier_id, terms in groupby(found, key=attrgetter("identifier_id"))
    }


def besides(held: Mapping[int, Held], shown: Collection[int]) -> list[Held]:
    """Those that were somebody else's first, and so stand among that one's accounts."""
    return [one for identifier_id, one in held.items() if identifier_id not in shown]


def _held(terms: list[KnownDevice]) -> Held:
    first = terms[0]
    return Held(
        first.identifier_id,
        words.IDENTIFIER_ICONS.get(first.kind, "id"),
        first.key,
        rooms.people.KINDS[first.kind].label,
        tuple(_term(one) for one in terms),
    )


def _term(one: KnownDevice) -> str:
    if one.until is None:
        return _("%(since)s 登录，之后是这位顾客在用") % {"since": _moment(one.since)}
    return _("%(since)s 登录，用到 %(until)s 换了别人登录") % {
        "since": _moment(one.since),
        "until": _moment(one.until),
    }


def _moment(at: datetime) -> str:
    return f"{numbers.short_day(at)} {numbers.hour(at)}"
