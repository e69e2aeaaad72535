"""What people decide: rules, whose an order is after all, what each side says of a line, and the closing of a month."""

from __future__ import annotations

import json
import uuid
from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.audit import record as audit
from huoshui.core.errors import NotFound, Refused
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import Note
from huoshui.core.ledger import api as ledger
from huoshui.trade.commission import crediting, parties, reads, rules, terms
from huoshui.trade.commission.terms import WHOLE
from huoshui.trade.commission.types import HEAD_OFFICE, BadShares, PeriodOpen, SayWhy
from huoshui.trade.commission.versions import Versions

Q = sql.load("huoshui.trade.commission")


def set_brand_rules(params: Mapping[str, Any], *, reason: str, actor: Actor) -> int:
    """A version for what settles from now on. Raises PyramidForbidden, BadTerms; NotFound for whoever is not head office."""
    reads.require_employer(actor, HEAD_OFFICE)
    return _add_version("brand", HEAD_OFFICE, terms.checked_brand(params), reason, actor)


def set_employer_rules(employer_id: int, params: Mapping[str, Any], *, reason: str, actor: Actor) -> int:
    """What an employer pays its guides for what settles from now on: a dealer says it for its own, and nobody for it."""
    reads.require_employer(actor, employer_id)
    return _add_version("employer", employer_id, terms.checked_employer(params), reason, actor)


def _add_version(kind: str, employer_id: int, params: dict[str, Any], reason: str, actor: Actor) -> int:
    if not reason.strip():
        raise SayWhy
    row = sql.fetch_one(
        Q.add_version,
        kind=kind,
        employer_id=employer_id,
        params=json.dumps(params, ensure_ascii=False),
        actor=str(actor),
        reason=reason.strip(),
    )
    audit(actor, f"commission.{kind}_rules_set", "org_unit", employer_id, version=row.version, params=params)
    return int(row.version)


def decide(
    order_id: int, *, employer_id: int, shares: Sequence[tuple[int, int]], reason: str, actor: Actor
) -> int:
    """Whose an employer's commission of an order is after all, by (staff, permille). What was written stays; the difference is
    written beside it. In the caller's transaction; `fold.work_off` brings the difference. Returns the decision's fact."""
    reads.require_employer(actor, employer_id)
    if not reason.strip():
        raise SayWhy
    if order_id not in crediting.orders([order_id]):
        raise NotFound
    _check_shares(employer_id, shares)
    body = {"order": order_id, "employer_id": employer_id, "shares": list(shares), "reason": reason.strip()}
    note = Note("Commission Decided", f"commission decided {uuid.uuid4()}", None, clock.now(), body)
    fact_id = facts.note([note], actor=actor)[note.key]
    sql.run(
        Q.add_decision,
        order_id=order_id,
        employer_id=employer_id,
        shares=json.dumps(list(shares)),
        reason=reason.strip(),
        actor=str(actor),
        fact_id=fact_id,
    )
    look_again([order_id], because=f"decision {fact_id}")
    audit(actor, "commission.decided", "sale", order_id, shares=list(shares), reason=reason.strip())
    return fact_id


def _check_shares(employer_id: int, shares: Sequence[tuple[int, int]]) -> None:
    staff = [who for who, _ in shares]
    is_whole = sum(p for _, p in shares) == WHOLE and all(p > 0 for _, p in shares)
    if not is_whole or len(set(staff)) != len(staff):
        raise BadShares
    units = [u["org_unit_id"] for u in brand.org_units_table().to_pylist()]
    of = {u for u, b in brand.branches_of(units).items() if (b.dealer_id or HEAD_OFFICE) == employer_id}
    here = {p.staff_id for p in brand.staff_at(sorted(of))}
    left = brand.staff_left(staff)
    # Who has left is still owed what she had earned
    if not all(who in here or who in left for who in staff):
        raise BadShares


def look_again(order_ids: Sequence[int], *, because: str) -> None:
    """Let these orders be credited anew, as facts, bonds and decisions say now."""
    sql.run(Q.queue_again, order_ids=list(order_ids), because=because)
    facts.wake_readers()


def say(statement_id: int, entry_ids: Sequence[int], *, word: str, said: str = "", actor: Actor) -> int:
    """One side's word on lines of a statement, line by line: 'confirmed', or 'disputed' and why. What was not said is not taken
    for a yes. Raises NotFound, SayWhy."""
    if word not in ("confirmed", "disputed"):
        raise Refused("只能说没问题，或者不对。")
    if word == "disputed" and not said.strip():
        raise SayWhy
    side = reads.side_of(actor, reads.statement(actor, statement_id))
    wanted = sorted(set(entry_ids))
    found = sql.fetch(Q.lines_among, statement_id=statement_id, entry_ids=wanted)
    if not wanted or len(found) != len(wanted):
        raise NotFound
    sql.run(
        Q.add_words,
        entry_ids=wanted,
        side=side,
        word=word,
        said=said.strip(),
        actor=str(actor),
        at=clock.now(),
    )
    audit(actor, f"commission.{word}", "statement", statement_id, side=side, lines=len(wanted))
    return len(wanted)


def close(period: str, *, actor: Actor, payer_id: int | None = None) -> int:
    """Close a month ('2026-11') of one payer, or of all. Returns how many statements were made; a second time none, and nothing
    changes. Raises PeriodOpen as long as the month lasts."""
    if payer_id is not None or not actor.sees_whole_brand:
        reads.require_employer(actor, HEAD_OFFICE if payer_id is None else payer_id)
    first, last = month(period)
    if last >= clock.today():
        raise PeriodOpen
    sql.fetch(Q.lock)
    span = {"first": first, "last": last, "payer_id": payer_id}
    climbed = _climb(span, last)
    made = sql.fetch(Q.close, **span, period=period, actor=str(actor))
    if made:
        ids = [r.id for r in made]
        bound = sql.run(Q.bind, period=period, first=first, last=last, statement_ids=ids)
        audit(actor, "commission.closed", "org_unit", payer_id or HEAD_OFFICE, period=period, lines=bound)
    ledger.post(climbed)
    return len(made)


def _climb(span: Mapping[str, Any], last: date) -> list[Any]:
    """What a month's sales earn above the steps of the ladder: one more line each, before the month is closed."""
    versions = Versions.known()
    rows = [
        (r.party_id, r.base, told, amount)
        for r in sql.fetch(Q.ladder_sums, **span)
        if (told := versions.employer(r.payer_id, _LATEST)).ladder
        and (amount := rules.ladder(r.base, told.ladder))
    ]
    if not rows:
        return []
    now = clock.now()
    notes = [
        Note("Ladder Reached", f"ladder {party} {last:%Y-%m}", None, now, {"party": party, "sold": base})
        for party, base, _, _ in rows
    ]
    made = facts.note(notes, actor=SYSTEM)
    through = sql.fetch_one(Q.released_through).through
    releases = [last + timedelta(days=told.return_days) for _, _, told, _ in rows]
    sql.run(
        Q.add_entries,
        parties=[party for party, *_ in rows],
        order_ids=[None] * len(rows),
        fact_ids=[made[n.key] for n in notes],
        kinds=["ladder"] * len(rows),
        amounts=[amount for *_, amount in rows],
        bases=[base for _, base, _, _ in rows],
        corrections=[False] * len(rows),
        versions=[told.version for _, _, told, _ in rows],
        releases=releases,
        frozens=[day > through for day in releases],
        booked_on=last,
    )
    return [
        parties.moved(party, amount, made[n.key], "ladder", is_frozen=day > through)
        for (party, _, _, amount), n, day in zip(rows, notes, releases, strict=True)
    ]


_LATEST = 2**62


def month(period: str) -> tuple[date, date]:
    """First and last day. Raises Refused for what is no month."""
    try:
        first = date.fromisoformat(f"{period}-01")
    except ValueError as error:
        raise Refused("月份要写成 2026-11 这样。") from error
    return first, first.replace(day=monthrange(first.year, first.month)[1])
