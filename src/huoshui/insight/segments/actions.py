"""Writes: save a rule, rename, pause, take up again, archive. Callers hold the transaction."""

from __future__ import annotations

import hashlib
import json
from typing import Any, NamedTuple

from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound, Refused
from huoshui.insight.segments import judging, keepers, rules
from huoshui.insight.segments.jobs import refresh_soon
from huoshui.insight.segments.types import STATES, Saved

Q = sql.load("huoshui.insight.segments")

MAY_WRITE = frozenset({"boss", "operator", "analyst"})


class SegmentNameTaken(Refused):
    """已经有一个同名的人群，请换一个名字。"""

    code = "segment_name_taken"


class SegmentRing(Refused):
    """这条规则绕了一圈又用到了这个人群自己，永远算不完。请去掉其中一处。"""

    code = "segment_ring"


class SegmentKeyReused(Refused):
    """这个编号已经用于另一条内容不同的规则。"""

    code = "key_reused"


class SegmentVersionOld(Refused):
    """这个人群刚被别人改过。请刷新页面，看过新的规则再改。"""

    code = "segment_version_old"


def may_see(actor: Actor) -> bool:
    return actor.sees_whole_brand


def may_write(actor: Actor) -> bool:
    return actor.kind == "system" or bool(actor.roles & MAY_WRITE)


def may_export(actor: Actor) -> bool:
    return actor.kind == "system" or bool(actor.roles & {"boss", "operator"})


def require(allowed: bool) -> None:
    """Absent and forbidden look alike."""
    if not allowed:
        raise NotFound


def create(
    *, name: str, document: Any, reason: str = "", key: str = "", used_for: str = "", actor: Actor
) -> Saved:
    """A segment and its first version. `key`: a program's own, which makes it once. `used_for`: whose it is (`keepers`) when
    it is none that people made. Raises BadRule, SegmentNameTaken, SegmentKeyReused, NotFound."""
    require(may_write(actor))
    said = _Said(key, _hash([name, document, reason]), reason)
    if (before := _said_before(said, actor)) is not None:
        return before
    rule, name = judging.parse(document), rules.clean_name(name)
    row = sql.fetch_one(
        Q.add,
        name=name,
        owner=str(actor),
        owner_name=actor.name,
        is_incremental=judging.is_incremental(rule),
        used_for=used_for,
    )
    if row is None:
        raise SegmentNameTaken
    _refuse_ring(used_for or name, rule)
    _add_version(row.id, 1, rule, said, actor)
    record(actor, "segment.created", "segment", row.id, name=name)
    refresh_soon()
    return Saved(int(row.id), 1)


def save_version(
    segment_id: int,
    *,
    document: Any,
    reason: str = "",
    was_version: int | None = None,
    key: str = "",
    actor: Actor,
) -> Saved:
    """The rule from now on. The same rule again is no new version. `was_version`: the one the author has seen."""
    require(may_write(actor))
    row = _locked(segment_id)
    said = _Said(key, _hash([segment_id, document, reason]), reason)
    if (before := _said_before(said, actor)) is not None:
        return before
    if row.state == "archived":
        raise Refused("这个人群已经归档，不能再改。请新建一个。")
    if was_version is not None and was_version != row.version_no:
        raise SegmentVersionOld
    rule = judging.parse(document)
    if judging.as_json(rule) == json.loads(row.rule):
        return Saved(segment_id, int(row.version_no))
    _refuse_ring(row.used_for or row.name, rule)
    number = row.version_no + 1
    _add_version(segment_id, number, rule, said, actor)
    _change(row, version_no=number, is_incremental=judging.is_incremental(rule))
    record(actor, "segment.saved", "segment", segment_id, version=number, reason=reason)
    refresh_soon()
    return Saved(segment_id, int(number))


def rename(segment_id: int, name: str, *, actor: Actor) -> None:
    require(may_write(actor))
    row, name = _locked(segment_id), rules.clean_name(name)
    if sql.fetch_one(Q.is_named, name=name, segment_id=segment_id).is_named:
        raise SegmentNameTaken
    _refuse_used(row)
    _change(row, name=name)
    record(actor, "segment.renamed", "segment", segment_id, was=row.name, name=name)


def set_state(segment_id: int, state: str, *, actor: Actor) -> None:
    """on: kept current. paused: stays as it is. archived: nobody is in any more, for good."""
    require(may_write(actor))
    if state not in STATES:
        raise Refused("没有这个状态。")
    row = _locked(segment_id)
    if row.state == state:
        return
    if row.state == "archived":
        raise Refused("这个人群已经归档，不能再启用。请新建一个。")
    if state == "archived" and not row.used_for:
        _refuse_used(row)
    _change(row, state=state)
    if state == "archived":
        sql.run(Q.end_all, segment_id=segment_id, at=clock.now(), used_for=row.used_for)
        sql.run(Q.forget_all_rechecks, segment_id=segment_id)
        sql.run(Q.set_people, segment_id=segment_id, people=0)
    record(actor, f"segment.{state}", "segment", segment_id, was=row.state)
    refresh_soon()


def _locked(segment_id: int) -> sql.Row:
    row = sql.fetch_one(Q.present, segment_id=segment_id)
    if row is None:
        raise NotFound
    return row


def _change(row: sql.Row, **new: Any) -> None:
    kept = {"name": row.name, "state": row.state, "version_no": row.version_no, "is_incremental": None}
    sql.run(Q.change, segment_id=row.id, **(kept | new))


class _Said(NamedTuple):
    key: str
    content_hash: str
    reason: str


def _hash(said: Any) -> str:
    text = json.dumps(said, sort_keys=True, ensure_ascii=False)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _said_before(said: _Said, actor: Actor) -> Saved | None:
    row = sql.fetch_one(Q.said_before, actor=str(actor), client_key=said.key) if said.key else None
    if row is None:
        return None
    if row.content_hash != said.content_hash:
        raise SegmentKeyReused
    return Saved(row.segment_id, row.version_no, is_repeat=True)


def _add_version(segment_id: int, number: int, rule: Any, said: _Said, actor: Actor) -> None:
    chinese, english = judging.sentences(rule)
    sql.run(
        Q.add_version,
        segment_id=segment_id,
        version_no=number,
        rule=json.dumps(judging.as_json(rule), ensure_ascii=False),
        rule_text=judging.as_text(rule),
        sentence_zh=chinese,
        sentence_en=english,
        actor=str(actor),
        actor_name=actor.name,
        reason=said.reason.strip(),
        client_key=said.key or None,
        content_hash=said.content_hash,
    )


def _refuse_ring(node: str, rule: Any) -> None:
    """Rules name segments and tags; so does the ring."""
    uses = _uses()
    uses[node] = uses.get(node, frozenset()) | _used_by(rule)
    if unknown := sorted(judging.segments_in(rule) - uses.keys()):
        raise Refused(f"没有叫“{unknown[0]}”的人群，或者它已经归档。")
    if unknown := sorted(judging.tags_in(rule) - keepers.known()):
        raise Refused(f"没有叫“{unknown[0].partition('.')[2]}”的标签，或者它已经归档。")
    if rules.has_ring(node, uses):
        raise SegmentRing


def users_of(node: str) -> list[str]:
    """Segments, by name, and tags (`tag.<key>`) whose rules ask for this one."""
    return sorted(name for name, used in _uses().items() if node in used and name != node)


def _refuse_used(row: sql.Row) -> None:
    if users := users_of(row.name):
        raise Refused(f"人群“{users[0]}”的规则用到了它，请先改那一个。")


def _uses() -> dict[str, frozenset[str]]:
    """The values of one tag are one."""
    found: dict[str, frozenset[str]] = {}
    for row in sql.fetch(Q.all_rules):
        node = row.used_for or row.name
        found[node] = found.get(node, frozenset()) | _used_by(judging.parse(json.loads(row.rule)))
    return found


def _used_by(rule: Any) -> frozenset[str]:
    return judging.segments_in(rule) | judging.tags_in(rule)
