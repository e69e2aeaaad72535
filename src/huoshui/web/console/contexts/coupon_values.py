"""A rule as its form would be filled: the way back from `coupon_reading`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from huoshui.core.money import plain as yuan
from huoshui.engage.campaigns.api import Rule
from huoshui.web.console.contexts.coupon_reading import Values

WHOLE = 1000


def values_of(title: str, rule: Rule) -> Values:
    stacking, validity = rule.stacking, rule.validity
    how = "exclusive" if stacking.exclusive else "group" if stacking.group else "free"
    told = {
        "title": title,
        **_benefit(rule),
        "threshold_amount": _money(rule.threshold.amount or None),
        "threshold_pieces": _number(rule.threshold.pieces or None),
        "include_categories": _paths(rule.include.categories),
        "include_brands": _several(rule.include.brands),
        "include_skus": _several(rule.include.skus),
        "exclude_categories": _paths(rule.exclude.categories),
        "exclude_brands": _several(rule.exclude.brands),
        "exclude_skus": _several(rule.exclude.skus),
        "channels": _several(rule.channels),
        "hours": "、".join(f"{_clock(start)}-{_clock(end)}" for start, end in rule.times.hours),
        "first": validity.first.isoformat() if validity.first else "",
        "last": validity.last.isoformat() if validity.last else "",
        "days": _number(validity.days),
        "after_days": _number(validity.after_days or None),
        "stacking": how,
        "group": stacking.group,
        "max_per_order": _number(stacking.max_per_order if stacking.max_per_order > 1 else None),
        "per_person": _number(rule.per_person),
        "total_count": _number(rule.total_count),
        "has_budget": "1" if rule.has_budget else "",
        "transferable": "1" if rule.transferable else "",
        "on_refund": rule.on_refund.value,
        "extend_days": _number(rule.extend_days or None),
        "brand_percent": f"{rule.brand_permille / 10:g}",
    }
    return {name: [value] for name, value in told.items()} | {
        "org_units": [str(unit) for unit in sorted(rule.org_units)],
        "tiers": sorted(rule.tiers.names),
        "weekdays": [str(day) for day in sorted(rule.times.weekdays)],
    }


def _benefit(rule: Rule) -> dict[str, str]:
    """Told by what it says: the room keeps the kinds of benefits to itself."""
    said = asdict(rule.benefit)
    match sorted(said):
        case ["amount"]:
            return {"kind": "amount_off", "amount": _money(said["amount"])}
        case ["cap", "permille"]:
            return {"kind": "percent_off", "fold": _fold(said["permille"]), "cap": _money(said["cap"])}
        case ["pieces", "sku"]:
            return {"kind": "gift", "gift_sku": said["sku"], "gift_pieces": _number(said["pieces"])}
        case ["pieces", "price"]:
            price = _money(said["price"])
            return {"kind": "fixed_price", "price": price, "price_pieces": _number(said["pieces"])}
        case ["nth", "permille", "times"]:
            fold, times = _fold(said["permille"]), _number(said["times"])
            return {"kind": "nth_item", "nth": _number(said["nth"]), "nth_fold": fold, "nth_times": times}
    raise AssertionError(f"a benefit that the form does not know: {sorted(said)}")


def _fold(permille: int) -> str:
    return f"{(WHOLE - permille) / 100:g}"


def _money(minor: int | None) -> str:
    return "" if minor is None else yuan(minor).removesuffix(".00")


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _several(values: Iterable[str]) -> str:
    return "、".join(sorted(values))


def _paths(paths: Iterable[tuple[str, ...]]) -> str:
    return "、".join("/".join(path) for path in paths)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
