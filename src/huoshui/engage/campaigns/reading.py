"""A coupon's rule: JSON → frozen values. What is unknown is an error that names its place, never "anything goes"."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any, TypeVar

from huoshui.engage.campaigns.types import (
    WHOLE,
    AmountOff,
    BadRule,
    Benefit,
    FixedPrice,
    Gift,
    Goods,
    NthItem,
    OnRefund,
    PercentOff,
    Rule,
    Stacking,
    Threshold,
    Tiers,
    Times,
    Validity,
)

T = TypeVar("T")
Read = Callable[[Any, str], T]


def _whole(least: int, most: int, what: str) -> Read[int]:
    def read_whole(value: Any, place: str) -> int:
        # True is an int in Python
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise BadRule(place, what)
        return value

    return read_whole


_LARGE = 10**12
_natural = _whole(0, _LARGE, "要写 0 或更大的整数（金额以分为单位）")
_positive = _whole(1, _LARGE, "要写大于 0 的整数（金额以分为单位）")
_at_least_two = _whole(2, 1000, "要写 2 到 1000 的整数")
_permille = _whole(1, WHOLE, "要写 1 到 1000 的整数：千分之几，200 就是减两成（八折）")
_share = _whole(0, WHOLE, "要写 0 到 1000 的整数（千分之几）")
_weekday = _whole(1, 7, "要写 1 到 7：星期一是 1，星期日是 7")


class _Fields:
    """The fields of one object of the rule, each read once; what is left over is unknown."""

    def __init__(self, value: Any, place: str) -> None:
        if not isinstance(value, Mapping):
            raise BadRule(place, "这里要写一组字段")
        self._left = dict(value)
        self.place = place

    def need(self, name: str, read: Read[T]) -> T:
        if self._left.get(name) is None:
            raise BadRule(self._at(name), "必须填写")
        return read(self._left.pop(name), self._at(name))

    def get(self, name: str, read: Read[T], default: T) -> T:
        value = self._left.pop(name, None)
        return default if value is None else read(value, self._at(name))

    def maybe(self, name: str, read: Read[T]) -> T | None:
        value = self._left.pop(name, None)
        return None if value is None else read(value, self._at(name))

    def many(self, name: str, read: Read[T]) -> tuple[T, ...]:
        return self.get(name, _list_of(read), ())

    def done(self) -> None:
        if self._left:
            raise BadRule(self._at(min(self._left)), "不认识这个字段，请检查拼写")

    def _at(self, name: str) -> str:
        return f"{self.place}.{name}" if self.place else name


@lru_cache(maxsize=4096)
def rule_of(text: str) -> Rule:
    """A rule as its table keeps it: jsonb arrives as text. The same few are read again and again."""
    return read_rule(json.loads(text))


def read_rule(value: Any) -> Rule:
    """Raises BadRule."""
    of = _Fields(value, "")
    scope = of.get("scope", lambda v, at: _Fields(v, at), _Fields({}, "scope"))
    refund = of.get("refund", _refund, (OnRefund.GIVE_BACK, 0))
    rule = Rule(
        benefit=of.need("benefit", _benefit),
        validity=of.need("validity", _validity),
        threshold=of.get("threshold", _threshold, Threshold()),
        include=scope.get("include", _goods, Goods()),
        exclude=scope.get("exclude", _goods, Goods()),
        org_units=frozenset(of.many("org_units", _positive)),
        tiers=of.get("tiers", _tiers, Tiers()),
        channels=frozenset(of.many("channels", _text)),
        times=of.get("times", _times, Times()),
        stacking=of.get("stacking", _stacking, Stacking()),
        per_person=of.maybe("per_person", _positive),
        total_count=of.maybe("total_count", _positive),
        has_budget=of.get("has_budget", _flag, False),
        transferable=of.get("transferable", _flag, False),
        on_refund=refund[0],
        extend_days=refund[1],
        brand_permille=of.get("bearers", _bearers, WHOLE),
    )
    scope.done()
    of.done()
    if isinstance(rule.benefit, FixedPrice) and rule.benefit.pieces is None and rule.threshold == Threshold():
        raise BadRule("threshold", "一口价打包要写门槛（金额或件数），否则买一件也是这个价")
    return rule


def _benefit(value: Any, place: str) -> Benefit:
    of = _Fields(value, place)
    kind = of.need("kind", _text)
    read = _KINDS.get(kind)
    if read is None:
        raise BadRule(f"{place}.kind", f"没有“{kind}”这种券；可以是 {'、'.join(_KINDS)}")
    benefit = read(of)
    of.done()
    return benefit


_KINDS: Mapping[str, Callable[[_Fields], Benefit]] = {
    "amount_off": lambda of: AmountOff(of.need("amount", _positive)),
    "percent_off": lambda of: PercentOff(of.need("permille", _permille), of.maybe("cap", _positive)),
    "gift": lambda of: Gift(of.need("sku", _text), of.get("pieces", _positive, 1)),
    "fixed_price": lambda of: FixedPrice(of.need("price", _natural), of.maybe("pieces", _positive)),
    "nth_item": lambda of: NthItem(
        of.need("nth", _at_least_two), of.need("permille", _permille), of.get("times", _positive, 1)
    ),
}


def _validity(value: Any, place: str) -> Validity:
    of = _Fields(value, place)
    validity = Validity(
        first=of.maybe("first", _day),
        last=of.maybe("last", _day),
        days=of.maybe("days", _positive),
        after_days=of.get("after_days", _natural, 0),
    )
    of.done()
    if validity.last is None and validity.days is None:
        raise BadRule(place, "要写到哪天为止（last），或领取后几天内有效（days）")
    if validity.first and validity.last and validity.last < validity.first:
        raise BadRule(f"{place}.last", "结束日期早于开始日期")
    return validity


def _threshold(value: Any, place: str) -> Threshold:
    of = _Fields(value, place)
    threshold = Threshold(of.get("amount", _positive, 0), of.get("pieces", _positive, 0))
    of.done()
    return threshold


def _goods(value: Any, place: str) -> Goods:
    of = _Fields(value, place)
    goods = Goods(
        skus=frozenset(of.many("skus", _text)),
        categories=of.many("categories", _path),
        brands=frozenset(of.many("brands", _text)),
    )
    of.done()
    return goods


def _tiers(value: Any, place: str) -> Tiers:
    of = _Fields(value, place)
    tiers = Tiers(of.maybe("min_rank", _natural), frozenset(of.many("names", _text)))
    of.done()
    return tiers


def _times(value: Any, place: str) -> Times:
    of = _Fields(value, place)
    times = Times(frozenset(of.many("weekdays", _weekday)), of.many("hours", _span))
    of.done()
    return times


def _stacking(value: Any, place: str) -> Stacking:
    of = _Fields(value, place)
    stacking = Stacking(
        group=of.get("group", _text, ""),
        exclusive=of.get("exclusive", _flag, False),
        max_per_order=of.get("max_per_order", _positive, 1),
    )
    of.done()
    return stacking


def _refund(value: Any, place: str) -> tuple[OnRefund, int]:
    of = _Fields(value, place)
    policy, days = of.need("policy", _on_refund), of.get("extend_days", _natural, 0)
    of.done()
    if policy is OnRefund.KEEP and days:
        raise BadRule(f"{place}.extend_days", "退货不还券，就没有延长有效期")
    return policy, days


def _bearers(value: Any, place: str) -> int:
    of = _Fields(value, place)
    brand, dealer = of.get("brand", _share, 0), of.get("dealer", _share, 0)
    of.done()
    if brand + dealer != WHOLE:
        raise BadRule(
            place, f"品牌和经销商承担的份额合计要是 {WHOLE}（千分之一为单位），现在是 {brand + dealer}"
        )
    return brand


def _on_refund(value: Any, place: str) -> OnRefund:
    try:
        return OnRefund(value)
    except ValueError:
        raise BadRule(place, f"只能是 {'、'.join(p.value for p in OnRefund)}") from None


def _list_of(read: Read[T]) -> Read[tuple[T, ...]]:
    def read_list(value: Any, place: str) -> tuple[T, ...]:
        if not isinstance(value, list) or not value:
            raise BadRule(place, "这里要写一个列表，至少一项；不限制就不要写")
        return tuple(read(item, f"{place}[{n}]") for n, item in enumerate(value))

    return read_list


def _text(value: Any, place: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise BadRule(place, "要写文字")
    return value.strip()


def _flag(value: Any, place: str) -> bool:
    if not isinstance(value, bool):
        raise BadRule(place, "只能是 true 或 false")
    return value


def _path(value: Any, place: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in _text(value, place).split("/") if part.strip())


def _day(value: Any, place: str) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise BadRule(place, "要写日期，如 2026-12-31") from None


def _span(value: Any, place: str) -> tuple[int, int]:
    if not isinstance(value, list) or len(value) != 2:
        raise BadRule(place, '要写起止时刻，如 ["09:00", "21:30"]')
    start, end = (_minute(part, f"{place}[{n}]") for n, part in enumerate(value))
    if start == end:
        raise BadRule(place, "开始和结束是同一时刻")
    return start, end


def _minute(value: Any, place: str) -> int:
    hours, _, minutes = value.partition(":") if isinstance(value, str) else ("", "", "")
    if not (hours.isdecimal() and minutes.isdecimal()) or int(minutes) > 59 or int(hours) > 24:
        raise BadRule(place, "要写时刻，如 09:00")
    minute = int(hours) * 60 + int(minutes)
    if minute > 24 * 60:
        raise BadRule(place, "一天只有 24 小时")
    return minute
