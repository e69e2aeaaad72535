from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from huoshui.brand import api as brand
from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.people.card.reads import cards_for
from huoshui.people.identity import known
from huoshui.people.identity import reads as identity
from huoshui.people.matching import rules
from huoshui.people.matching.gathering import ATTRIBUTES
from huoshui.people.matching.types import (
    DIFFERENT,
    LATER,
    OPEN,
    SAME,
    Measured,
    Proposal,
    Setting,
    Side,
    Step,
)
from huoshui.people.profiles import reads as profiles
from huoshui.people.rights import head_office

Q = sql.load("huoshui.people.matching")

REVIEWERS = frozenset({"boss", "operator", "privacy_officer"})
_TRIED = (0.9, 0.95, 0.99, 0.995, 0.999)


def may_review(actor: Actor) -> bool:
    return actor.kind == "system" or bool(actor.roles & REVIEWERS)


def require(actor: Actor) -> None:
    """Raises NotFound."""
    if not may_review(actor):
        raise NotFound


def queue(actor: Actor, *, limit: int = 50) -> list[Proposal]:
    """What waits for somebody to look, the most probable first; what was put off comes last."""
    require(actor)
    return [_proposal(r) for r in sql.fetch(Q.queue, limit=limit)]


def proposal(actor: Actor, proposal_id: int) -> Proposal:
    """Raises NotFound."""
    require(actor)
    row = sql.fetch_one(Q.proposal, id=proposal_id)
    if row is None:
        raise NotFound
    return _proposal(row)


def steps_of(told: str) -> list[Step]:
    return [Step(*step) for step in json.loads(told)]


def _proposal(row: sql.Row) -> Proposal:
    steps = steps_of(row.steps)
    return Proposal(
        row.id,
        row.person_a,
        row.person_b,
        row.probability,
        steps,
        row.state,
        row.proposed_at,
        row.decided_by,
        row.reason,
        row.told,
    )


def counts() -> dict[str, int]:
    """State → pairs."""
    found = {r.state: int(r.n) for r in sql.fetch(Q.counts)}
    return {state: found.get(state, 0) for state in (OPEN, LATER, SAME, DIFFERENT)}


def latest_run() -> sql.Row | None:
    """at, persons, candidates, proposed, linked, withdrawn, how, pairs; what was held back: `held_by_latest_run`."""
    return sql.fetch_one(Q.latest_run)


def held_by_latest_run() -> Mapping[str, int]:
    """Reason (`words.HELD`) → pairs that were likely and are not shown."""
    row = latest_run()
    return json.loads(row.held) if row else {}


def setting() -> Setting:
    row = sql.fetch_one(Q.setting)
    return Setting(row.links_at if row else None)


def measured(*, at: float | None = None) -> list[Measured]:
    """What people said of pairs that may link themselves, at each threshold that may be set; what was linked unseen and taken
    back counts as wrong, and what of it stands counts for nothing."""
    rows = sql.fetch(Q.decided)
    undone = known.undone([r.link_id for r in rows if r.link_id is not None])
    judged = [
        rules.Judged(r.probability, r.state == SAME and r.link_id not in undone)
        for r in rows
        if not r.is_automatic or r.link_id in undone
    ]
    return [Measured(t, *rules.measured(judged, at=t)) for t in ((at,) if at is not None else _TRIED)]


def sides(actor: Actor, shown: Proposal) -> tuple[Side, Side]:
    """What is known of both now, contacts masked; of a dealer's customer whom head office may not see how to reach neither name
    nor contacts, as on her own page. Raises NotFound when one of them is no more."""
    require(actor)
    one, other = _side(shown.person_a), _side(shown.person_b)
    closed = head_office.closed_among(actor, cards_for(actor, [one.person_id, other.person_id]))
    return (
        rules.closed(one) if one.person_id in closed else one,
        rules.closed(other) if other.person_id in closed else other,
    )


def _side(person_id: int) -> Side:
    canonical = identity.canonical_id(person_id)
    members = identity.members(canonical)
    told = {a.name: a.value for a in profiles.attributes(members)}
    values = {part: next((told[n] for n in names if n in told), "") for part, names in ATTRIBUTES.items()}
    tails, emails = [], []
    for one in identity.identifiers(canonical, may_reveal=False):
        if one.label == "手机号" and not one.is_guarded:
            tails.append(one.masked)
        elif one.label == "邮箱" and not one.is_guarded:
            emails.append(one.masked)
    stores = _stores(members)
    known_of = {
        "name": values["name"],
        "birthday": values["birthday"],
        "phone": "、".join(dict.fromkeys([*filter(None, [_masked(values["phone_hint"])]), *tails])),
        "address": values["address"] or values["city"],
        "email": "、".join(emails),
        "stores": "、".join(stores),
    }
    return Side(canonical, values["name"] or (tails[0] if tails else f"#{canonical}"), known_of)


def _masked(raw: str) -> str:
    """As it was told, if it is masked indeed."""
    return raw if rules.hint(raw).tail else ""


def _stores(members: Sequence[int]) -> list[str]:
    units = [r.store for r in sql.fetch(Q.stores_of, person_ids=list(members))]
    names = brand.unit_names(units) if units else {}
    return [names[u] for u in units if u in names]


def words(step: Step) -> tuple[str, str]:
    """What was compared, and how the two stand in it, in plain words."""
    comparison = rules.BY_NAME[step.name]
    label = next((x.label for x in comparison.levels if x.code == step.level), "")
    return comparison.label, label
