"""Writes of consent. Callers hold the transaction; nothing is ever changed, the next word is added."""

from __future__ import annotations

import json
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.audit import record as audit
from huoshui.core.errors import Refused
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import Note
from huoshui.core.jobs import defer
from huoshui.core.unmet import sentences
from huoshui.people.consent import rules
from huoshui.people.consent.types import ConsentNotSeparate, ConsentUnread, Said, SendRule, Sent
from huoshui.people.identity import reads as identity
from huoshui.people.profiles import reads as profiles
from huoshui.people.profiles.actions import touch_birthdays

Q = sql.load("huoshui.people.consent")

_GROWN_DAYS = 3  # a worker that stood still for a night or two misses nobody

sentences(
    {
        ConsentUnread.code: "同意记录看不懂，没有采用：请写明用途和渠道，再传一次",
        ConsentNotSeparate.code: "这一项要单独同意，没有采用：请写明给顾客看的是哪一版告知书，再传一次",
        "consent_nobody": "同意记录没有说是哪位顾客，没有采用",
    }
)


class _Row(NamedTuple):
    person_id: int
    said: Said
    said_at: datetime
    is_dated: bool
    fact_id: int
    source_id: int
    actor: str


def record(fact_ids: Sequence[int]) -> None:
    """What settled facts of `core.facts.types.CONSENTS` tell goes into the ledger; what cannot be read is shown for mending."""
    if not fact_ids:
        return
    rows: list[_Row] = []
    odd: list[tuple[int, int | None, str, dict[str, Any]]] = []
    for told in sql.fetch(Q.told, fact_ids=list(fact_ids)):
        if told.person_id is None:
            odd.append((told.fact_id, None, "consent_nobody", {}))
            continue
        try:
            said = rules.told(told.name, _body(told.body))
        except Refused as error:
            odd.append((told.fact_id, None, error.code, {}))
            continue
        rows += [
            _Row(told.person_id, s, told.occurred_at, True, told.fact_id, told.source_id, told.actor)
            for s in said
        ]
    _add(rows)
    if odd:
        facts.raise_exceptions(odd)


def record_lists(fact_ids: Sequence[int]) -> None:
    """What rows of member lists say of consent."""
    if not fact_ids:
        return
    traits: dict[sql.Row, dict[str, str]] = defaultdict(dict)
    heads: dict[int, sql.Row] = {}
    for row in sql.fetch(Q.told_by_lists, fact_ids=list(fact_ids)):
        traits[heads.setdefault(row.fact_id, row)][row.name] = row.value
    _add(
        [
            _Row(
                head.person_id,
                said,
                said.said_at or head.occurred_at,
                said.said_at is not None,
                head.fact_id,
                head.source_id,
                str(SYSTEM),
            )
            for head, told in traits.items()
            for said in rules.told_by_list(told)
        ]
    )


def _add(rows: Sequence[_Row]) -> None:
    """For every born id of whom it is said, and whose word it was: when they part again, a no stays with each, a yes only with
    whoever said it (`consent_counting`)."""
    if not rows:
        return
    canonical = identity.canonical_ids(sorted({r.person_id for r in rows}))
    cluster: dict[int, list[int]] = defaultdict(list)
    for member, head in identity.members_of(sorted(set(canonical.values()))):
        cluster[head].append(member)
    each = [(member, r) for r in rows for member in cluster[canonical[r.person_id]]]
    sql.run(
        Q.add,
        person_ids=[member for member, _ in each],
        purposes=[r.said.purpose for _, r in each],
        channels=[r.said.channel for _, r in each],
        givens=[r.said.is_given for _, r in each],
        bases=[r.said.basis for _, r in each],
        versions=[r.said.notice_version for _, r in each],
        proofs=[r.said.proof for _, r in each],
        places=[r.said.place for _, r in each],
        times=[r.said_at for _, r in each],
        dated=[r.is_dated for _, r in each],
        fact_ids=[r.fact_id for _, r in each],
        source_ids=[r.source_id for _, r in each],
        actors=[r.actor for _, r in each],
        said_by=[r.person_id for _, r in each],
    )
    if any(r.said.purpose == rules.SENSITIVE and not r.said.is_given for r in rows):
        # What may no longer be used is not kept either (PIPL art. 47)
        from huoshui.people.rights.jobs import clean_sensitive

        defer(clean_sensitive, queueing_lock="rights sensitive")


def unsay(run_id: int) -> int:
    """What an import that is undone told of consent counts no more: the lake is told what holds without it. Returns of how
    many persons and purposes."""
    return sql.run(Q.unsay, run_id=run_id, at=clock.now())


def say(person_id: int, said: Sequence[Said], *, actor: Actor, key: str = "") -> int:
    """What a person said to us here: giving and withdrawing are the same one step. Returns the fact's id.

    All of one call are given, or all withdrawn. `key` makes it once. Raises ConsentUnread, ConsentNotSeparate.
    """
    checked = [rules.checked(one) for one in said]
    if len({one.is_given for one in checked}) != 1:
        raise ConsentUnread
    name = rules.GIVEN if checked[0].is_given else rules.WITHDRAWN
    canonical = identity.canonical_id(person_id)
    key = key or f"consent {uuid.uuid4()}"
    body = {"consents": [_told(one) for one in checked]}
    made = facts.note([Note(name, key, canonical, clock.now(), body)], actor=actor)
    if key not in made:
        return 0
    record([made[key]])
    facts.wake_readers()
    audit(
        actor,
        "consent.given" if checked[0].is_given else "consent.withdrawn",
        "person",
        canonical,
        purposes=[f"{one.purpose}/{one.channel}" for one in checked],
        fact_id=made[key],
    )
    return made[key]


def _told(said: Said) -> dict[str, Any]:
    return {k: v for k, v in said._asdict().items() if k not in ("is_given", "said_at") and v != ""}


def _body(body: Any) -> Mapping[str, Any]:
    """Django leaves jsonb as text."""
    found = json.loads(body) if isinstance(body, str) else body
    return found if isinstance(found, dict) else {}


def note_sent(rows: Sequence[Sent]) -> int:
    """Tell what went out, so that the limits count it. Returns how many were news."""
    if not rows:
        return 0
    keys, persons, purposes, channels, times = map(list, zip(*rows, strict=True))
    return sql.run(
        Q.add_sent, keys=keys, person_ids=persons, purposes=purposes, channels=channels, times=times
    )


def set_send_rule(rule: SendRule, *, actor: Actor) -> None:
    if (
        rule.purpose not in rules.PURPOSES
        or rule.channel not in rules.CHANNELS
        or (rule.quiet_from is None) != (rule.quiet_until is None)
        or (rule.days is None) != (rule.most is None)
    ):
        raise Refused("开始和结束时间要一起写，天数和次数也要一起写。")
    sql.run(
        Q.put_send_rule,
        purpose=rule.purpose,
        channel=rule.channel,
        quiet_from=rule.quiet_from,
        quiet_until=rule.quiet_until,
        days=rule.days,
        most=rule.most,
        actor=str(actor),
    )
    audit(
        actor,
        "send_rule.set",
        "send_rule",
        0,
        purpose=rule.purpose,
        channel=rule.channel,
        quiet=f"{rule.quiet_from}-{rule.quiet_until}",
        limit=f"{rule.most}/{rule.days}",
    )


def tell_grown() -> int:
    """Whoever is no child any more since some days ago is looked at anew by those who judge people when they hear of them.
    Twice tells it twice, and changes nothing. Returns how many birthdays."""
    today = clock.today()
    years = [str(year) for year in (today.year - rules.ADULT_AGE, today.year - rules.ADULT_AGE - 1)]
    grown = [
        born.person_id
        for born in profiles.birthdays_in(years)
        if rules.has_grown(born.value, today, within=_GROWN_DAYS)
    ]
    if not grown:
        return 0
    told = touch_birthdays(sorted(set(grown)))
    facts.wake_readers()
    return told


def forget_words(person_ids: Sequence[int]) -> int:
    """Of the erased: that something was said stays, the words that could tell of whom go."""
    return sql.run(Q.forget_words, person_ids=list(person_ids))
