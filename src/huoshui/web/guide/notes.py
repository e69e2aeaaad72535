"""What a guide taps of the customer before her, as it comes from the form or from the queue of her phone."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.translation import gettext as _

from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.intake.visitors.api import Visit
from huoshui.trade.service import api as service
from huoshui.web.console.contexts import rooms
from huoshui.web.guide import known

_KEY = re.compile("[!-~]{8,64}")
MOST_LOOKED = 6


def looked_at() -> list[str]:
    """The largest categories that may stand on a screen which the customer sees."""
    counted = known.categories()
    ranked = sorted(counted, key=lambda name: (-counted[name], name))
    return [name for name in ranked if name and service.may_be_shown(name)][:MOST_LOOKED]


def tell(actor: Actor, person_id: int, said: Mapping[str, str]) -> None:
    """Raises NotFound, Refused. In the caller's transaction."""
    key = said.get("key", "")
    if not _KEY.fullmatch(key):
        raise Refused(_("这一条少了编号，请刷新页面再点。"))
    at = service.told_at(said.get("at", ""), clock.now())
    took, reason = said.get("took", ""), said.get("reason", "")
    if took == "yes" and reason:
        raise Refused(_("带走了就不用点没买的原因。"))
    note = service.Note(
        key=key,
        person_id=person_id,
        whom=said.get("whom", ""),
        looked=said.get("looked", ""),
        took="later" if reason else took,
        at=at,
    )
    service.note(note, looked=looked_at(), actor=actor)
    if reason:
        visit = Visit(key=f"{actor}:{key}:note", org_unit_id=_store(actor, said), reason=reason, ended_at=at)
        source = rooms.visitors.guide_source()
        rooms.visitors.tell(visit, source=source, actor=actor, person_id=person_id)


def _store(actor: Actor, said: Mapping[str, str]) -> int:
    stores = rooms.visitors.stores_of(actor)
    text = said.get("store", "")
    if not (text.isascii() and text.isdigit()) or int(text[:12]) not in stores:
        raise NotFound
    return int(text[:12])
