"""Writes of what tags there are: define, revise, switch on and off. Callers hold the transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound, Refused
from huoshui.insight.segments import api as segments
from huoshui.insight.segments import judging
from huoshui.insight.segments.actions import require, users_of
from huoshui.insight.tags import measures, rules
from huoshui.insight.tags.english import WORDS
from huoshui.insight.tags.jobs import tend_soon
from huoshui.insight.tags.refusals import TagRefused, TagTaken, TagVersionOld
from huoshui.insight.tags.types import Definition, Guess, Saved

Q = sql.load("huoshui.insight.tags")

MOST_LIFETIME = 3660


def may_see(actor: Actor) -> bool:
    return actor.sees_whole_brand


def may_write(actor: Actor) -> bool:
    return segments.may_write(actor)


def may_open_sensitive(actor: Actor) -> bool:
    return actor.kind == "system" or bool(actor.roles & {"boss", "privacy_officer"})


def define(
    *,
    key: str,
    name: str,
    kind: str,
    definition: Definition,
    category: str = "",
    is_sensitive: bool = False,
    lifetime_days: int | None = None,
    tells_facts: bool = True,
    pack: str = "",
    reason: str = "",
    actor: Actor,
) -> Saved:
    """A tag and its first version. A sensitive one is off until somebody who may switches it on, and no fact tells of it.
    Raises BadRule, TagRefused, NotFound."""
    require(may_write(actor))
    rules.check_key(key)
    definition = cleaned(kind, definition)
    if lifetime_days is not None and not 1 <= lifetime_days <= MOST_LIFETIME:
        raise TagRefused("tag_lifetime_wrong", most=MOST_LIFETIME)
    row = sql.fetch_one(
        Q.add,
        key=key,
        name=rules.clean_name(name),
        category=rules.clean_category(category),
        kind=kind,
        is_sensitive=is_sensitive,
        lifetime_days=lifetime_days,
        tells_facts=tells_facts and not is_sensitive,
        state="off" if is_sensitive else "on",
        owner=str(actor),
        owner_name=actor.name,
        pack=pack,
    )
    if row is None:
        raise TagTaken
    _add_version(row.id, 1, kind, definition, reason, actor)
    record(actor, "tag.defined", "tag", row.id, key=key, name=name, sensitive=is_sensitive)
    _set_rules(_locked(row.id), definition, actor)
    tend_soon()
    return Saved(int(row.id), 1)


def revise(
    tag_id: int, *, definition: Definition, reason: str = "", was_version: int | None = None, actor: Actor
) -> Saved:
    """What it means from now on. The same again is no new version."""
    require(may_write(actor))
    row = _locked(tag_id)
    if row.state == "archived":
        raise TagRefused("tag_archived")
    if was_version is not None and was_version != row.version_no:
        raise TagVersionOld
    definition = cleaned(row.kind, definition)
    if rules.to_json(definition) == json.loads(row.definition):
        return Saved(tag_id, int(row.version_no))
    number = int(row.version_no) + 1
    _add_version(tag_id, number, row.kind, definition, reason, actor)
    sql.run(Q.set_version, tag_id=tag_id, version_no=number)
    record(actor, "tag.revised", "tag", tag_id, version=number, reason=reason)
    _set_rules(_locked(tag_id), definition, actor)
    if not definition.guesses and "inference" in json.loads(row.definition):
        _end_guesses(tag_id)
    tend_soon()
    return Saved(tag_id, number)


def set_state(tag_id: int, state: str, *, actor: Actor) -> None:
    """on: said of people. off: of nobody, until it is on again. archived: of nobody, for good."""
    require(may_write(actor))
    row = _locked(tag_id)
    if state not in ("on", "off", "archived"):
        raise Refused("没有这个状态。")
    if row.state == state:
        return
    if row.state == "archived":
        raise TagRefused("tag_archived")
    if row.is_sensitive and state == "on" and not may_open_sensitive(actor):
        raise Refused("敏感标签只有老板或隐私负责人可以打开。")
    if state == "archived" and (users := users_of(f"tag.{row.name}")):
        raise Refused(f"“{users[0]}”的规则用到了这个标签，请先改那一个。")
    sql.run(Q.set_state, tag_id=tag_id, state=state)
    record(actor, f"tag.{state}", "tag", tag_id, was=row.state)
    _set_rules(_locked(tag_id), rules.from_json(json.loads(row.definition)), actor)
    if state != "on":
        sql.run(Q.end_all, tag_id=tag_id, at=clock.now())
    tend_soon()


def cleaned(kind: str, definition: Definition) -> Definition:
    """With the JSON of every rule, nothing left out. Raises BadRule, Refused."""
    rules.check(kind, definition)
    for guess in definition.guesses:
        for signal in guess.signals:
            if signal.rule is None and signal.measure not in measures.MEASURES:
                raise TagRefused("tag_measure_unknown", measure=signal.measure)
    return replace(
        definition,
        rules=tuple((value, segments.as_document(rule)) for value, rule in definition.rules),
        guesses=tuple(_cleaned_guess(guess) for guess in definition.guesses),
    )


def _cleaned_guess(guess: Guess) -> Guess:
    said = []
    for signal in guess.signals:
        if signal.rule is None:
            said.append(replace(signal, says=signal.says or measures.MEASURES[signal.measure].says))
        else:
            rule = judging.parse(signal.rule)
            words = signal.says or rules.bare(judging.sentences(rule))[0]
            said.append(replace(signal, rule=judging.as_json(rule), says=words))
    return replace(guess, signals=tuple(said))


def _locked(tag_id: int) -> sql.Row:
    row = sql.fetch_one(Q.lock, tag_id=tag_id)
    if row is None:
        raise NotFound
    return row


def _add_version(
    tag_id: int, number: int, kind: str, definition: Definition, reason: str, actor: Actor
) -> None:
    by_value = told(definition)
    chinese, english = rules.says(kind, definition, by_value)
    sql.run(
        Q.add_version,
        tag_id=tag_id,
        version_no=number,
        definition=json.dumps(rules.to_json(definition), ensure_ascii=False),
        says_zh=chinese,
        says_en=english,
        told=json.dumps(by_value, ensure_ascii=False),
        actor=str(actor),
        actor_name=actor.name,
        reason=" ".join(reason.split())[: rules.MOST_REASON],
    )


def told(definition: Definition) -> Mapping[str, tuple[str, str]]:
    """Each value's rule, or what speaks for it, in Chinese and in English."""
    found = {value: rules.bare(judging.sentences(judging.parse(rule))) for value, rule in definition.rules}
    for guess in definition.guesses:
        found[guess.value] = (
            "、".join(f"{s.says}（{s.weight} 分）" for s in guess.signals) + f"，满 {guess.enough} 分就算",
            "; ".join(f"{WORDS.get(s.says, s.says)} ({s.weight})" for s in guess.signals)
            + f", from {guess.enough} points on",
        )
    return found


def _set_rules(row: sql.Row, definition: Definition, actor: Actor) -> None:
    """One kept segment for each value that a rule tells; of a tag that is not on, none."""
    wanted: dict[str, Any] = dict(rules.apart(row.kind, definition.rules)) if row.state == "on" else {}
    kept = {r.value: r.segment_id for r in sql.fetch(Q.rules_in_use, tag_id=row.id)}
    for value in kept.keys() - wanted.keys():
        segments.set_state(kept[value], "archived", actor=actor)
        sql.run(Q.drop_rule, segment_id=kept[value])
    for value, rule in wanted.items():
        if value in kept:
            segments.save_version(kept[value], document=rule, actor=actor)
            continue
        made = segments.create(
            name=f"标签 {row.name}：{value}", document=rule, used_for=f"tag.{row.name}", actor=actor
        )
        sql.run(Q.add_rule, segment_id=made.segment_id, tag_id=row.id, value=value)


def _end_guesses(tag_id: int) -> None:
    sql.run(
        Q.part_staged,
        tag_id=tag_id,
        source="inference",
        own=None,
        merged=[],
        into=[],
        is_whole=True,
        is_several=False,
        by="",
        at=clock.now(),
    )
