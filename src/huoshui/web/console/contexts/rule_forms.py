"""What is written into the forms of rules, and the rules it makes. Nothing here reads or writes."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from huoshui.core.errors import Refused
from huoshui.engage.loyalty.api import Bonus, EarnRule, Tier

MOST = 2_000_000_000  # of anything that is counted; what is more is a slip of the finger
TEXT_LENGTH = 60


@dataclass(frozen=True)
class Values:
    """A form's fields as they were written; lists are one text each, parted by commas."""

    of: Mapping[str, str]

    def text(self, name: str) -> str:
        return self.of.get(name, "").replace("\x00", "").strip()

    def whole(self, name: str, label: str, *, least: int = 0) -> int:
        said = self.text(name).replace(",", "").replace("，", "")
        if not said.isascii() or not said.isdigit() or not least <= int(said[:15]) <= MOST:
            raise Refused(_("“{label}”要填不小于 {n} 的整数。").format(label=label, n=least))
        return int(said[:15])

    def maybe_whole(self, name: str, label: str) -> int | None:
        return self.whole(name, label, least=1) if self.text(name) else None

    def money(self, name: str, label: str, *, least: int = 0) -> int:
        """Yuan as written, in minor units."""
        said = self.text(name).replace(",", "").replace("¥", "").replace("，", "")
        try:
            minor = Decimal(said) * 100
        except InvalidOperation:
            minor = Decimal(-1)
        if not minor.is_finite() or minor != minor.to_integral_value() or not least <= minor <= MOST:
            raise Refused(_("“{label}”要填金额，比如 1000 或 99.50。").format(label=label))
        return int(minor)

    def day(self, name: str, label: str, default: date) -> date:
        said = self.text(name)
        if not said:
            return default
        try:
            return date.fromisoformat(said)
        except ValueError as error:
            raise Refused(_("“{label}”要填日期，比如 2026-03-01。").format(label=label)) from error

    def listed(self, name: str) -> tuple[str, ...]:
        parts = self.text(name).replace("，", ",").replace("、", ",").replace("\n", ",").split(",")
        return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


def rule(of: Values, now: EarnRule) -> EarnRule:
    return EarnRule(
        version=now.version,
        points=of.whole("points", _("得多少积分"), least=1),
        per_minor=of.money("per", _("每消费多少钱"), least=1),
        valid_years=of.whole("valid_years", _("几年后的年底到期")),
        from_day=of.day("from_day", _("从哪天起"), date.min),
        points_per_yuan=of.whole("points_per_yuan", _("多少积分抵 ¥1"), least=1),
        notice_days=of.whole("notice_days", _("到期前几天提醒")),
        adjust_alone_upto=of.whole("adjust_alone_upto", _("一个人最多能调整多少")),
    )


def of_rule(now: EarnRule, from_day: date) -> dict[str, str]:
    return {
        "points": str(now.points),
        "per": money_text(now.per_minor),
        "valid_years": str(now.valid_years),
        "from_day": from_day.isoformat(),
        "points_per_yuan": str(now.points_per_yuan),
        "notice_days": str(now.notice_days),
        "adjust_alone_upto": str(now.adjust_alone_upto),
    }


def bonus(of: Values, *, code: str, stores: Mapping[str, int], skus: Mapping[str, int]) -> Bonus:
    """`stores` and `skus` are those whose codes were written; whatever is not among them is refused by name."""
    multiplies = of.text("gives") != "extra"
    return Bonus(
        id=0,
        code=code,
        version=0,
        name=of.text("name")[:TEXT_LENGTH],
        percent=_percent(of) if multiplies else 100,
        extra=0 if multiplies else of.whole("extra", _("每单加送多少积分"), least=1),
        min_amount=of.money("min_amount", _("满多少钱")) if of.text("min_amount") else 0,
        ranks=_numbers(of, "ranks", 0, 99),
        sku_ids=_known(of, "skus", skus, _("没有这个编码的商品：{code}")),
        categories=of.listed("categories"),
        brands=of.listed("brands"),
        org_unit_ids=_known(of, "stores", stores, _("没有这个编码的门店：{code}")),
        from_day=of.day("from_day", _("从哪天起"), date.min),
        until_day=of.day("until_day", _("到哪天为止"), date.max),
        weekdays=_numbers(of, "weekdays", 1, 7),
        birthday=of.text("birthday") if of.text("birthday") in {"day", "week", "month"} else None,
        is_first_purchase=of.text("is_first_purchase") == "on",
        cap_order=of.maybe_whole("cap_order", _("一单最多")),
        cap_day=of.maybe_whole("cap_day", _("一人一天最多")),
        cap_month=of.maybe_whole("cap_month", _("一人一月最多")),
    )


def _percent(of: Values) -> int:
    try:
        percent = Decimal(of.text("times")) * 100
    except InvalidOperation:
        percent = Decimal(0)
    if not percent.is_finite() or percent != percent.to_integral_value() or not 100 < percent <= 10_000:
        raise Refused(_("“几倍积分”要填比 1 大的数，比如 2 或 1.5。"))
    return int(percent)


def _numbers(of: Values, name: str, least: int, most: int) -> tuple[int, ...]:
    return tuple(
        sorted(int(n) for n in of.listed(name) if n.isascii() and n.isdigit() and least <= int(n) <= most)
    )


def _known(of: Values, name: str, ids: Mapping[str, int], refusal: str) -> tuple[int, ...]:
    codes = of.listed(name)
    if unknown := [code for code in codes if code not in ids]:
        raise Refused(refusal.format(code=_("、").join(unknown)))
    return tuple(ids[code] for code in codes)


def of_bonus(b: Bonus, *, stores: Mapping[int, str], skus: Mapping[int, str]) -> dict[str, str]:
    """`stores` and `skus`: codes by id."""
    cap: Callable[[int | None], str] = lambda n: "" if n is None else str(n)  # noqa: E731  (three times, here only)
    return {
        "name": b.name,
        "gives": "extra" if b.extra else "times",
        "times": str(Decimal(b.percent) / 100) if b.percent > 100 else "2",
        "extra": str(b.extra or ""),
        "min_amount": money_text(b.min_amount) if b.min_amount else "",
        "ranks": ",".join(map(str, b.ranks)),
        "skus": "，".join(skus.get(i, "") for i in b.sku_ids),
        "categories": "，".join(b.categories),
        "brands": "，".join(b.brands),
        "stores": "，".join(stores.get(i, "") for i in b.org_unit_ids),
        "from_day": b.from_day.isoformat() if b.from_day > date.min else "",
        "until_day": b.until_day.isoformat() if b.until_day < date.max else "",
        "weekdays": ",".join(map(str, b.weekdays)),
        "birthday": b.birthday or "",
        "is_first_purchase": "on" if b.is_first_purchase else "",
        "cap_order": cap(b.cap_order),
        "cap_day": cap(b.cap_day),
        "cap_month": cap(b.cap_month),
    }


def new_code() -> str:
    return f"b{secrets.token_hex(4)}"


def tier(of: Values, now: Tier) -> Tier:
    name = of.text("name")[:TEXT_LENGTH]
    if not name:
        raise Refused(_("请填写等级的名字。"))
    is_lowest = now.rank == 0
    return Tier(
        rank=now.rank,
        name=name,
        spend_at_least=0 if is_lowest else of.money("spend", _("消费满多少钱"), least=1),
        counts=now.counts if is_lowest else of.text("counts"),
        months=now.months if is_lowest else of.whole("months", _("近几个月"), least=1),
        grace_days=now.grace_days if is_lowest else of.whole("grace_days", _("宽限几天")),
        benefits=of.listed("benefits"),
        gift_template_id=_gift(of),
        gift_again_days=of.maybe_whole("gift_again_days", _("隔几天再送")) if of.text("gift") else None,
    )


def _gift(of: Values) -> int | None:
    """A coupon's number; it is for whoever saves to see that there is one."""
    said = of.text("gift")
    if said and not (said.isascii() and said.isdigit() and len(said) <= 18):
        raise Refused(_("没有这张券，请重新选一张。"))
    return int(said) if said else None


def of_tier(now: Tier) -> dict[str, str]:
    return {
        "name": now.name,
        "spend": money_text(now.spend_at_least),
        "counts": now.counts,
        "months": str(now.months),
        "grace_days": str(now.grace_days),
        "benefits": "，".join(now.benefits),
        "gift": str(now.gift_template_id or ""),
        "gift_again_days": str(now.gift_again_days or ""),
    }


def money_text(minor: int) -> str:
    return str(minor // 100) if minor % 100 == 0 else f"{minor / 100:.2f}"
