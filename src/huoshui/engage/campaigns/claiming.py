"""Which claims are granted, in the order they came. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from huoshui.engage.campaigns.types import Claim, Offer, Validity

Why = tuple[str, Mapping[str, Any]]
Taken = Counter[tuple[int, int]]  # (template, canonical person) → how many so far


def decide(
    claims: Sequence[Claim], offers: Mapping[int, Offer], taken: Taken, own: Mapping[int, int], *, today: date
) -> list[Why | None]:
    """For each claim why it is refused, or None. Those granted before it in this batch count."""
    out: list[Why | None] = []
    granted: Counter[int] = Counter()
    so_far = Counter(taken)
    for claim in claims:
        offer = offers.get(claim.template_id)
        place = (claim.template_id, own[claim.person_id])
        why = refusal(offer, granted[claim.template_id], so_far[place], today=today)
        if why is None:
            granted[claim.template_id] += 1
            so_far[place] += 1
        out.append(why)
    return out


def refusal(offer: Offer | None, granted: int, taken: int, *, today: date, wanted: int = 1) -> Why | None:
    """Why so many more cannot be had, after those just granted."""
    if offer is None:
        return "coupon_unknown", {}
    said = {"title": offer.title, "code": offer.title}
    if offer.state == "ended" or days(offer.rule.validity, today) is None:
        return "coupon_ended", said
    if offer.state != "live":
        return "coupon_not_started", said
    if offer.rule.per_person is not None and taken >= offer.rule.per_person:
        return "coupon_per_person", {**said, "per_person": offer.rule.per_person}
    if offer.rule.total_count is not None and offer.issued_count + granted + wanted > offer.rule.total_count:
        return "coupon_sold_out", {**said, "left": offer.rule.total_count - offer.issued_count - granted}
    if offer.budget_left is not None and offer.budget_left <= 0:
        return "coupon_budget_spent", said
    return None


def days(validity: Validity, issued: date) -> tuple[date, date] | None:
    """First and last day of what is issued on a day; None when there would be none left."""
    start = issued + timedelta(days=validity.after_days)
    first = max(start, validity.first) if validity.first else start
    ends = [validity.last] if validity.last else []
    if validity.days is not None:
        ends.append(start + timedelta(days=validity.days))
    last = min(ends)
    return None if last < max(first, issued) else (first, last)


def per_template(claims: Iterable[Claim]) -> Counter[int]:
    return Counter(c.template_id for c in claims)
