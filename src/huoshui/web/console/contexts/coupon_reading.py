"""What somebody typed about a coupon, as the rule its room reads. A mistake is told at its field."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from huoshui.engage.campaigns.api import BadRule, Rule
from huoshui.web.console.contexts import rooms
from huoshui.web.console.retell import retell

Values = Mapping[str, Sequence[str]]
KINDS = ("amount_off", "percent_off", "gift", "fixed_price", "nth_item")
_SEPARATORS = re.compile(r"[、,，;；\n]+")
_TITLE_LENGTH = 60
_LARGEST = 10**9  # yuan; what is larger is a slip of the hand

# Where the room puts its finger → the field of the form; by its beginning, the longest first
_FIELD_OF = {
    "benefit.amount": "amount",
    "benefit.permille": "fold",
    "benefit.cap": "cap",
    "benefit.sku": "gift_sku",
    "benefit.price": "price",
    "benefit.nth": "nth",
    "benefit.times": "nth_times",
    "benefit": "kind",
    "threshold.pieces": "threshold_pieces",
    "threshold": "threshold_amount",
    "scope.include.categories": "include_categories",
    "scope.include.brands": "include_brands",
    "scope.include": "include_skus",
    "scope.exclude.categories": "exclude_categories",
    "scope.exclude.brands": "exclude_brands",
    "scope.exclude": "exclude_skus",
    "org_units": "org_units",
    "tiers": "tiers",
    "channels": "channels",
    "times.hours": "hours",
    "times": "weekdays",
    "validity.days": "days",
    "validity.after_days": "after_days",
    "validity.first": "first",
    "validity": "last",
    "stacking.max_per_order": "max_per_order",
    "stacking": "group",
    "per_person": "per_person",
    "total_count": "total_count",
    "refund.extend_days": "extend_days",
    "refund": "on_refund",
    "bearers": "brand_percent",
}


@dataclass(frozen=True)
class Filled:
    """`missing` are fields that must be written and are not yet; `errors` those that are written wrong."""

    title: str
    told: dict[str, Any]
    rule: Rule | None
    errors: Mapping[str, str]
    missing: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        return self.rule is not None and bool(self.title)

    @property
    def all_errors(self) -> dict[str, str]:
        return {name: _("必须填写") for name in self.missing} | dict(self.errors)


def filled(values: Values) -> Filled:
    of = _Reading(values)
    title = of.text("title")[:_TITLE_LENGTH]
    if not title:
        of.missing.append("title")
    told = _rule(of)
    rule = None
    if not of.errors and of.missing in ([], ["title"]):
        try:
            rule = rooms.campaigns.read_rule(told)
        except BadRule as error:
            of.errors[field_of(error.place)] = retell(str(error).partition("：")[2])
    return Filled(title, told, rule, of.errors, tuple(of.missing))


def field_of(place: str) -> str:
    for beginning in sorted(_FIELD_OF, key=len, reverse=True):
        if place.startswith(beginning):
            return _FIELD_OF[beginning]
    return "title"


class _Reading:
    """The values of a form, each read once; what cannot be read is noted at its field."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self.errors: dict[str, str] = {}
        self.missing: list[str] = []

    def many(self, name: str) -> list[str]:
        return [text.replace("\x00", "").strip() for text in self._values.get(name, ())]

    def text(self, name: str) -> str:
        return (self.many(name) or [""])[-1]

    def listed(self, name: str) -> list[str]:
        return [part.strip() for part in _SEPARATORS.split(self.text(name)) if part.strip()]

    def flag(self, name: str) -> bool:
        return bool(self.text(name))

    def need(self, name: str, value: Any) -> Any:
        if value is None and name not in self.errors:
            self.missing.append(name)
        return value

    def _number(self, name: str) -> Decimal | None:
        try:
            number = Decimal(self.text(name))
        except InvalidOperation:
            return None
        return number if number.is_finite() and abs(number) <= _LARGEST else None

    def money(self, name: str, *, least: int = 1) -> int | None:
        """Yuan as they are typed → minor units."""
        if not self.text(name):
            return None
        number = self._number(name)
        minor = number * 100 if number is not None else None
        if minor is None or minor != minor.to_integral_value() or minor < least:
            self.errors[name] = _("写金额，比如 20 或 12.50")
            return None
        return int(minor)

    def whole(self, name: str, *, least: int = 1, most: int = _LARGEST) -> int | None:
        if not self.text(name):
            return None
        number = self._number(name)
        if number is None or number != number.to_integral_value() or not least <= number <= most:
            self.errors[name] = _("写整数，从 {least} 起").format(least=least)
            return None
        return int(number)

    def fold(self, name: str) -> int | None:
        """八折 is 200 permille off; 0 is free."""
        if not self.text(name):
            return None
        number = self._number(name)
        permille = 1000 - number * 100 if number is not None else None
        if permille is None or permille != permille.to_integral_value() or not 1 <= permille <= 1000:
            self.errors[name] = _("写 0 到 9.99 之间的折扣，比如 8 或 8.5；0 就是免费")
            return None
        return int(permille)

    def day(self, name: str) -> str | None:
        if not self.text(name):
            return None
        try:
            return date.fromisoformat(self.text(name)).isoformat()
        except ValueError:
            self.errors[name] = _("写日期，比如 2026-12-31")
            return None


def _rule(of: _Reading) -> dict[str, Any]:
    """Only what is said: what is not limited is not written."""
    told: dict[str, Any] = {
        "benefit": _benefit(of),
        "threshold": _kept(amount=of.money("threshold_amount"), pieces=of.whole("threshold_pieces")),
        "scope": _kept(include=_goods(of, "include"), exclude=_goods(of, "exclude")),
        "org_units": [int(n) for n in of.many("org_units") if n.isdecimal() and len(n) < 10],
        "tiers": _kept(names=[name for name in of.many("tiers") if name]),
        "channels": of.listed("channels"),
        "times": _kept(
            weekdays=[int(n) for n in of.many("weekdays") if n in set("1234567")], hours=_hours(of)
        ),
        "validity": _validity(of),
        "stacking": _stacking(of),
        "per_person": of.whole("per_person"),
        "total_count": of.whole("total_count"),
        "has_budget": of.flag("has_budget"),
        "transferable": of.flag("transferable"),
        "refund": _refund(of),
        "bearers": _bearers(of),
    }
    return _kept(**told)


def _kept(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, [], {}, False, "")}


def _benefit(of: _Reading) -> dict[str, Any]:
    kind = of.text("kind")
    if kind == "amount_off":
        return {"kind": kind, "amount": of.need("amount", of.money("amount"))}
    if kind == "percent_off":
        return _kept(kind=kind, permille=of.need("fold", of.fold("fold")), cap=of.money("cap"))
    if kind == "gift":
        sku = of.need("gift_sku", of.text("gift_sku") or None)
        return _kept(kind=kind, sku=sku, pieces=of.whole("gift_pieces"))
    if kind == "fixed_price":
        price = of.need("price", of.money("price", least=0))
        return {"kind": kind, "price": price} | _kept(pieces=of.whole("price_pieces"))
    if kind == "nth_item":
        nth = of.need("nth", of.whole("nth", least=2, most=1000))
        permille = of.need("nth_fold", of.fold("nth_fold"))
        return _kept(kind=kind, nth=nth, permille=permille, times=of.whole("nth_times"))
    of.missing.append("kind")
    return {}


def _goods(of: _Reading, which: str) -> dict[str, Any]:
    return _kept(
        categories=of.listed(f"{which}_categories"),
        brands=of.listed(f"{which}_brands"),
        skus=of.listed(f"{which}_skus"),
    )


def _hours(of: _Reading) -> list[list[str]]:
    spans = [re.split(r"\s*[-–—~至到]\s*", part) for part in of.listed("hours")]
    if any(len(span) != 2 for span in spans):
        of.errors["hours"] = _("写起止时刻，比如 09:00-12:00")
        return []
    return [[moment.replace("：", ":") for moment in span] for span in spans]


def _validity(of: _Reading) -> dict[str, Any]:
    last, days = of.day("last"), of.whole("days")
    if last is None and days is None and not {"last", "days"} & of.errors.keys():
        of.missing.append("last")
    return _kept(first=of.day("first"), last=last, days=days, after_days=of.whole("after_days", least=0))


def _stacking(of: _Reading) -> dict[str, Any]:
    how = of.text("stacking")
    group = of.need("group", of.text("group") or None) if how == "group" else None
    return _kept(exclusive=how == "exclusive", group=group, max_per_order=of.whole("max_per_order"))


def _refund(of: _Reading) -> dict[str, Any]:
    policy = of.text("on_refund") or "give_back"
    return _kept(policy=policy, extend_days=of.whole("extend_days", least=0))


def _bearers(of: _Reading) -> dict[str, Any]:
    percent = of.whole("brand_percent", least=0, most=100)
    if percent is None or percent == 100:
        return {}
    return {"brand": percent * 10, "dealer": 1000 - percent * 10}


def amount_of(text: str) -> int | None:
    """Yuan that somebody typed, in minor units; None for what is no amount."""
    return _Reading({"amount": [text]}).money("amount")


def count_of(text: str, *, most: int) -> int | None:
    return _Reading({"count": [text]}).whole("count", most=most)
