"""Coupons into people's hands: many claims at once, each with its own verdict.

The claim's key goes in first, then the persons' rows are locked, then the templates': the counter everybody wants is held
for the shortest time. Whoever comes second reads what the first has left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.facts.types import Note
from huoshui.engage.campaigns import actions, claiming, codes
from huoshui.engage.campaigns.types import Claim, ClaimVerdict, Offer
from huoshui.people import api as people

Q = sql.load("huoshui.engage.campaigns")

COUPON_CLAIMED = "Coupon Claimed"
COUPON_ISSUED = "Coupon Issued"


def claim(claims: Sequence[Claim], *, actor: Actor) -> list[ClaimVerdict]:
    """A verdict for each, in order. A key that had its coupon has it again; a refusal leaves nothing behind, so the same
    key may ask again."""
    return _hand_out(claims, COUPON_CLAIMED, actor)


def issue(*, template_id: int, person_ids: Sequence[int], key: str, actor: Actor) -> list[ClaimVerdict]:
    """Give one to each of these persons, within the same limits, once for each `key` and person."""
    actions.require_editor(actor)
    asked = [Claim(template_id, p, f"issue:{template_id}:{key}:{p}") for p in dict.fromkeys(person_ids)]
    return _hand_out(asked, COUPON_ISSUED, actor)


def give(claims: Sequence[Claim], *, actor: Actor) -> list[ClaimVerdict]:
    """As `issue`, where each has a key of its own."""
    return _hand_out(claims, COUPON_ISSUED, actor)


def _hand_out(claims: Sequence[Claim], name: str, actor: Actor) -> list[ClaimVerdict]:
    if not claims:
        return []
    first = {c.client_key: c for c in reversed(claims)}  # of the same key the first
    own = people.canonical_ids(sorted({c.person_id for c in claims}))
    entered = _enter(first)
    fresh = [c for c in dict.fromkeys(claims) if c.client_key in entered and first[c.client_key] == c]
    verdicts = _known(sorted(first.keys() - entered)) | _grant(fresh, own, name, actor)
    strangers = {person_id for _, _, person_id in verdicts.values()} - own.keys()
    own = own | people.canonical_ids(sorted(strangers)) if strangers else own
    return [_verdict(c, verdicts[c.client_key], own) for c in claims]


def _enter(first: Mapping[str, Claim]) -> set[str]:
    rows = sql.fetch(
        Q.enter_claims,
        client_keys=list(first),
        template_ids=[c.template_id for c in first.values()],
        person_ids=[c.person_id for c in first.values()],
    )
    return {r.client_key for r in rows}


Answer = tuple[ClaimVerdict, int, int]  # with the template and the person it was given for


def _known(keys: Sequence[str]) -> dict[str, Answer]:
    if not keys:
        return {}
    return {
        r.client_key: (
            ClaimVerdict(r.client_key, r.code, r.coupon_id, r.fact_id, is_repeat=True),
            r.template_id,
            r.person_id,
        )
        for r in sql.fetch(Q.known_claims, client_keys=list(keys))
    }


def _verdict(claim: Claim, answer: Answer, own: Mapping[int, int]) -> ClaimVerdict:
    verdict, template_id, person_id = answer
    if (claim.template_id, own[claim.person_id]) != (template_id, own[person_id]):
        return ClaimVerdict(claim.client_key, refusal="coupon_key_reused")
    return verdict


def _grant(claims: Sequence[Claim], own: Mapping[int, int], name: str, actor: Actor) -> dict[str, Answer]:
    if not claims:
        return {}
    taken = lock_taken([(c.template_id, own[c.person_id]) for c in claims])
    offers = actions.offers_of([c.template_id for c in claims])
    reasons = claiming.decide(claims, offers, taken, own, today=clock.today())
    out = {
        c.client_key: (ClaimVerdict(c.client_key, refusal=why[0], detail=why[1]), c.template_id, c.person_id)
        for c, why in zip(claims, reasons, strict=True)
        if why
    }
    if out:
        sql.send(Q.drop_claims, client_keys=sorted(out))
    granted = [c for c in claims if c.client_key not in out]
    if granted:
        out |= _give(granted, offers, own, name, actor)
    return out


def lock_taken(places: Sequence[tuple[int, int]]) -> Counter[tuple[int, int]]:
    """(template, canonical person) → how many his cluster has taken, under lock; the row of each place is there."""
    wanted = sorted(set(places))
    members = dict(people.members_of(sorted({person for _, person in wanted})))
    templates = sorted({template for template, _ in wanted})
    sql.send(Q.open_taken, template_ids=[t for t, _ in wanted], person_ids=[p for _, p in wanted])
    out: Counter[tuple[int, int]] = Counter()
    for r in sql.fetch(Q.lock_taken, template_ids=templates, person_ids=sorted(members)):
        out[r.template_id, members[r.person_id]] += r.n
    return out


def count_taken(counts: Mapping[tuple[int, int], int]) -> None:
    """Under the lock of `lock_taken`."""
    places = sorted(counts)
    sql.send(
        Q.count_taken,
        template_ids=[t for t, _ in places],
        person_ids=[p for _, p in places],
        counts=[counts[place] for place in places],
    )


def _give(
    granted: Sequence[Claim], offers: Mapping[int, Offer], own: Mapping[int, int], name: str, actor: Actor
) -> dict[str, Answer]:
    made = codes.new_codes(len(granted))
    ids = _add_coupons(granted, made, offers)
    now = clock.now()
    notes = [
        Note(
            name,
            f"coupon:{ids[code]}",
            c.person_id,
            now,
            {
                "coupon": ids[code],
                "template": c.template_id,
                "code": code,
                "title": offers[c.template_id].title,
            },
        )
        for c, code in zip(granted, made, strict=True)
    ]
    facts = actions.note(notes, actor=actor)
    fact_ids = [facts[n.key] for n in notes]
    sql.send(
        Q.complete_claims,
        client_keys=[c.client_key for c in granted],
        coupon_ids=[ids[code] for code in made],
        fact_ids=fact_ids,
    )
    issued = claiming.per_template(granted)
    sql.send(Q.count_issued, template_ids=list(issued), counts=list(issued.values()))
    count_taken(Counter((c.template_id, own[c.person_id]) for c in granted))
    return {
        c.client_key: (ClaimVerdict(c.client_key, code, ids[code], fact_id), c.template_id, c.person_id)
        for c, code, fact_id in zip(granted, made, fact_ids, strict=True)
    }


def _add_coupons(
    granted: Sequence[Claim], made: Sequence[str], offers: Mapping[int, Offer]
) -> dict[str, int]:
    spans = {
        template_id: actions.span(offers[template_id].rule.validity)
        for template_id in claiming.per_template(granted)
    }
    rows = sql.fetch(
        Q.add_coupons,
        template_ids=[c.template_id for c in granted],
        versions=[offers[c.template_id].version for c in granted],
        codes=list(made),
        person_ids=[c.person_id for c in granted],
        froms=[spans[c.template_id][0] for c in granted],
        untils=[spans[c.template_id][1] for c in granted],
    )
    return {r.code: r.id for r in rows}
