"""异业合作: partner brands, what their points are worth in ours, and what both owe each other month by month."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.engage.loyalty.api import Partner, Statement
from huoshui.web.console import numbers
from huoshui.web.console.contexts import loyalty, rooms, rule_forms, rule_words
from huoshui.web.console.contexts.people import Choice
from huoshui.web.console.markup import bold
from huoshui.web.console.retell import retell

MONTHS = 12  # statements that the list of months offers
_CODE = re.compile(r"[a-z][a-z0-9-]{1,30}")
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class PartnerRow:
    name: str
    says: str
    is_live: bool
    used: int  # of the month's cap
    cap: int
    share: float
    sent: int
    received: int
    owed: str
    is_owed: bool
    url: str
    edit_url: str


@dataclass(frozen=True)
class AllianceContext:
    sentence: SafeString
    rows: list[PartnerRow]
    may_act: bool
    done: str


@dataclass(frozen=True)
class StatementContext:
    of: Statement
    brand_day: date
    sentence: SafeString
    traffic: SafeString
    months: tuple[Choice, ...]
    money: str
    we_pay: bool
    url: str
    csv_url: str
    may_act: bool
    said: Mapping[str, str]
    error: str
    done: bool


@dataclass(frozen=True)
class PartnerForm:
    code: str
    values: Mapping[str, str]
    directions: tuple[Choice, ...]
    states: tuple[Choice, ...]
    url: str
    error: str


def alliance(actor: Actor, done: str = "") -> AllianceContext:
    loyalty.require(actor)
    month = clock.today()
    found = [rooms.loyalty.statement(p.code, month) for p in rooms.loyalty.partners()]
    return AllianceContext(
        sentence=_sentence(found), rows=[_row(s) for s in found], may_act=loyalty.may_act(actor), done=done
    )


def _row(of: Statement) -> PartnerRow:
    partner, used = of.partner, of.issued + of.redeemed
    return PartnerRow(
        name=partner.name,
        says=rate(partner),
        is_live=partner.state == "live",
        used=used,
        cap=partner.monthly_cap,
        share=min(100.0, 100 * used / partner.monthly_cap) if partner.monthly_cap else 0,
        sent=of.sent,
        received=of.received,
        owed=f"{abs(of.closing):,}",
        is_owed=of.closing < 0,
        url=reverse("console:alliance-statement", args=[partner.code]),
        edit_url=reverse("console:alliance-partner", args=[partner.code]),
    )


def rate(partner: Partner) -> str:
    said = {
        "out": _("我们的 {ours} 积分换 {name} 的 {theirs}"),
        "in": _("{name} 的 {theirs} 换我们的 {ours} 积分"),
        "both": _("我们的 {ours} 积分和 {name} 的 {theirs} 可以互换"),
    }[partner.direction]
    return said.format(ours=f"{partner.ours:,}", theirs=f"{partner.theirs:,}", name=partner.name)


def _sentence(found: list[Statement]) -> SafeString:
    if not found:
        return format_html("{}", _("还没有合作伙伴。"))
    live = sum(s.partner.state == "live" for s in found)
    return format_html(
        _("正在和 {n} 家合作；这个月送过去 {sent} 位顾客，来了 {received} 位。"),
        n=bold(live),
        sent=bold(numbers.count(sum(s.sent for s in found))),
        received=bold(numbers.count(sum(s.received for s in found))),
    )


def statement(
    actor: Actor,
    code: str,
    query: Mapping[str, str],
    *,
    said: Mapping[str, str] | None = None,
    error: Refused | None = None,
) -> StatementContext:
    """Raises NotFound for a partner, or a month, that is not there."""
    loyalty.require(actor)
    today = clock.today().replace(day=1)
    month = _month(query.get("month", "")) or today
    of = rooms.loyalty.statement(code, month)
    base = reverse("console:alliance-statement", args=[code])
    return StatementContext(
        of=of,
        brand_day=clock.today(),
        sentence=_statement_sentence(of),
        traffic=_traffic(of),
        months=tuple(
            Choice(f"{m:%Y-%m}", f"{m:%Y-%m}", m == month)
            for m in dict.fromkeys([*(_back(today, n) for n in range(MONTHS)), month])
        ),
        money=numbers.exact(abs(of.net_money)),
        we_pay=of.net_points >= 0,
        url=base,
        csv_url=f"{reverse('console:alliance-csv', args=[code])}?month={of.month}",
        may_act=loyalty.may_act(actor),
        said=said or {},
        error=retell(str(error)) if error else "",
        done=query.get("done") == "settled",
    )


def _month(text: str) -> date | None:
    if not text:
        return None
    found = _MONTH.fullmatch(text)
    if found is None or int(found[1]) < 2000:
        raise NotFound
    return date(int(found[1]), int(found[2]), 1)


def _back(first: date, months: int) -> date:
    year, month = divmod(first.year * 12 + first.month - 1 - months, 12)
    return date(year, month + 1, 1)


def _statement_sentence(of: Statement) -> SafeString:
    if not of.exchanges_out and not of.exchanges_in:
        return format_html(_("{month} 没有人换过积分。"), month=of.month)
    money, points = bold(numbers.exact(abs(of.net_money))), bold(f"{abs(of.net_points):,}")
    said = (
        _("{month} 净转出 {points} 积分，我们该付 {name} {money}。")
        if of.net_points > 0
        else _("{month} 净转入 {points} 积分，{name} 该付我们 {money}。")
        if of.net_points < 0
        else _("{month} 两边换的一样多，谁也不用付。")
    )
    return format_html(said, month=of.month, points=points, money=money, name=of.partner.name)


def _traffic(of: Statement) -> SafeString:
    gap = of.sent - of.received
    if gap == 0:
        return format_html("{}", _("来往的顾客一样多。"))
    said = _("我们多送过去 {n} 位。") if gap > 0 else _("他们多送来 {n} 位。")
    return format_html(said, n=bold(numbers.count(abs(gap))))


def settle(actor: Actor, code: str, said: Mapping[str, str]) -> None:
    """Note money that was paid. Raises NotFound for whoever may not, Refused with what is wrong."""
    loyalty.require(actor, acts=True)
    values = rule_forms.Values(said)
    points = values.whole("points", _("结算多少积分"), least=1)
    rooms.loyalty.settle_partner(
        partner=code,
        points=-points if values.text("way") == "theirs" else points,
        reference=values.text("reference")[:100],
        actor=actor,
    )


def lines(of: Statement) -> list[tuple[str, int]]:
    """The statement line by line, as both sides read it."""
    return [
        (_("期初：我们欠对方的积分"), of.opening),
        (_("加：我们的积分换成对方的"), of.issued),
        (_("减：对方的积分换成我们的"), -of.redeemed),
        (_("减：已经用钱结清的"), -of.settled),
        (_("期末：我们欠对方的积分"), of.closing),
    ]


def statement_csv(actor: Actor, code: str, query: Mapping[str, str]) -> tuple[str, str]:
    """(file name, text) of one month's statement."""
    loyalty.require(actor)
    of = rooms.loyalty.statement(code, _month(query.get("month", "")) or clock.today())
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow([_("合作伙伴"), _safe(of.partner.name)])
    rows.writerow([_("月份"), of.month])
    rows.writerows(lines(of))
    rows.writerow([_("对方发出的积分"), of.theirs_issued])
    rows.writerow([_("对方收回的积分"), of.theirs_redeemed])
    rows.writerow([_("对方记给顾客的积分"), of.theirs_credited])
    rows.writerow([_("送过去的顾客"), of.sent])
    rows.writerow([_("送来的顾客"), of.received])
    rows.writerow([_("转出几笔"), of.exchanges_out])
    rows.writerow([_("转入几笔"), of.exchanges_in])
    rows.writerow([_("本月净额（元，正数我们付）"), f"{of.net_money / 100:.2f}"])
    return f"{of.partner.code}-{of.month}.csv", out.getvalue()


def _safe(text: str) -> str:
    """A spreadsheet must not take a name for a formula."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text


def form(
    actor: Actor, code: str, said: Mapping[str, str] | None = None, error: Refused | None = None
) -> PartnerForm:
    """'' for a partner that is still to be made."""
    loyalty.require(actor, acts=True)
    now = _partner(code) if code else None
    values = said if said is not None else _values(now)
    return PartnerForm(
        code=code,
        values=values,
        directions=tuple(
            Choice(v, str(w), v == values.get("direction")) for v, w in rule_words.DIRECTIONS.items()
        ),
        states=tuple(
            Choice(v, str(w), v == values.get("state", "live")) for v, w in rule_words.PARTNER_STATES.items()
        ),
        url=reverse("console:alliance-partner", args=[code]) if code else reverse("console:alliance-new"),
        error=retell(str(error)) if error else "",
    )


def _partner(code: str) -> Partner:
    found: Partner | None = next((p for p in rooms.loyalty.partners() if p.code == code), None)
    if found is None:
        raise NotFound
    return found


def _values(now: Partner | None) -> dict[str, str]:
    if now is None:
        return {"direction": "both", "ours": "100", "theirs": "100", "state": "live"}
    said = {k: str(v) for k, v in now._asdict().items()}
    return said | {"fen_per_100": rule_forms.money_text(now.fen_per_100)}


def put(actor: Actor, code: str, said: Mapping[str, str]) -> None:
    """Raises Refused with what is wrong with it."""
    loyalty.require(actor, acts=True)
    now = _partner(code) if code else None
    values = rule_forms.Values(said)
    chosen = now.code if now else values.text("code")
    if not _CODE.fullmatch(chosen):
        raise Refused(_("代号用小写字母、数字和短横，字母开头，比如 tea-house。"))
    if now is None and chosen in {p.code for p in rooms.loyalty.partners()}:
        raise Refused(_("已经有这个代号的合作伙伴，请换一个。"))
    if not values.text("name"):
        raise Refused(_("请填写合作伙伴的名字。"))
    rooms.loyalty.put_partner(
        Partner(
            id=now.id if now else 0,
            code=chosen,
            name=values.text("name")[:60],
            ours=values.whole("ours", _("我们的积分"), least=1),
            theirs=values.whole("theirs", _("对方的积分"), least=1),
            direction=values.text("direction"),
            monthly_cap=values.whole("monthly_cap", _("一个月最多换多少")),
            prepaid_limit=values.whole("prepaid_limit", _("对方可以欠多少")),
            fen_per_100=values.money("fen_per_100", _("每 100 积分结算多少钱")),
            state=values.text("state") if values.text("state") in rule_words.PARTNER_STATES else "live",
        ),
        actor=actor,
    )
