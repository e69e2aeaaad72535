"""A reading that was not taken in: why, what it said, and what is to become of it."""

from __future__ import annotations

import json

from django.urls import reverse

from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.web.console.contexts import rooms
from huoshui.web.console.contexts import tracking_words as words
from huoshui.web.console.contexts.tracking_sources import may_act, may_see, require
from huoshui.web.console.contexts.tracking_stream import AsideContext
from huoshui.web.console.retell import retell


def aside(
    actor: Actor, aside_id: int, *, text: str | None = None, error: str = "", reason: str = ""
) -> tuple[int, AsideContext]:
    """With its device. Raises NotFound. A reading may hold body figures: only who may see contacts reads and mends it."""
    require(may_see(actor))
    view = rooms.devices.open_aside(aside_id)
    may_read = actor.may_see_contacts
    if may_read:
        record(actor, "reading.read_aside", "device_aside", aside_id)
    name = rooms.devices.device_view(view.device_id).name
    return view.device_id, AsideContext(
        url=reverse("console:device-aside", args=[aside_id]),
        what=name,
        source=name,
        why=retell(view.sentence),
        place=view.pointer,
        message_id=view.message_id,
        times=view.times,
        received_at=view.received_at,
        state=str(words.ASIDE_STATES[view.state]),
        is_open=view.state == "open",
        text=(text if text is not None else json.dumps(json.loads(view.text), ensure_ascii=False, indent=2))
        if may_read
        else "",
        may_read=may_read,
        may_act=may_act(actor),
        error=error,
        reason=reason,
    )
