"""Words about people by hand, by a list and by a model. Callers hold the transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound
from huoshui.insight.segments.actions import require
from huoshui.insight.tags import rules
from huoshui.insight.tags.actions import may_see, may_write
from huoshui.insight.tags.jobs import tend_soon
from huoshui.insight.tags.refusals import TagNeedsConsent, TagRefused
from huoshui.insight.tags.types import Definition, Taken
from huoshui.people import api as people

Q = sql.load("huoshui.insight.tags")


def give(*, person_id: int, tag_id: int, value: str = "", reason: str, actor: Actor) -> int:
    """By hand, of a person the actor may see. What a hand said before of a tag with one value ends. Raises
    TagRefused, NotFound."""
    person_id = people.card_for(actor, person_id).person_id
    tag = _tag(tag_id, actor)
    value = rules.clean_value(tag.kind, value, _definition(tag))
    reason = rules.clean(reason, "reason", rules.MOST_REASON)
    if tag.is_sensitive and people.unconsented([person_id], "sensitive"):
        raise TagNeedsConsent
    at, own = clock.now(), people.members(person_id)
    several = value if tag.kind == "several" else None
    sql.run(
        Q.end_others, tag_id=tag_id, person_ids=own, source="hand", value=several, at=at, actor=actor.name
    )
    row = sql.fetch_one(
        Q.give,
        tag_id=tag_id,
        person_id=person_id,
        value=value,
        number=rules.number_of(tag.kind, value),
        at=at,
        actor=str(actor),
        actor_name=actor.name,
        reason=reason,
    )
    record(actor, "tag.given", "person", person_id, tag=tag.key, value=value, reason=reason)
    _changed(tag_id)
    return int(row.id)


def check_value(tag_id: int, value: str, *, actor: Actor) -> str:
    """As it would be given. Raises TagRefused, NotFound."""
    tag = _tag(tag_id, actor)
    return rules.clean_value(tag.kind, value, _definition(tag))


def end(given_id: int, *, reason: str, actor: Actor) -> None:
    """What a hand, a list or a model said is taken back, with a reason. What a rule says, or an inference, is changed there.
    Raises TagRefused, NotFound."""
    row = sql.fetch_one(Q.one_given, given_id=given_id)
    if row is None:
        raise NotFound
    person = people.card_for(actor, row.person_id)
    if row.is_sensitive:
        require(may_see(actor))
    if row.source in ("rule", "inference"):
        raise TagRefused("tag_by_machine")
    reason = rules.clean(reason, "reason", rules.MOST_REASON)
    if not sql.run(Q.end_one, given_id=given_id, at=clock.now(), actor_name=actor.name, reason=reason):
        raise TagRefused("tag_ended")
    record(actor, "tag.ended", "person", person.person_id, given=given_id, reason=reason)
    _changed(row.tag_id)


def take_import(
    tag_id: int, *, person_ids: Sequence[int], values: Sequence[str], origin: str, actor: Actor
) -> Taken:
    """What a list says, all of it or nothing. What an earlier list said of the same people ends where this one says something
    else; of others it stays."""
    require(may_write(actor))
    tag = _tag(tag_id, actor)
    said = [rules.clean_value(tag.kind, value, _definition(tag)) for value in values]
    return _take(tag, "import", person_ids, said, origin=origin, actor=actor)


def take_model(
    tag_id: int,
    *,
    person_ids: Sequence[int],
    values: Sequence[str],
    scores: Sequence[float],
    model: str,
    whys: Sequence[Sequence[Mapping[str, Any]]] | None = None,
    is_whole: bool = True,
    actor: Actor,
) -> Taken:
    """What a model says, with how sure it is. `is_whole`: of nobody else does it say anything any more. Of whoever does not
    want to be profiled it says nothing."""
    require(may_write(actor))
    tag = _tag(tag_id, actor)
    said = [rules.clean_value(tag.kind, value, _definition(tag)) for value in values]
    return _take(
        tag, "model", person_ids, said, origin=model, scores=scores, whys=whys, is_whole=is_whole, actor=actor
    )


def take_inferred(
    tag: sql.Row,
    *,
    person_ids: Sequence[int],
    values: Sequence[str],
    scores: Sequence[float],
    whys: Sequence[Sequence[Mapping[str, Any]]],
    at: datetime,
    actor: Actor,
) -> Taken:
    return _take(
        tag, "inference", person_ids, values, scores=scores, whys=whys, is_whole=True, at=at, actor=actor
    )


def _take(
    tag: sql.Row,
    source: str,
    person_ids: Sequence[int],
    values: Sequence[str],
    *,
    origin: str = "",
    scores: Sequence[float] | None = None,
    whys: Sequence[Sequence[Mapping[str, Any]]] | None = None,
    is_whole: bool = False,
    at: datetime | None = None,
    actor: Actor,
) -> Taken:
    at = at or clock.now()
    canonical = people.canonical_ids(list(dict.fromkeys(person_ids)))
    refused = _refused(sorted(set(canonical.values())), tag, source)
    staged: dict[tuple[int, str], dict[str, Any]] = {}
    for place, (person_id, value) in enumerate(zip(person_ids, values, strict=True)):
        who = canonical[person_id]
        if who in refused:
            continue
        key = (who, value if tag.kind == "several" else "")
        staged[key] = {
            "tag_id": tag.id,
            "person_id": who,
            "value": value,
            "number": rules.number_of(tag.kind, value),
            "score": float(scores[place]) if scores is not None else None,
            "why": json.dumps(list(whys[place]), ensure_ascii=False) if whys is not None else "[]",
        }
    sql.run(Q.forget_staged, tag_id=tag.id)
    sql.copy_in("tag_staged", pa.Table.from_pylist(list(staged.values()), schema=_STAGED))
    begun, ended = _take_staged(tag, source, origin, is_whole=is_whole, at=at, actor=actor)
    _changed(tag.id)
    return Taken(begun, ended, len(refused))


_STAGED = pa.schema(
    [
        ("tag_id", pa.int64()),
        ("person_id", pa.int64()),
        ("value", pa.string()),
        ("number", pa.float64()),
        ("score", pa.float64()),
        ("why", pa.string()),
    ]
)


def _take_staged(
    tag: sql.Row, source: str, origin: str, *, is_whole: bool, at: datetime, actor: Actor
) -> tuple[int, int]:
    """Lists are believed one after another; each model speaks for itself."""
    own = origin if source == "model" else None
    present = [r.person_id for r in sql.fetch(Q.open_persons, tag_id=tag.id, source=source, own=own)]
    merged = {b: c for b, c in people.canonical_ids(present).items() if b != c}
    common: dict[str, Any] = {
        "tag_id": tag.id,
        "source": source,
        "own": own,
        "at": at,
        "merged": list(merged),
        "into": list(merged.values()),
    }
    ended = sql.run(Q.part_staged, **common, by=origin, is_whole=is_whole, is_several=tag.kind == "several")
    begun = sql.run(Q.begin_staged, **common, origin=origin, actor=str(actor), actor_name=actor.name)
    sql.run(Q.forget_staged, tag_id=tag.id)
    return begun, ended


def _refused(person_ids: Sequence[int], tag: sql.Row, source: str) -> set[int]:
    refused = set(person_ids) - people.living_among(person_ids)
    if source in ("model", "inference"):
        refused |= people.unprofiled(person_ids)
    if tag.is_sensitive:
        refused |= people.unconsented(person_ids, "sensitive")
    return refused


def _tag(tag_id: int, actor: Actor) -> sql.Row:
    row = sql.fetch_one(Q.for_giving, tag_id=tag_id)
    if row is None or (row.is_sensitive and not may_see(actor)):
        raise NotFound
    if row.state != "on":
        raise TagRefused("tag_off", name=row.name)
    return row


def _definition(tag: sql.Row) -> Definition:
    return rules.from_json(json.loads(tag.definition))


def _changed(tag_id: int) -> None:
    sql.run(Q.set_stale, ids=[tag_id])
    tend_soon()
