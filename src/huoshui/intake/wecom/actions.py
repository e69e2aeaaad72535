"""One customer's code of one of the staff: asked for at the counter, made by a worker.

Whoever may not read her number may still have her add him: permitted as the dial is (`people.dialling`), and seen by all
concerned. Not `may_send`: she does it herself, by scanning.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Final

from django.conf import settings

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound
from huoshui.core.jobs import defer
from huoshui.intake.wecom import house
from huoshui.intake.wecom.client import client
from huoshui.intake.wecom.faults import NO_USER, PASSING
from huoshui.intake.wecom.tokens import with_token
from huoshui.intake.wecom.types import LIVES, Fault, Made, StaffUnknown, Way, WecomMissing
from huoshui.people import api as people

Q = sql.load("huoshui.intake.wecom")

_LEFT: Final = timedelta(minutes=5)
"""So long a code must still be good to be shown again."""
_PATIENCE: Final = timedelta(minutes=1)
_AFTER: Final = timedelta(days=1)
"""A code stays at WeCom for so long after its end, so that whoever comes late is still told apart."""


def may_add(actor: Actor) -> bool:
    return actor.kind == "staff" and people.dialling.may_dial(actor)


def ask(actor: Actor, person_id: int) -> int:
    """Her code, for this one of the staff; one that is still good is shown again. In the caller's transaction, with its trace.
    Returns the id of the way. Raises NotFound, ContactsClosed, HeadOfficeClosed, WecomMissing, StaffUnknown."""
    from huoshui.intake.wecom.jobs import make

    card = people.dialling.reached(actor, person_id)
    if actor.kind != "staff":
        raise NotFound
    if not house.is_open():
        raise WecomMissing
    if not _user_of(actor.id):
        raise StaffUnknown
    now = clock.now()
    kept = sql.fetch_one(
        Q.still_good, person_id=card.person_id, staff_id=actor.id, until=now + _LEFT, lately=now - _PATIENCE
    )
    if kept is None:
        kept = sql.fetch_one(
            Q.add_way,
            person_id=card.person_id,
            staff_id=actor.id,
            dealer_id=card.dealer_id,
            store_id=card.home_org_unit_id,
            state=secrets.token_hex(15),
            now=now,
            until=now + LIVES,
        )
        defer(make, way_id=kept.id)
    record(actor, "contact.wecom", "person", card.person_id, way_id=kept.id, kind="wecom")
    return int(kept.id)


def _user_of(staff_id: int) -> str:
    """'' where WeCom does not know him. The demo's simulator knows everybody."""
    return brand.wecom_id_of(staff_id) or (f"demo-{staff_id}" if settings.HUOSHUI_DEMO else "")


def way_for(actor: Actor, person_id: int, way_id: int) -> Way:
    """As it stands, for whoever asked for it. Raises NotFound, ContactsClosed, HeadOfficeClosed."""
    card = people.dialling.reached(actor, person_id)
    found = sql.fetch_as(Way, Q.way, id=way_id)
    if not found or found[0].staff_id != actor.id:
        raise NotFound
    if people.canonical_ids([found[0].person_id])[found[0].person_id] != card.person_id:
        raise NotFound
    return found[0]


def make_now(way_id: int) -> None:
    """For workers, outside of a transaction: what WeCom says is kept, be it the code or why there is none."""
    row = sql.fetch_one(Q.to_make, id=way_id)
    if row is None:
        return
    made = Made("", "")
    try:
        user = _user_of(row.staff_id)
        if not user:
            raise Fault(NO_USER)
        asked, access = client(), house.access()
        made = with_token(asked, access, lambda token: asked.add_way(token, user=user, state=row.state))
        sql.run(Q.made, id=way_id, config_id=made.config_id, image=asked.picture(made.url))
    except Fault as fault:
        sql.run(Q.failed, id=way_id, fault=fault.code, said=fault.said, config_id=made.config_id)


def try_now() -> None:
    """The same: whether the settings work."""
    try:
        asked, access = client(), house.access()
        number = with_token(asked, access, asked.followers)
        trial, said = "ok", str(number)
    except Fault as fault:
        trial, said = fault.code, fault.said
    sql.run(Q.answer_trial, now=clock.now(), trial=trial, said=said)


def take_down(*, limit: int = 200) -> int:
    """Codes that are over are taken down at WeCom, which has room for 500,000; a refusal that passes leaves the rest for the
    next look. Returns how many went."""
    now = clock.now()
    sql.run(Q.forget_images, before=now)
    gone: list[int] = []
    for row in sql.fetch(Q.over, before=now - _AFTER, limit=limit):
        if not _is_dropped(row.config_id):
            break
        gone.append(row.id)
    if gone:
        sql.run(Q.taken_down, ids=gone)
    sql.run(Q.forget_orphans)
    return len(gone)


def _is_dropped(config_id: str) -> bool:
    """Also where WeCom knows nothing of it."""
    try:
        asked = client()
        with_token(asked, house.access(), lambda token: asked.drop_way(token, config_id))
    except Fault as fault:
        return fault.code not in PASSING
    return True
