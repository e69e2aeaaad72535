"""Coupons as they are held, and templates as they stand."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.core.remember import Remembered
from huoshui.engage.campaigns import codes, rules
from huoshui.engage.campaigns.reading import rule_of
from huoshui.engage.campaigns.saying import sentence
from huoshui.engage.campaigns.types import (
    Basket,
    Held,
    LineShare,
    Proposal,
    RedemptionView,
    Rule,
    TemplateView,
)
from huoshui.people import api as people

Q = sql.load("huoshui.engage.campaigns")

STATES = ("draft", "live", "paused", "ended")


def best(basket: Basket, held: Sequence[Held]) -> Proposal:
    """`rules.best` for a basket of any zone, and a person who may be any id of a cluster."""
    return rules.best(settled_in(basket), held)


def settled_in(basket: Basket) -> Basket:
    """The basket with its time in the brand's zone and its person canonical."""
    person_id = basket.person_id
    if person_id is not None:
        person_id = people.canonical_ids([person_id])[person_id]
    return basket._replace(at=basket.at.astimezone(clock.brand_zone()), person_id=person_id)


def held_by(person_ids: Sequence[int]) -> list[Held]:
    """What these persons (any ids of their clusters) hold and have not used, soonest to expire first."""
    members = people.members_of(sorted(set(people.canonical_ids(person_ids).values())))
    return as_held(sql.fetch(Q.held_by, person_ids=[m for m, _ in members], now=clock.now()))


def count_held(person_ids: Sequence[int]) -> dict[int, int]:
    """How many coupons stand in the name of each of these (born ids) and are not used up."""
    return {r.person_id: r.coupons for r in sql.fetch(Q.count_held, person_ids=list(person_ids))}


def ask_ending(now: datetime, until: datetime) -> sql.Asked:
    """Who holds a coupon that can be used now and ends until then (ids as held), together with the next statement."""
    return sql.ask(Q.ending, now=now, until=until)


def find(told: Sequence[str], *, person_id: int | None = None) -> list[Held]:
    """Coupons by their codes, in the order asked; a code that nobody knows is there too, with that as its problem.
    `person_id` is who wants to use them: whether he has had his share of a code of nobody."""
    keys = [codes.key(code) for code in told]
    rows = sql.fetch(Q.by_keys, keys=sorted(set(keys)), now=clock.now())
    held = dict(zip((r.key for r in rows), as_held(rows), strict=True))
    if person_id is not None:
        held = _with_shares(held, person_id)
    return [held.get(key) or unknown(code) for key, code in zip(keys, told, strict=True)]


def unknown(code: str) -> Held:
    return Held(code, None, problem="coupon_unknown")


def _with_shares(held: Mapping[str, Held], person_id: int) -> dict[str, Held]:
    capped = [h for h in held.values() if h.owner_id is None and h.rule and h.rule.per_person is not None]
    if not capped:
        return dict(held)
    taken = taken_by([person_id], {h.template_id for h in capped})
    canonical = people.canonical_ids([person_id])[person_id]
    return {
        key: exhausted(h) if h in capped and is_exhausted(h, taken[h.template_id, canonical]) else h
        for key, h in held.items()
    }


def is_exhausted(held: Held, taken: int) -> bool:
    return held.rule is not None and held.rule.per_person is not None and taken >= held.rule.per_person


def exhausted(held: Held) -> Held:
    assert held.rule is not None
    return held._replace(problem="coupon_per_person", detail={"per_person": held.rule.per_person})


def taken_by(person_ids: Iterable[int], template_ids: Iterable[int]) -> Counter[tuple[int, int]]:
    """(template, canonical person) → how many the cluster has taken. Without a lock."""
    canonical = sorted(set(people.canonical_ids(sorted(set(person_ids))).values()))
    own = dict(people.members_of(canonical))
    rows = sql.fetch(Q.taken, template_ids=sorted(set(template_ids)), person_ids=sorted(own))
    out: Counter[tuple[int, int]] = Counter()
    for r in rows:
        out[r.template_id, own[r.person_id]] += r.n
    return out


def as_held(
    rows: Sequence[sql.Row], *, kin: people.Kin | None = None, budgets: Mapping[int, int] | None = None
) -> list[Held]:
    """Rows of `held_by`, `by_keys`, `lock_coupons`."""
    if not rows:
        return []
    promised = rules_at({(r.template_id, r.version) for r in rows})
    own = (kin or people.Kin()).canonical({r.person_id for r in rows} - {None})
    if budgets is None:
        budgets = budgets_of(sorted({t for (t, _), rule in promised.items() if rule.has_budget}))
    return [_held(r, promised[r.template_id, r.version], own, budgets) for r in rows]


def budgets_of(template_ids: Sequence[int]) -> dict[int, int]:
    left = dict.fromkeys(template_ids, 0)
    if left:
        left |= {r.template_id: r.balance for r in sql.fetch(Q.budgets, template_ids=list(left))}
    return left


def rules_at(places: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Rule]:
    """(template, version) → rule."""
    return _rules.of(sorted(places))


def _rules_at(wanted: list[tuple[int, int]]) -> dict[tuple[int, int], Rule]:
    rows = sql.fetch(Q.rules_at, template_ids=[t for t, _ in wanted], versions=[v for _, v in wanted])
    return {(r.template_id, r.version): rule_of(r.rule) for r in rows}


_rules = Remembered[tuple[int, int], Rule](_rules_at, seconds=None)  # a version never changes


def _held(row: sql.Row, rule: Rule, own: Mapping[int, int], budgets: Mapping[int, int]) -> Held:
    return Held(
        row.code,
        rule,
        row.title,
        row.template_id,
        row.id,
        own.get(row.person_id),
        row.valid_from,
        row.valid_until,
        row.locked_for,
        budgets.get(row.template_id, 0) if rule.has_budget else None,
        *_problem(row),
    )


def _problem(row: sql.Row) -> tuple[str, dict[str, Any]]:
    """What speaks against a coupon whatever the basket. What somebody holds stays good when its campaign ends; a code
    of nobody is claimed as it is used, so its campaign must still run."""
    if row.state == "void":
        return "coupon_void", {"reason": row.void_reason}
    if row.is_shared and row.used >= row.uses:
        return "coupon_used_up", {"uses": row.uses}
    if row.state == "redeemed":
        return "coupon_used", {}
    if row.person_id is None and row.template_state != "live":
        return ("coupon_ended" if row.template_state == "ended" else "coupon_not_started"), {}
    return "", {}


def templates_for(actor: Actor) -> list[TemplateView]:
    """Newest first. Head office sees all; a dealer or a guide those that customers can have."""
    states = STATES if actor.sees_whole_brand else ("live",)
    return [_view(r) for r in sql.fetch(Q.templates, template_id=None, states=list(states))]


def template_for(actor: Actor, template_id: int) -> TemplateView:
    """Raises NotFound, also where the actor may not look."""
    states = STATES if actor.sees_whole_brand else ("live",)
    row = sql.fetch_one(Q.templates, template_id=template_id, states=list(states))
    if row is None:
        raise NotFound
    return _view(row)


def _view(row: sql.Row) -> TemplateView:
    rule = rule_of(row.rule)
    return TemplateView(
        id=row.id,
        title=row.title,
        state=row.state,
        version=row.version,
        rule=rule,
        sentence=sentence(rule),
        issued_count=row.issued_count,
        redeemed_count=row.redeemed_count,
        given_amount=row.given_amount,
        total_count=rule.total_count,
        budget_left=row.budget if rule.has_budget else None,
        changed_at=row.changed_at,
    )


def redemptions_of(fact_ids: Sequence[int]) -> list[RedemptionView]:
    """Coupons that these facts of orders used, with the split recorded then."""
    split: dict[tuple[int, int], list[LineShare]] = defaultdict(list)
    for r in sql.fetch(Q.lines_of_redemptions, fact_ids=list(fact_ids)):
        split[r.fact_id, r.coupon_id].append(LineShare(r.line_no, r.amount))
    return [
        RedemptionView(**row._asdict(), lines=tuple(split[row.fact_id, row.coupon_id]))
        for row in sql.fetch(Q.redemptions_of, fact_ids=list(fact_ids))
    ]
