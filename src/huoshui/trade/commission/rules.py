"""Whom an order is credited to, and what it is worth to each: pure, no database, no clock.

What is owed is always worked out whole from the order as it stands; what changes is the difference to what was written before.
So a refund takes back exactly what the part it undoes had given, to the cent and by the same shares, and a replay ends where
following ended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from huoshui.trade.commission.terms import WHOLE, BrandTerms, EmployerTerms
from huoshui.trade.commission.types import (
    HEAD_OFFICE,
    Bringer,
    Credit,
    Decision,
    Due,
    Order,
    Party,
    Recommender,
    Sold,
)

Employers = Callable[[int], EmployerTerms]


def attribute(
    order: Order,
    *,
    bringer: Bringer | None,
    recommender: Recommender | None,
    decisions: Mapping[int, Decision],
    brand: BrandTerms,
    employers: Employers,
) -> list[Credit]:
    """Each role and payee once."""
    credits = [*_guides(order, bringer, brand, employers), *_between_firms(order, bringer, brand)]
    for decision in decisions.values():
        kept = [c for c in credits if c.kind != "commission" or c.party.payer_id != decision.employer_id]
        credits = kept + [
            Credit(
                "decided",
                Party("guide", who, decision.employer_id),
                permille,
                brand.version,
                decision.fact_id,
                "裁决",
            )
            for who, permille in decision.shares
        ]
    if recommender is not None and order.is_new and (brand.reward_amount or brand.reward_permille):
        credits.append(
            Credit(
                "recommender",
                Party("recommender", recommender.by_person_id, HEAD_OFFICE),
                WHOLE,
                brand.version,
                recommender.fact_id,
                "推荐",
                recommender.person_id,
                recommender.by_person_id,
            )
        )
    return credits


def _guides(order: Order, bringer: Bringer | None, brand: BrandTerms, employers: Employers) -> list[Credit]:
    """Each employer pays its own: the house that served what it served, and another's house who brought her."""
    own = employers(order.employer_id)
    brought_by = bringer.guide_id if bringer else None

    def credit(role: str, who: int, payer: int, permille: int) -> Credit:
        is_bringer = role == "bringer" and bringer is not None
        return Credit(
            role,
            Party("guide", who, payer),
            permille,
            brand.version,
            bringer.fact_id if is_bringer and bringer else order.claim_fact_id or order.order_id,
            bringer.how if is_bringer and bringer else "claim" if order.claim_fact_id else "server",
        )

    if bringer is None or brought_by is None or brought_by == order.guide_id:
        return _served(order, own, WHOLE, credit)
    if order.guide_id is None:
        # Nobody served: an order on the net is hers who brought her, and her house pays
        return [credit("bringer", brought_by, bringer.employer_id, WHOLE)]
    if bringer.employer_id == order.employer_id:
        share = own.bringer_permille
        told = _served(order, own, WHOLE - share, credit)
        return [*told, credit("bringer", brought_by, order.employer_id, share)] if share else told
    share = employers(bringer.employer_id).bringer_permille
    told = _served(order, own, WHOLE, credit)
    return [*told, credit("bringer", brought_by, bringer.employer_id, share)] if share else told


def _served(
    order: Order, own: EmployerTerms, permille: int, credit: Callable[[str, int, int, int], Credit]
) -> list[Credit]:
    if order.guide_id is None or permille == 0:
        return []
    team = own.teams.get(order.store_id or 0, ()) if own.team_permille else ()
    for_team = permille * own.team_permille // WHOLE if team else 0
    told = (
        [credit("server", order.guide_id, order.employer_id, permille - for_team)]
        if permille > for_team
        else []
    )
    parts = shared(for_team, [weight for _, weight in team])
    return told + [
        credit("team", who, order.employer_id, part)
        for (who, _), part in zip(team, parts, strict=True)
        if part
    ]


def _between_firms(order: Order, bringer: Bringer | None, brand: BrandTerms) -> list[Credit]:
    if bringer is None or bringer.dealer_id is None or bringer.dealer_id == order.dealer_id:
        return []
    role = "area" if order.dealer_id is None else "fee"
    permille = brand.area_permille if order.dealer_id is None else brand.fee_permille
    if not permille:
        return []
    party = Party("dealer", bringer.dealer_id, order.employer_id)
    return [Credit(role, party, permille, brand.version, bringer.fact_id, bringer.how)]


def worth(
    order: Order,
    credits: Sequence[Credit],
    sold: Sequence[Sold],
    *,
    brand: Callable[[int], BrandTerms],
    employers: Employers,
) -> dict[tuple[Party, str], Due]:
    """What the order is worth to each payee as it stands. Below nothing no order goes: nobody owes for a negative one."""
    net = max(sum(s.amount for s in sold), 0)
    found: dict[tuple[Party, str], Due] = {}

    def add(due: Due) -> None:
        old = found.get((due.party, due.kind))
        found[due.party, due.kind] = (
            due if old is None else old._replace(amount=old.amount + due.amount, base=old.base + due.base)
        )

    by_payer: dict[int, list[Credit]] = {}
    # In an order of their own, or cents would wander between them from one look to the next
    for credit in sorted(credits, key=lambda c: (c.role, c.party)):
        if credit.kind == "commission":
            by_payer.setdefault(credit.party.payer_id, []).append(credit)
        elif credit.kind == "reward":
            terms = brand(credit.rule_version)
            add(Due(credit.party, "reward", _reward(terms, net), net, terms.version, terms.return_days))
        else:
            terms = brand(credit.rule_version)
            fee = net * credit.permille // WHOLE
            capped = min(fee, terms.fee_cap) if terms.fee_cap and credit.role == "fee" else fee
            add(Due(credit.party, "fee", capped, net, terms.version, terms.return_days))
    for payer, their in by_payer.items():
        terms_of = employers(payer)
        whole = commission(sold, terms_of, is_new=order.is_new)
        before = 0
        for credit in their:
            upto = before + credit.permille
            amount = whole * upto // WHOLE - whole * before // WHOLE
            base = net * upto // WHOLE - net * before // WHOLE
            add(Due(credit.party, "commission", amount, base, terms_of.version, terms_of.return_days))
            before = upto
    return found


def commission(sold: Iterable[Sold], terms: EmployerTerms, *, is_new: bool) -> int:
    """Of the whole order, rounded down once."""
    return max(sum(s.amount * terms.rate(s.sku, s.categories, is_new=is_new) for s in sold) // WHOLE, 0)


def _reward(terms: BrandTerms, net: int) -> int:
    if net <= 0 or net < terms.reward_least:
        return 0
    return min(terms.reward_amount + net * terms.reward_permille // WHOLE, net)


def ladder(sold: int, steps: Sequence[tuple[int, int]]) -> int:
    """What a month's sales earn above each step: its rate on what lies above it alone, so that no sale earns less."""
    total = 0
    for number, (floor, permille) in enumerate(steps):
        ceiling = steps[number + 1][0] if number + 1 < len(steps) else sold
        total += max(min(sold, ceiling) - floor, 0) * permille
    return total // WHOLE


def shared(amount: int, weights: Sequence[int]) -> list[int]:
    """By weight, in order, so that the parts sum to the whole (ADR 0010)."""
    total, before, parts = sum(weights), 0, []
    for weight in weights:
        parts.append(amount * (before + weight) // total - amount * before // total)
        before += weight
    return parts
