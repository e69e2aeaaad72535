"""Writes of matching: a run, what people decide, and whether anything links itself."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.audit import record as audit
from huoshui.core.errors import NotFound, Refused
from huoshui.core.jobs import defer
from huoshui.core.subscribers import Erased
from huoshui.people.identity import known
from huoshui.people.identity.actions import merge
from huoshui.people.identity.reads import canonical_ids, members, members_of, presence
from huoshui.people.matching import gathering, reads, rules
from huoshui.people.matching.types import ANSWERS, DIFFERENT, LATER, SAME, Model, Outcome, Scored
from huoshui.people.matching.words import TOLD

Q = sql.load("huoshui.people.matching")

_ANSWERED = {SAME: "是同一个人", DIFFERENT: "不是同一个人"}

MOST = 20_000  # proposals of one run; nobody looks through more


def run(*, actor: Actor, memory: str = "2GB") -> Outcome:
    """Compare everybody, outside of a transaction; what is likely and speaks against nothing waits for review then.

    Two runs at once would withdraw each other's: the second waits for the first to have written."""
    reads.require(actor)
    told = gathering.everybody()
    setting = reads.setting()
    model, candidates, likely = _compare(told, lowest=setting.lowest, memory=memory)
    with transaction.atomic(durable=True):
        sql.fetch(Q.lock_run)
        found, held = _allowed(likely)
        run_id = _note_run(model, candidates, held, actor)
        _propose(run_id, found)
        withdrawn = sql.run(Q.withdraw, run_id=run_id)
        linked = _link_unseen(setting.links_at)
        sql.run(Q.end_run, run_id=run_id, proposed=len(found), linked=linked, withdrawn=withdrawn)
        audit(actor, "matching.run", "match_run", run_id, proposed=len(found), linked=linked)
    return Outcome(
        run_id, model.persons, candidates, len(found), linked, withdrawn, model.how, model.pairs, held
    )


def start(*, actor: Actor) -> None:
    """Hand a run to the worker. In the caller's transaction."""
    reads.require(actor)
    from huoshui.people.matching.jobs import compare

    defer(compare, queueing_lock="matching run")
    audit(actor, "matching.started", "match_run", 0)


def _compare(told: gathering.Everybody, *, lowest: float, memory: str) -> tuple[Model, int, list[Scored]]:
    from huoshui.people.matching.splinking import Desk

    if told.people.num_rows < 2:
        raise Refused("还没有可以比对的顾客资料：至少要有两位顾客留下姓名、生日、地址、邮箱或打码的手机号。")
    desk = Desk(told.people, memory=memory, engine=str(settings.HUOSHUI_ENGINE))
    try:
        model = desk.learn(told.certain, told.witnesses)
        likely = list(desk.score(model, at_least=lowest))
        return model, desk.compared, likely
    finally:
        desk.close()


def _allowed(likely: Sequence[Scored]) -> tuple[list[Scored], dict[str, int]]:
    """Without the pairs that something known speaks against; reason → how many those are."""
    everyone = sorted({p for s in likely for p in (s.person_a, s.person_b)})
    canonical = canonical_ids(everyone)
    there = {p for p, is_erased in presence(everyone).items() if not is_erased}
    apart = _apart()
    owned = _owned_by(canonical)
    found: list[Scored] = []
    held: Counter[str] = Counter()
    for s in likely:
        a, b = canonical[s.person_a], canonical[s.person_b]
        if a == b or not {s.person_a, s.person_b} <= there:
            continue  # changed while we compared
        if (min(a, b), max(a, b)) in apart:
            held["decided"] += 1
        elif gathering.speak_against(owned.get(a, set()), owned.get(b, set())):
            held["identifier"] += 1
        elif reason := rules.held_back(s.levels):
            held[reason] += 1
        elif len(found) < MOST:
            found.append(s)
        else:
            held["too_many"] += 1
    return found, dict(held)


def _owned_by(canonical: Mapping[int, int]) -> dict[int, set[gathering.Owned]]:
    """Canonical person → the identifiers of which nobody has two."""
    alone = gathering.alone_in()
    found: dict[int, set[gathering.Owned]] = {}
    for member, head in members_of(sorted(set(canonical.values()))):
        if member in alone:
            found.setdefault(head, set()).update(alone[member])
    return found


def _said_apart() -> list[tuple[int, int]]:
    """Pairs that somebody has said are two, here or by parting them."""
    return [*known.parted(), *sql.fetch_as(tuple, Q.said_different)]


def _apart() -> set[tuple[int, int]]:
    """The same in canonical ids: whoever they are one with since."""
    said = _said_apart()
    canonical = canonical_ids(sorted({p for pair in said for p in pair}))
    pairs = {(canonical[a], canonical[b]) for a, b in said}
    return {(min(a, b), max(a, b)) for a, b in pairs if a != b}


def _note_run(model: Model, candidates: int, held: Mapping[str, int], actor: Actor) -> int:
    now = clock.now()
    made = sql.fetch_one(
        Q.add_model,
        at=now,
        how=model.how,
        pairs=model.pairs,
        persons=model.persons,
        one_in=model.one_in,
        m=json.dumps(model.m),
        u=json.dumps(model.u),
        actor=str(actor),
    )
    noted = sql.fetch_one(
        Q.add_run,
        model_id=made.id,
        at=now,
        persons=model.persons,
        candidates=candidates,
        held=json.dumps(held),
        actor=str(actor),
    )
    return int(noted.id)


def _propose(run_id: int, found: Sequence[Scored]) -> None:
    sql.run(
        Q.propose,
        run_id=run_id,
        at=clock.now(),
        a=[s.person_a for s in found],
        b=[s.person_b for s in found],
        probabilities=[s.probability for s in found],
        steps=[json.dumps([list(step) for step in s.steps]) for s in found],
        alone=[rules.links_itself(s.levels) for s in found],
    )


def _link_unseen(links_at: float | None) -> int:
    """Link what is sure enough, as long as what people say bears out that it is."""
    if links_at is None or _why_not(links_at):
        return 0
    linked, said, alone = 0, {frozenset(pair) for pair in _said_apart()}, gathering.alone_in()
    for row in sql.fetch(Q.linkable, at=links_at):
        one, other = members(row.person_a), members(row.person_b)
        # Whom links before it have made one with others counts with these
        is_apart = any(frozenset((a, b)) in said for a in one for b in other)
        owned = [set().union(*(alone.get(p, set()) for p in side)) for side in (one, other)]
        if set(one) & set(other) or is_apart or gathering.speak_against(*owned):
            continue
        reason = f"疑似同一人，把握 {row.probability:.2%}，自动合并"
        link_id = merge(person_a=row.person_a, person_b=row.person_b, reason=reason, actor=SYSTEM)
        _decide(row.id, SAME, SYSTEM, reason, link_id, is_automatic=True)
        linked += 1
    return linked


def ask(one: int, other: int, *, told: str) -> None:
    """Put two before somebody's eyes for a reason that no comparing finds; `told` is its word (`words.TOLD`). What somebody has
    said of them stands. In the caller's transaction."""
    sql.run(Q.ask, a=min(one, other), b=max(one, other), told=told, at=clock.now())


def decide(proposal_id: int, answer: str, *, actor: Actor, reason: str = "") -> int | None:
    """What somebody says of a pair: 'same' makes them one (by hand, to be taken back like any), 'different' is remembered for
    good, 'later' puts it off. In the caller's transaction. Returns the link's id where there is one."""
    reads.require(actor)
    if answer not in ANSWERS:
        raise Refused("请选是同一人、不是同一人，或者以后再看。")
    row = sql.fetch_one(Q.lock_proposal, id=proposal_id)
    if row is None:
        raise NotFound
    if row.state in (SAME, DIFFERENT):
        raise Refused("这一对已经有人判断过了。")
    link_id = None
    if answer == SAME:
        canonical = canonical_ids([row.person_a, row.person_b])
        if canonical[row.person_a] != canonical[row.person_b]:
            link_id = merge(
                person_a=row.person_a, person_b=row.person_b, reason=_evidence(row, reason), actor=actor
            )
    _decide(proposal_id, answer, actor, reason, link_id)
    audit(actor, f"matching.{answer}", "match_proposal", proposal_id, reason=reason.strip()[:500])
    return link_id


def _evidence(row: sql.Row, reason: str) -> str:
    said = f"；{reason.strip()[:300]}" if reason.strip() else ""
    if row.told:
        return f"核对疑似同一人：{TOLD[row.told]}{said}"
    agree = "、".join(reads.words(s)[1] for s in reads.steps_of(row.steps) if s.level and s.bits > 0)
    return f"核对疑似同一人：{agree}（把握 {row.probability:.1%}）{said}"


def _decide(
    proposal_id: int,
    state: str,
    actor: Actor,
    reason: str,
    link_id: int | None,
    *,
    is_automatic: bool = False,
) -> None:
    sql.run(
        Q.decide,
        id=proposal_id,
        state=state,
        at=None if state == LATER else clock.now(),
        actor=str(actor),
        reason=reason.strip()[:500],
        link_id=link_id,
        is_automatic=is_automatic,
    )


def set_links_at(links_at: float | None, *, actor: Actor) -> None:
    """From which probability on pairs become one unseen; None: never. Refused until people have judged enough pairs as probable
    and were of one mind with the model. In the caller's transaction."""
    reads.require(actor)
    if links_at is not None and not 0.9 <= links_at <= 1:
        raise Refused("自动合并的把握要在 90% 到 100% 之间。")
    if links_at is not None and (why := _why_not(links_at)):
        raise Refused(why)
    sql.run(Q.put_setting, links_at=links_at)
    audit(actor, "matching.links_at", "match_setting", 1, links_at=links_at)


def _why_not(links_at: float) -> str:
    setting = reads.setting()
    (found,) = reads.measured(at=links_at)
    if found.judged < setting.least_judged:
        return f"这样有把握的，人工判断过 {found.judged} 对；满 {setting.least_judged} 对才能打开自动合并。"
    if found.precision < setting.precision:
        return f"这样有把握的，人工判断里只有 {found.precision:.1%} 是同一人，不到 {setting.precision:.1%}，不能自动合并。"
    return ""


def erase(whom: Erased) -> Mapping[str, int]:
    """An erased person is in no pair."""
    return {"疑似同一人": sql.fetch_one(Q.forget, person_ids=list(whom.person_ids)).pairs}


def told_of(person_ids: list[int]) -> list[dict[str, Any]]:
    """That she was held against another; who that is, is the other's."""
    return [
        {
            "日期": str(clock.business_day(r.proposed_at)),
            "核对结果": _ANSWERED.get(r.state, "还没有人核对"),
        }
        for r in sql.fetch(Q.proposals_of, person_ids=person_ids)
    ]
