"""线索 on head office's desk: how many came, how far they are, who is behind, what they cost; rules, bad leads, objections."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.trade.leads.api import Batch, BillView, ClaimView, Count, Lead, Terms
from huoshui.web.console.contexts import lead_words as words
from huoshui.web.console.contexts import rooms
from huoshui.web.console.markup import bold

_SHOWN = 100
_DAYS = 90
_OUT = ("lost", "bad", "double")
CODES = {
    "guide": gettext_lazy("专属码"),
    "store": gettext_lazy("门店码"),
    "campaign": gettext_lazy("活动码"),
    "shelf": gettext_lazy("货架码"),
    "parcel": gettext_lazy("包裹码"),
    "partner": gettext_lazy("合作人码"),
    "recommender": gettext_lazy("推荐码"),
}


@dataclass(frozen=True)
class Step:
    """One bar of the funnel. `share` in percent of all that came."""

    label: str
    leads: int
    share: float
    url: str


@dataclass(frozen=True)
class DealerRow:
    name: str
    offered: int
    held: int
    won: int
    lost: int
    rate: str
    url: str


@dataclass(frozen=True)
class LeadRow:
    lead: Lead
    url: str
    name: str
    dealer: str
    state: str
    source: str
    left: str


@dataclass(frozen=True)
class ClaimRow:
    claim: ClaimView
    dealer: str
    kind: str
    state: str
    url: str


@dataclass(frozen=True)
class BillRow:
    bill: BillView
    dealer: str
    kind: str
    url: str


@dataclass(frozen=True)
class BatchRow:
    batch: Batch
    shares: str


@dataclass(frozen=True)
class LeadsPage:
    sentence: SafeString
    funnel: list[Step]
    funnel_says: str
    dealers: list[DealerRow]
    rows: list[LeadRow]
    filter_says: str
    claims: list[ClaimRow]
    bills: list[BillRow]
    batches: list[BatchRow]
    form: Mapping[str, Any]
    codes: list[tuple[str, str, bool]]
    versions: list[tuple[int, str, date | None]]
    decides: bool
    error: str
    done: str


def may_see(actor: Actor) -> bool:
    return rooms.leads.may_see(actor)


def page(
    actor: Actor, asked: Mapping[str, str], *, said: Mapping[str, str], error: str, done: str
) -> LeadsPage:
    counts = rooms.leads.funnel(actor, days=_DAYS)
    by = rooms.leads.current_rules()
    dealer_id = (
        int(asked["dealer"]) if asked.get("dealer", "").isdecimal() and len(asked["dealer"]) < 10 else None
    )
    state, stage = asked.get("state") or None, asked.get("stage") or None
    found = rooms.leads.leads(
        actor, states=[state] if state else None, stage=stage, dealer_id=dealer_id, limit=_SHOWN
    )
    claims, bills = rooms.leads.claims(actor), rooms.leads.bills(actor, states=["objected"])
    batches = rooms.leads.batches(actor)
    units = {c.dealer_id for c in counts} | {c.dealer_id for c in claims} | {b.dealer_id for b in bills}
    units |= {lead.dealer_id or 0 for lead in found} | {d for b in batches for d, *_ in b.shares}
    firms = {0: _("总部"), **rooms.brand.unit_names(sorted(units - {0}))}
    return LeadsPage(
        sentence=_sentence(counts),
        funnel=_funnel(counts, by),
        funnel_says=_("近 {n} 天进来的线索到了哪一步").format(n=_DAYS),
        dealers=_dealers(counts, firms),
        rows=_rows(actor, found, firms),
        filter_says=_filter(state, stage, firms.get(dealer_id or 0, "") if dealer_id else ""),
        claims=[_claim(c, firms) for c in claims[:_SHOWN]],
        bills=[
            BillRow(b, firms.get(b.dealer_id, ""), str(words.KINDS[b.kind]), _url(b.lead_id)) for b in bills
        ],
        batches=[BatchRow(b, _shares(b, firms)) for b in batches],
        form=_form(by, said),
        codes=[(kind, str(word), kind in by.scan_kinds) for kind, word in CODES.items()],
        versions=[
            (v.terms.version, v.reason, clock.business_day(v.set_at) if v.set_at else None)
            for v in rooms.leads.rules_versions(actor)[:10]
        ],
        decides=rooms.leads.decides(actor),
        error=error,
        done=done,
    )


def _sentence(counts: Sequence[Count]) -> SafeString:
    of = _by_state(counts)
    total = sum(of.values()) - of["double"]
    if not total:
        return format_html(
            "{}", _("还没有线索：扫活动码、网站表单和合作人带来的顾客会到这里，按规则派给经销商。")
        )
    waiting = of["new"] + of["escalated"]
    said = format_html(
        _("近 {days} 天来了 {total} 条线索，{taken} 条有人跟进，{won} 条成交（{rate}）"),
        days=_DAYS,
        total=bold(total),
        taken=bold(of["held"] + of["won"] + of["lost"]),
        won=bold(of["won"]),
        rate=_percent(of["won"], total),
    )
    if waiting:
        return format_html(_("{said}；{n} 条还没有人接。"), said=said, n=bold(waiting))
    return format_html("{}{}", said, _("。"))


def _by_state(counts: Sequence[Count]) -> Counter[str]:
    of: Counter[str] = Counter()
    for count in counts:
        of[count.state] += count.leads
    return of


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}%" if whole else "—"


def _funnel(counts: Sequence[Count], by: Terms) -> list[Step]:
    of, at = _by_state(counts), Counter[str]()
    for count in counts:
        if count.state in ("held", "won"):
            at[count.stage] += count.leads
    total = sum(of.values()) or 1
    steps = [(str(words.STATES[s]), of[s], {"state": s}) for s in ("new", "escalated", "offered")]
    known = [*by.stages, *(stage for stage in at if stage not in by.stages)]
    steps += [(stage, at[stage], {"stage": stage}) for stage in known]
    steps += [(str(words.STATES[s]), of[s], {"state": s}) for s in _OUT if of[s]]
    return [
        Step(label, n, 100 * n / total, f"{reverse('console:leads')}?{urlencode(asked)}#list")
        for label, n, asked in steps
    ]


def _dealers(counts: Sequence[Count], firms: Mapping[int, str]) -> list[DealerRow]:
    of: dict[int, Counter[str]] = {}
    for count in counts:
        if count.dealer_id:
            of.setdefault(count.dealer_id, Counter())[count.state] += count.leads
    rows = [
        DealerRow(
            firms.get(dealer, ""),
            n["offered"],
            n["held"],
            n["won"],
            n["lost"] + n["bad"],
            _percent(n["won"], n["won"] + n["lost"] + n["held"]),
            f"{reverse('console:leads')}?{urlencode({'dealer': dealer})}#list",
        )
        for dealer, n in of.items()
    ]
    return sorted(rows, key=lambda row: (-row.won, -row.held, row.name))


def _rows(actor: Actor, found: Sequence[Lead], firms: Mapping[int, str]) -> list[LeadRow]:
    known = words.names(actor, found)
    return [
        LeadRow(
            lead,
            _url(lead.id),
            known.get(lead.person_id or 0, ("", 0))[0] or _("一位顾客"),
            firms.get(lead.dealer_id, "") if lead.dealer_id else "",
            str(words.STATES[lead.state]),
            str(words.SOURCES[lead.source]),
            words.left(lead.until),
        )
        for lead in found
    ]


def _url(lead_id: int) -> str:
    return reverse("console:lead", args=[lead_id])


def _filter(state: str | None, stage: str | None, dealer: str) -> str:
    told = [str(words.STATES.get(state, "")) if state else "", stage or "", dealer]
    return " · ".join(one for one in told if one)


def _claim(claim: ClaimView, firms: Mapping[int, str]) -> ClaimRow:
    return ClaimRow(
        claim,
        firms.get(claim.dealer_id, ""),
        str(words.BAD[claim.kind]),
        str(words.CLAIMS[claim.state]),
        _url(claim.lead_id),
    )


def _shares(batch: Batch, firms: Mapping[int, str]) -> str:
    return "，".join(
        f"{firms.get(dealer, '')} {permille / 10:g}%（{money / 100:,.2f}）"
        for dealer, permille, money in batch.shares
    )


def _form(by: Terms, said: Mapping[str, str]) -> Mapping[str, Any]:
    """What the fields show: what was just said and refused, else what holds."""
    names = rooms.brand.unit_names(sorted({d for ds in by.areas.values() for d in ds}))
    holds = rooms.leads.terms_told(by) | {
        "bond_wins": "1" if by.bond_wins else "",
        "fee": f"{by.fee_permille / 10:g}",
        "fee_cap": f"{by.fee_cap / 100:g}",
        "lead_price": f"{by.lead_price / 100:g}",
        "stages": "\n".join(by.stages),
        "areas": "\n".join(f"{a} {'、'.join(names.get(d, '') for d in ds)}" for a, ds in by.areas.items()),
    }
    return {**holds, **said} if said.get("act") == "rules" else holds
