"""Samples and their claim codes: one code, one person, one sample out.

A code is `made`, then `claimed` by one person at one dispenser, then `out`. A dispenser that got stuck gives the code free
again. The row of the code decides who is first.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound, Refused
from huoshui.core.facts.types import Note
from huoshui.intake.devices.models import Sample
from huoshui.intake.devices.types import SAMPLE_DISPENSED, SAMPLE_FOLLOW_UP, Fault, Reading

Q = sql.load("huoshui.intake.devices")

MOST_CODES = 10_000
# Without what is easily taken for another: 0 and O, 1 and I and L
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
_LENGTH = 10


@dataclass(frozen=True)
class SampleView:
    id: int
    name: str
    sku_code: str
    follow_up_days: int
    is_on: bool
    codes: int
    claimed: int
    out: int


def add_sample(*, name: str, sku_code: str = "", follow_up_days: int = 7, actor: Actor) -> int:
    name = name.strip()
    if not name or len(name) > 60:
        raise Refused("请写明是什么试用装，最多 60 个字。")
    if not 1 <= follow_up_days <= 365:
        raise Refused("几天后跟进，请写 1 到 365。")
    with transaction.atomic():
        row = Sample.objects.create(name=name, sku_code=sku_code.strip()[:60], follow_up_days=follow_up_days)
        record(actor, "sample.added", "sample", row.id, name=name, follow_up_days=follow_up_days)
    return row.id


def make_codes(sample_id: int, *, count: int, actor: Actor) -> list[str]:
    """So many new claim codes, which nobody can guess."""
    if not 1 <= count <= MOST_CODES:
        raise Refused("一次做 1 到 10000 个领取码。")
    with transaction.atomic():
        if not Sample.objects.filter(id=sample_id).exists():
            raise NotFound
        codes = ["".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH)) for _ in range(count)]
        sql.run(Q.add_codes, codes=codes, sample_id=sample_id)
        record(actor, "sample.codes_made", "sample", sample_id, count=count)
    return codes


def switch_sample(sample_id: int, *, is_on: bool, actor: Actor) -> None:
    with transaction.atomic():
        if not Sample.objects.filter(id=sample_id).update(is_on=is_on):
            raise NotFound
        record(actor, "sample.switched", "sample", sample_id, is_on=is_on)


def list_samples() -> list[SampleView]:
    return sql.fetch_as(SampleView, Q.sample_counts)


def free_codes(sample_id: int) -> list[str]:
    """Codes that nobody has claimed, for printing."""
    return [row.code for row in sql.fetch(Q.free_codes, sample_id=sample_id, limit=MOST_CODES)]


def claim(readings: Sequence[Reading]) -> dict[int, Fault]:
    """Take the codes of these claims, in the caller's transaction. By place, why one could not be had."""
    first: dict[str, Reading] = {}
    for one in readings:
        first.setdefault(one.code, one)
    granted = {
        row.code
        for row in sql.fetch(
            Q.claim_codes,
            codes=list(first),
            device_ids=[one.device.id for one in first.values()],
            messages=[one.digest for one in first.values()],
        )
    }
    lost = [one for one in readings if one.code not in granted or first[one.code] is not one]
    if not lost:
        return {}
    known = {row.code: row for row in sql.fetch(Q.codes_as_they_are, codes=sorted({r.code for r in lost}))}
    return {one.place: _why_not(known.get(one.code)) for one in lost}


def _why_not(row: sql.Row | None) -> Fault:
    if row is None:
        return Fault("sample_code_unknown", "/code")
    return Fault("sample_code_used" if row.state != "made" else "sample_code_closed", "/code")


def gives_again(readings: Sequence[Reading]) -> dict[int, bool]:
    """Of claims that were taken before, by place: whether the sample may still come out. Its answer may have been lost."""
    if not readings:
        return {}
    known = {row.code: row for row in sql.fetch(Q.codes_as_they_are, codes=[r.code for r in readings])}
    return {one.place: _still_holds(known.get(one.code), one) for one in readings}


def _still_holds(row: sql.Row | None, one: Reading) -> bool:
    if row is None or row.state != "claimed":
        return False
    return bool((row.device_id, row.message.replace("-", "")) == (one.device.id, one.digest))


def about(codes: Sequence[str]) -> dict[str, dict[str, str]]:
    """What each code is a sample of, for the fact's body."""
    rows = sql.fetch(Q.codes_as_they_are, codes=sorted(set(codes)))
    return {
        row.code: {"sample": row.sample, **({"sku": row.sku_code} if row.sku_code else {})} for row in rows
    }


def claims_of(readings: Sequence[Reading]) -> dict[str, sql.Row]:
    """The claims that these reports of dispensers are about, locked."""
    rows = sql.fetch(
        Q.lock_claims, codes=[r.code for r in readings], device_ids=[r.device.id for r in readings]
    )
    return {row.code: row for row in rows}


def came_out(readings: Sequence[Reading], fact_ids: Sequence[int]) -> None:
    sql.run(
        Q.came_out,
        codes=[r.code for r in readings],
        outs=[r.name == SAMPLE_DISPENSED for r in readings],
        fact_ids=list(fact_ids),
        times=[r.occurred_at for r in readings],
    )


def claimed_by(readings: Sequence[Reading], fact_ids: Sequence[int]) -> None:
    sql.run(Q.claimed_by, codes=[r.code for r in readings], fact_ids=list(fact_ids))


def due(limit: int) -> list[tuple[Note, sql.Row]]:
    """Facts of follow-ups that are due, and their codes; the caller writes them in this transaction."""
    rows = sql.fetch(Q.due_follow_ups, now=clock.now(), limit=limit)
    return [
        (
            Note(
                name=SAMPLE_FOLLOW_UP,
                key=_follow_up_key(row),
                person_id=row.person_id,
                occurred_at=row.due_at,
                body={"sample": row.sample, "code": row.code, "cause": row.out_fact_id},
            ),
            row,
        )
        for row in rows
    ]


def _follow_up_key(row: sql.Row) -> str:
    """One that was told of another, who never had it, is not this one."""
    key = f"sample follow-up:{row.code}"
    return f"{key}:{row.out_fact_id}:{row.times}" if row.is_retold or row.times else key


def followed(codes: Sequence[str]) -> None:
    sql.run(Q.followed, codes=list(codes))
