"""为什么不共享, 能多卖多少: of each dealer who does not share, as head office reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huoshui.core.actor import Actor
from huoshui.trade.protection.api import Evidence, Gain, Seen, Verdict
from huoshui.web.console import numbers
from huoshui.web.console.contexts import rooms
from huoshui.web.console.contexts.cohorts import quarter
from huoshui.web.console.markup import behind, bold

REASONS = {
    "fear": gettext_lazy("不放心"),
    "execution": gettext_lazy("没有人去做"),
    "no_tool": gettext_lazy("没有工具"),
    "unknown": gettext_lazy("看不出来"),
}
HOW_SURE = {
    "sure": gettext_lazy("有把握"),
    "likely": gettext_lazy("多半是"),
    "unsure": gettext_lazy("说不准"),
}
SAYS = {
    "orders": gettext_lazy("门店没有订单进来"),
    "logins": gettext_lazy("{usual} 位员工里，能登录的 {value} 位"),
    "with_tools": gettext_lazy("工具已经有了：收银、登录或码至少有一样"),
    "codes": gettext_lazy("专属码、门店码 {value} 个"),
    "scans": gettext_lazy("{usual} 个码，一共扫过 {value} 次"),
    "known_share": gettext_lazy("认得出顾客的订单占 {value}，一般是 {usual}"),
    "said_no": gettext_lazy("自己收回了 {value} 项授权"),
    "archives": gettext_lazy("一年里带走过 {value} 次自己的顾客"),
}
WHY_NOT = {
    "own": gettext_lazy("这家自己的数据不够，说不出"),
    "others": gettext_lazy("像它、又肯共享的经销商不到 4 家，说不出"),
}


@dataclass(frozen=True)
class EvidenceRow:
    says: str
    url: str
    is_against: bool
    """Whether it speaks for another reason than the one named."""


@dataclass(frozen=True)
class MatchRow:
    name: str
    url: str
    rate: float | None
    ticket: float | None


@dataclass(frozen=True)
class ReasonRow:
    id: int
    name: str
    reason: str
    how_sure: str
    is_sure: bool
    evidence: list[EvidenceRow]
    gain: Gain | None
    is_gain_plain: bool
    """Whether the whole interval is above nothing."""
    why_not: str
    own: MatchRow
    matched: list[MatchRow]
    mean: MatchRow | None


@dataclass(frozen=True)
class ReasonsPage:
    sentence: SafeString
    span: str
    rows: list[ReasonRow]


def page(actor: Actor) -> ReasonsPage:
    """Those with the most to gain first, then by reason. Raises NotFound."""
    found = rooms.protection.reasons(actor)
    names = rooms.brand.unit_names(sorted(found.seen))
    days = {"from": found.span.first.isoformat(), "to": found.span.last.isoformat()}
    closed = rooms.protection.closed(actor)
    rows = [_row(v, found.seen, names, days, v.dealer_id in closed) for v in found.verdicts]
    rows.sort(key=lambda r: (-(r.gain.expected if r.gain else 0), r.reason, r.id))
    return ReasonsPage(_sentence(rows, len(found.seen)), quarter(found.span.name), rows)


def _sentence(rows: list[ReasonRow], dealers: int) -> SafeString:
    if not rows:
        return format_html(_("{n} 家经销商都在共享。"), n=bold(numbers.count(dealers)))
    plain = [r.gain.expected for r in rows if r.gain and r.is_gain_plain]
    said = format_html(
        _("{n} 家经销商里，{m} 家没有真正共享顾客。"),
        n=bold(numbers.count(dealers)),
        m=bold(numbers.count(len(rows))),
    )
    if plain:
        said += format_html(
            _("其中 {k} 家做到同类的样子，一个季度大约能多卖 {more}。"),
            k=bold(numbers.count(len(plain))),
            more=bold(numbers.money(sum(plain))),
        )
    return said


def _row(
    of: Verdict, seen: Mapping[int, Seen], names: Mapping[int, str], days: Mapping[str, str], is_closed: bool
) -> ReasonRow:
    dealer, name = seen[of.dealer_id], names.get(of.dealer_id, "")
    gain = of.gain
    matched = [_match(seen[d], names.get(d, ""), days) for d in gain.matched] if gain else []
    own = _match(dealer, name, days, is_closed=is_closed)
    mean = None
    if gain and own.rate is not None and own.ticket is not None:
        mean = MatchRow(_("这些家平均"), "", own.rate + gain.rate, own.ticket + gain.ticket)
    return ReasonRow(
        id=of.dealer_id,
        name=name,
        reason=str(REASONS[of.reason]),
        how_sure=str(HOW_SURE[of.how_sure]),
        is_sure=of.how_sure == "sure",
        evidence=[_evidence(e, of, own.url) for e in of.evidence],
        gain=gain,
        is_gain_plain=bool(gain and gain.low > 0),
        why_not=str(WHY_NOT.get(of.why_not, "")),
        own=own,
        matched=matched,
        mean=mean,
    )


def _match(of: Seen, name: str, days: Mapping[str, str], *, is_closed: bool = False) -> MatchRow:
    """Its number opens into its buyers of the quarter; of whom no single one is told, into cohorts."""
    cohorts = reverse("console:protection-cohorts")
    url = cohorts if is_closed else behind("sales", dict(days), {"dealer": name})
    return MatchRow(name, url, of.bought.rate, of.bought.ticket)


def _evidence(one: Evidence, of: Verdict, buyers_url: str) -> EvidenceRow:
    is_share = one.name == "known_share"
    value = numbers.percent(one.value) if is_share else str(numbers.count(round(one.value)))
    usual = "" if one.usual is None else numbers.percent(one.usual) if is_share else f"{round(one.usual)}"
    page = reverse("console:protection-of", args=[of.dealer_id])
    unit = reverse("console:org-unit", args=[of.dealer_id])
    urls = {
        "known_share": buyers_url,
        "orders": unit,
        "logins": unit,
        "with_tools": unit,
        "codes": reverse("console:codes"),
        "scans": reverse("console:codes"),
    }
    return EvidenceRow(
        str(SAYS[one.name]).format(value=value, usual=usual),
        urls.get(one.name, page),
        one.reason != of.reason,
    )
