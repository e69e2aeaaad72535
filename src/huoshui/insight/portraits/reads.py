"""Portraits as they are shown: who may see what, of whom, and against whom."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import ibis.expr.types as ir
from django.conf import settings
from django.utils.crypto import salted_hmac

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.insight.lake import Lake
from huoshui.insight.portraits import comparing, describing, guarding, kinds, measuring, typical
from huoshui.insight.portraits.types import Counted, Heads, Portrait, Types, Typical
from huoshui.insight.segments import api as segments
from huoshui.people import api as people

Q = sql.load("huoshui.insight.portraits")

SEES_FIGURES = frozenset({"manager", "dealer"})
"""May know what customers are like, but not who is in a segment of head office."""


class NobodyThere(Refused):
    """这个人群现在没有人，看不出是什么样的。"""

    code = "segment_empty"


class SameSegment(Refused):
    """请选另一个人群来比较。"""

    code = "segment_same"


def may_see(actor: Actor) -> bool:
    return may_see_people(actor) or bool(actor.roles & SEES_FIGURES)


def may_see_people(actor: Actor) -> bool:
    return segments.may_see(actor)


def shown(actor: Actor) -> list[tuple[int, str]]:
    """Segments whose portraits the actor may see, by name."""
    _require(may_see(actor))
    return [(int(s.id), s.name) for s in segments.listed_for_figures() if s.people]


def portrait(
    lake: Lake, actor: Actor, segment_id: int, *, against: int | None = None, lang: str = "zh"
) -> Portrait:
    """`against`: another segment; None: everyone. Exact for who may see persons; else guarded, see `guarding`. Raises NotFound,
    NobodyThere, SameSegment, guarding.TooFew."""
    _require(may_see(actor))
    if against == segment_id:
        raise SameSegment
    one, group = _members(segment_id)
    other, base = _members(against) if against is not None else ("", None)
    barred, day = people.everyone_unprofiled(), lake.newest_day()
    heads, cells = measuring.measured(lake, measuring.Sides(group, base, barred), day)
    if not heads.group or (base is not None and not heads.base):
        raise NobodyThere
    held_back, is_guarded = 0, not may_see_people(actor)
    if is_guarded:
        draw = _draw(group, base, day)
        heads, cells, held_back = _guarded(heads, cells, base is None, draw)
    traits = comparing.compared(cells, lang=lang, stores=_stores(lake))
    return Portrait(
        segment_id=segment_id,
        name=one,
        against=other,
        as_of=day,
        people=heads.group,
        base=heads.base,
        both=heads.both,
        traits=traits,
        paragraph=describing.paragraph(
            traits, people=heads.group, against=other, is_about=is_guarded, lang=lang
        ),
        is_guarded=is_guarded,
        held_back=held_back,
        fewest=settings.HUOSHUI_PORTRAIT_FEWEST,
    )


def behind(
    lake: Lake, actor: Actor, segment_id: int, attribute: str, value: str, *, limit: int = 50, after: int = 0
) -> list[int]:
    """Canonical ids of the people a number is made of, ascending; `after` is the last of the page before."""
    _require(may_see_people(actor))
    found = _having(lake, segment_id, attribute, value)
    page = lake.run(found.filter(found.person_id > after).order_by("person_id").limit(limit))
    return [int(i) for i in page.column("person_id").to_pylist()]


def count_behind(lake: Lake, actor: Actor, segment_id: int, attribute: str, value: str) -> int:
    _require(may_see_people(actor))
    found = _having(lake, segment_id, attribute, value)
    return int(lake.run(found.agg(people=found.count())).column("people")[0].as_py())


def _having(lake: Lake, segment_id: int, attribute: str, value: str) -> ir.Table:
    ids = sorted(set(_members(segment_id)[1]) - people.everyone_unprofiled())
    return measuring.having(lake, ids, attribute, value, lake.newest_day())


def typical_of(lake: Lake, actor: Actor, segment_id: int, *, lang: str = "zh") -> list[Typical]:
    """Three to five people who stand for the segment's parts, the largest part first.

    Empty where fewer than 30 have bought, and for who may not see persons. Whoever a person has named comes with name and
    treatment, and stays while in the segment, even when no longer in the middle of any part.
    """
    if not may_see_people(actor):
        _require(may_see(actor))
        return []
    ids = set(_members(segment_id)[1]) - people.everyone_unprofiled()
    drawn = typical.drawn(lake, sorted(ids), lake.newest_day(), lang)
    rows = sql.fetch(Q.typical, segment_id=segment_id)
    now = people.canonical_ids([r.person_id for r in rows])
    said = {now[r.person_id]: r for r in reversed(rows) if now[r.person_id] in ids}
    kept = [
        Typical(person_id, 0, 0.0, "")
        for person_id in sorted(said)
        if person_id not in {t.person_id for t in drawn}
    ]
    return [
        replace(t, called=r.called, treatment=r.treatment, by=r.actor_name, said_at=r.said_at)
        if (r := said.get(t.person_id))
        else t
        for t in (*drawn, *kept)
    ]


def types(lake: Lake, actor: Actor, *, lang: str = "zh") -> Types | None:
    """The types in use, the largest first; None while nobody has had them found."""
    _require(may_see_people(actor))
    row = sql.fetch_one(Q.model)
    if row is None:
        return None
    model, called = kinds.Model.from_json(json.loads(row.model)), json.loads(row.called)
    told = kinds.told(lake, model, lake.newest_day(), lang)
    named = tuple(replace(t, called=called.get(str(t.key), "")) for t in told)
    return Types(int(row.id), row.made_at, row.actor_name, named)


def people_of_type(lake: Lake, actor: Actor, key: int, *, limit: int = 50, after: int = 0) -> list[int]:
    """Raises NotFound."""
    _require(may_see_people(actor))
    row = sql.fetch_one(Q.model)
    if row is None:
        raise NotFound
    found = kinds.assigned(lake, kinds.Model.from_json(json.loads(row.model)), lake.newest_day())
    chosen = found.filter((found.type == key) & (found.person_id > after))
    page = lake.run(chosen.select("person_id").order_by("person_id").limit(limit))
    return [int(i) for i in page.column("person_id").to_pylist()]


def _members(segment_id: int) -> tuple[str, list[int]]:
    """Its name, and all who are in it, ascending. Raises NotFound."""
    return segments.name_and_members(segment_id)


def _guarded(
    heads: Heads, cells: Sequence[Counted], is_within: bool, draw: guarding.Draw
) -> tuple[Heads, list[Counted], int]:
    fewest = settings.HUOSHUI_PORTRAIT_FEWEST
    return guarding.guarded(heads, cells, fewest=fewest, is_within=is_within, draw=draw)


def _draw(group: Sequence[int], base: Sequence[int] | None, day: date) -> guarding.Draw:
    """The same for the same people, by a key that only the server has."""
    who = hashlib.sha256(repr((group, base, day)).encode()).hexdigest()

    def draw(what: str) -> float:
        digest = salted_hmac("huoshui.portraits", f"{who} {what}", algorithm="sha256").digest()
        return int.from_bytes(digest[:7], "big") / 2**56

    return draw


def _stores(lake: Lake) -> dict[str, str]:
    return {row["code"]: row["name"] for row in lake.rows(lake.org_units.select("code", "name"))}


def _require(allowed: bool) -> None:
    if not allowed:
        raise NotFound
