"""Somebody left without buying: told once, and taken back within minutes. Callers hold the transaction."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from huoshui.brand import api as brand
from huoshui.core import clock, crypto, sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound, Refused
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import Note, Source
from huoshui.core.phone import NotAPhone
from huoshui.core.unmet import sentences
from huoshui.intake.visitors.places import ANSWER, may_tell, require_store
from huoshui.intake.visitors.settings import ReasonUnknown, reasons
from huoshui.intake.visitors.types import UNDO, VISIT_ENDED, VISIT_TAKEN_BACK, Told, Visit
from huoshui.people import api as people

Q = sql.load("huoshui.intake.visitors")

MOST_NOTE = 200
MOST_PRODUCTS = 20


class KeyReused(Refused):
    """这个编号已经用在另一条记录上了。"""

    code = "key_reused"


sentences({"visit_undo_too_late": "已经过了 10 分钟，不能再撤销。"})


class TooLate(Refused):
    """已经过了 10 分钟，不能再撤销。"""

    code = "visit_undo_too_late"


def guide_source() -> Source:
    """What guides tap on their phones."""
    return facts.ensure_source(name="guide", label="导购手机", mode="live")


def tell(visit: Visit, *, source: Source, actor: Actor, person_id: int | None = None) -> Told:
    """Write it down as a fact, once for each key. The same key with another content is KeyReused. `person_id`: whom the teller
    has before her, in the place of identifiers.

    Raises NotFound for a store that is not the actor's, and for a person who is not hers to see; ReasonUnknown.
    """
    if not may_tell(actor):
        raise NotFound
    require_store(actor, visit.org_unit_id)
    labels = {reason.code: reason.label for reason in reasons()}
    if visit.reason not in labels:
        raise ReasonUnknown
    if person_id is not None:
        person_id = people.card_for(actor, person_id).person_id
    digest = _digest(visit, person_id)
    if person_id is None:
        person_id = known_person(actor, visit.identifiers)
    row = sql.fetch_one(Q.add_visit, **_columns(visit, source, actor), digest=digest, person_id=person_id)
    if row is None:
        return _told_before(source, visit.key, digest)
    sku_ids = brand.find_skus(list(visit.product_codes[:MOST_PRODUCTS])) if visit.product_codes else {}
    (fact_id,) = facts.take_in(
        _fact(visit, labels[visit.reason], digest, person_id),
        source=source,
        received_at=clock.now(),
        actor=actor,
        is_named_here=True,
    )
    sql.run(Q.set_visit_fact, id=row.id, fact_id=fact_id)
    if sku_ids:
        sql.run(Q.add_visit_products, visit_id=row.id, sku_ids=sorted(set(sku_ids.values())))
    return Told(fact_id, person_id, is_repeat=False)


def take_back(fact_id: int, *, actor: Actor) -> int:
    """A mis-tap, by a fact of its own: within minutes, by whoever told it or answers for the store. Twice is once.

    Returns the fact that takes it back. Raises NotFound, TooLate.
    """
    row = sql.fetch_one(Q.lock_visit, fact_id=fact_id)
    if row is None or not may_tell(actor):
        raise NotFound
    require_store(actor, row.org_unit_id)
    if row.actor != str(actor) and not actor.roles & ANSWER:
        raise NotFound
    if row.taken_back_by is not None:
        return int(row.taken_back_by)
    now = clock.now()
    if now - row.told_at > UNDO:
        raise TooLate
    key = f"visit taken back:{fact_id}"
    body = {"of": fact_id, "reason": row.reason}
    made = facts.note([Note(VISIT_TAKEN_BACK, key, row.person_id, now, body)], actor=actor)
    sql.run(Q.take_visit_back, id=row.id, by=made[key])
    record(actor, "visit.taken_back", "fact", fact_id, by=made[key])
    return made[key]


def known_person(actor: Actor, identifiers: tuple[tuple[str, str], ...]) -> int | None:
    """Whom these name, if it is somebody the actor may see. Nobody is made: whoever bought nothing gave no consent."""
    for kind, value in identifiers:
        if people.is_blocked(kind, value):
            continue
        try:
            found = people.find(kind, value)
        except NotAPhone:
            continue
        if found is not None and (seen := people.visible_persons(actor, [found])):
            return seen[found]
    return None


def _columns(visit: Visit, source: Source, actor: Actor) -> dict[str, Any]:
    return {
        "source_id": source.id,
        "key": visit.key,
        "org_unit_id": visit.org_unit_id,
        "reason": visit.reason,
        "note": visit.note[:MOST_NOTE],
        "staff_code": visit.staff_code,
        "actor": str(actor),
        "ended_at": visit.ended_at,
        **day_and_hour(visit.ended_at),
        "told_at": clock.now(),
    }


def day_and_hour(at: datetime) -> dict[str, Any]:
    """As the brand's clock shows it."""
    local = at.astimezone(clock.brand_zone())
    return {"day": local.date(), "hour": local.hour}


def _told_before(source: Source, key: str, digest: str) -> Told:
    row = sql.fetch_one(Q.told_before, source_id=source.id, key=key)
    if row.digest.replace("-", "") != digest:
        raise KeyReused
    return Told(row.fact_id, row.person_id, is_repeat=True)


def _fact(visit: Visit, label: str, digest: str, person_id: int | None) -> facts.Told:
    """Settled as it is written: its person is known or nobody, and nothing follows from it. `label` is the word tapped then."""
    codes = brand.unit_codes([visit.org_unit_id])
    said = {
        "store": codes[visit.org_unit_id],
        "reason": visit.reason,
        "label": label,
        "products": list(visit.product_codes[:MOST_PRODUCTS]),
        "note": visit.note[:MOST_NOTE],
        "staff": visit.staff_code,
    }
    body = {name: value for name, value in said.items() if value}
    return facts.Told(
        names=[VISIT_ENDED],
        keys=[visit.key],
        hashes=[digest],
        times=[visit.ended_at],
        person_ids=[person_id],
        settled=[True],
        bodies=[json.dumps(body, ensure_ascii=False).encode()],
    )


def _digest(visit: Visit, person_id: int | None) -> str:
    """Of what was told, but for the time, which a phone without a clock to trust does not repeat. A contact enters by its
    keyed hash, so that nobody can find it by trying."""
    who = [(kind, crypto.digest(value)) for kind, value in visit.identifiers]
    told: list[object] = [visit.org_unit_id, visit.reason, visit.product_codes, who, visit.note]
    if person_id is not None:
        told.append(person_id)
    return hashlib.blake2b(json.dumps(told).encode(), digest_size=16).hexdigest()
