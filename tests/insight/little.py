"""A small rule language in place of the great one, over PostgreSQL alone: what keeps memberships is tested with both.

`bought`: so many orders at least. `lately`: an order in the last so many days. `silent`: some order, but none in so many days.
`most`: nobody has more orders; which needs everyone, so it is no matter of the people touched. `all`, `any`, `not`: of others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pyarrow as pa

from huoshui.core import sql
from huoshui.core.errors import Refused
from huoshui.people import api as people

ORDERS = sql.Statement(
    "orders",
    "select person_id, occurred_at from settlement"
    " where name = 'Order Completed' and state = 'settled' and person_id is not null",
)
JOINS = ("all", "any", "not")
KINDS = ("bought", "lately", "silent", "most", *JOINS)


@dataclass(frozen=True)
class Rule:
    kind: str
    number: int = 0
    segments: tuple[str, ...] = ()
    of: tuple[Rule, ...] = ()


def parse(document: Any) -> Rule:
    if document.get("kind") not in KINDS:
        raise Refused("kind：没有这种规则")
    parts = document.get("of", ())
    of = tuple(parse(part) for part in (parts if isinstance(parts, list) else [parts] if parts else []))
    return Rule(document["kind"], document.get("number", 0), tuple(document.get("segments", ())), of)


def to_json(rule: Rule) -> Any:
    if rule.kind in JOINS:
        return {"kind": rule.kind, "of": [to_json(part) for part in rule.of]}
    return {"kind": rule.kind, "number": rule.number, "segments": list(rule.segments)}


def judged(rule: Rule, at: datetime, among: Sequence[int] | None, *, segments: Any = None) -> pa.Table:
    rows = sql.fetch(ORDERS)
    canonical = people.canonical_ids([r.person_id for r in rows])
    orders: dict[int, list[datetime]] = {}
    for row in rows:
        orders.setdefault(canonical[row.person_id], []).append(row.occurred_at)
    whom = sorted(orders) if among is None else list(among)
    most = max(map(len, orders.values()), default=0)
    answers = [_answer(rule, at, orders.get(person_id, []), most) for person_id in whom]
    return pa.table(
        {
            "person_id": pa.array(whom, pa.int64()),
            "is_member": pa.array([a for a, _ in answers], pa.bool_()),
            "recheck_at": pa.array([r for _, r in answers], pa.timestamp("us", tz="UTC")),
        }
    )


def judged_together(
    rules: Sequence[Rule], at: datetime, among: Sequence[int], *, segments: Any = None
) -> list[pa.Table]:
    return [judged(rule, at, among, segments=segments) for rule in rules]


def _answer(rule: Rule, at: datetime, orders: list[datetime], most: int) -> tuple[bool, datetime | None]:
    if rule.kind in JOINS:
        answers = [_answer(part, at, orders, most) for part in rule.of]
        held = [is_so for is_so, _again in answers]
        is_so = all(held) if rule.kind == "all" else any(held) if rule.kind == "any" else not held[0]
        return is_so, min((again for _is_so, again in answers if again), default=None)
    if rule.kind == "bought":
        return len(orders) >= rule.number, None
    if rule.kind == "most":
        return len(orders) == most > 0, None
    if not orders:
        return False, None
    ends = max(orders) + timedelta(days=rule.number)
    is_over = ends <= at
    return is_over if rule.kind == "silent" else not is_over, None if is_over else ends


def needs(rule: Rule) -> SimpleNamespace:
    whole = "要和所有人比" if rule.kind == "most" else ""
    return SimpleNamespace(
        incremental=not whole,
        whole=whole,
        segments=frozenset(rule.segments),
        facts=frozenset({"buy"}),
        states=frozenset(),
    )


LANGUAGE: Callable[[], Any] = lambda: SimpleNamespace(  # noqa: E731  # one value, as a module is
    parse=parse,
    to_json=to_json,
    to_text=lambda rule: f"{rule.kind} {rule.number}",
    sentence=lambda rule, language: f"{rule.kind} {rule.number} {language}",
    judged=judged,
    judged_together=judged_together,
    needs=needs,
)
