"""提成与结算: the rules, the statements and their lines; and a guide's own on her phone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.trade.commission.api import HEAD_OFFICE, Earned, EntryView, File, LineView, StatementView
from huoshui.web.console.contexts import cards, rooms, typed
from huoshui.web.console.markup import bold

_SHOWN = 200
KINDS = {
    "commission": gettext_lazy("提成"),
    "reward": gettext_lazy("推荐奖励"),
    "fee": gettext_lazy("服务费"),
    "ladder": gettext_lazy("阶梯提成"),
    "lead_fee": gettext_lazy("引流服务费"),
}
STATES = {
    "open": gettext_lazy("等两边确认"),
    "confirmed": gettext_lazy("两边都说没问题"),
    "disputed": gettext_lazy("有一边说不对"),
}


@dataclass(frozen=True)
class StatementRow:
    id: int
    period: str
    payee: str
    payer: str
    lines: int
    amount: int


@dataclass(frozen=True)
class Employer:
    id: int
    name: str
    is_chosen: bool


@dataclass(frozen=True)
class CommissionPage:
    sentence: SafeString
    statements: list[StatementRow]
    employers: list[Employer]
    versions: list[tuple[int, str, str, date]]
    is_head_office: bool
    last_month: str
    periods: list[str]
    """Months of which a payment list may be had."""
    said: Mapping[str, str]
    error: str
    done: str


@dataclass(frozen=True)
class LineRow:
    line: LineView
    kind: str
    state: str
    said: str


@dataclass(frozen=True)
class StatementPage:
    row: StatementRow
    lines: list[LineRow]
    side: str
    deciding: list[tuple[int, str]]
    """Staff among whom the payer may share a disputed order out anew."""
    error: str
    done: str


@dataclass(frozen=True)
class OwnEntry:
    entry: EntryView
    kind: str
    payer: str


@dataclass(frozen=True)
class OwnPage:
    total: int
    earned: Earned
    entries: list[OwnEntry]
    statements: list[StatementRow]
    payers: str
    month: int


class Names(NamedTuple):
    units: dict[int, str]
    staff: dict[int, str]
    persons: dict[int, str]

    def firm(self, firm_id: int) -> str:
        return _("总部") if firm_id == HEAD_OFFICE else self.units.get(firm_id, "")

    def payee(self, kind: str, payee_id: int) -> str:
        if kind == "guide":
            return self.staff.get(payee_id, "")
        return self.firm(payee_id) if kind == "dealer" else self.persons.get(payee_id, _("一位顾客"))


def may_see(actor: Actor) -> bool:
    return actor.sees_whole_brand or "dealer" in actor.roles


def page(
    actor: Actor, *, said: Mapping[str, str] | None = None, error: str = "", done: str = ""
) -> CommissionPage:
    """Raises NotFound."""
    if not may_see(actor):
        raise NotFound
    found = rooms.commission.statements(actor, limit=_SHOWN)
    employers = _employers(actor)
    last = clock.today().replace(day=1) - timedelta(days=1)
    return CommissionPage(
        sentence=_sentence(found),
        statements=_statements(actor, found),
        employers=[
            Employer(firm, name, str(firm) == (said or {}).get("employer")) for firm, name in employers
        ],
        versions=_versions(actor, dict(employers)),
        is_head_office=rooms.commission.speaks_for(actor, HEAD_OFFICE),
        last_month=f"{last:%Y-%m}",
        periods=rooms.commission.periods([firm for firm, _name in employers]),
        said=said or {},
        error=error,
        done=done,
    )


def _sentence(found: Sequence[StatementView]) -> SafeString:
    if not found:
        return format_html("{}", _("还没有对账单：定好提成规则，过完一个月就能关账。"))
    newest = max(s.period for s in found)
    those = [s for s in found if s.period == newest]
    return format_html(
        _("{period} 有 {n} 份对账单，共 {amount} 元，交财务打款前请两边逐行确认。"),
        period=newest,
        n=bold(len(those)),
        amount=bold(f"{sum(s.amount for s in those) / 100:,.2f}"),
    )


def _employers(actor: Actor) -> list[tuple[int, str]]:
    """Whom the actor may set rules and close months for."""
    own = [(HEAD_OFFICE, _("总部"))] if rooms.commission.speaks_for(actor, HEAD_OFFICE) else []
    names = rooms.brand.unit_names(sorted(actor.org_unit_ids))
    return own + [
        (unit, names.get(unit, ""))
        for unit in sorted(actor.org_unit_ids)
        if rooms.commission.speaks_for(actor, unit)
    ]


def _versions(actor: Actor, employers: Mapping[int, str]) -> list[tuple[int, str, str, date]]:
    return [
        (v.version, _says(v.kind, v.params), v.reason, clock.business_day(v.set_at))
        for v in rooms.commission.rules_versions(actor)[:20]
        if v.kind == "employer" or HEAD_OFFICE in employers
    ]


def _says(kind: str, params: Mapping[str, Any]) -> str:
    if kind == "brand":
        return _(
            "归因与总部出的钱：扫码 {days} 天内算带来的人，别家成交服务费 {fee}%，总部成交服务费 {area}%"
        ).format(
            days=params.get("code_days", 90),
            fee=_percent(params.get("fee_permille", 0)),
            area=_percent(params.get("area_permille", 0)),
        )
    rates = "、".join(f"{_percent(r['permille'])}%" for r in params.get("rates", ())) or "0%"
    return _("导购提成 {rates}，带来的人分 {share}%，{days} 天后解冻").format(
        rates=rates,
        share=_percent(params.get("bringer_permille", 0)),
        days=params.get("return_days", 7),
    )


def _percent(permille: int) -> str:
    return f"{permille / 10:g}"


def act(actor: Actor, said: Mapping[str, str]) -> str:
    """Raises NotFound, Refused."""
    employer_id = _whole(said.get("employer", "0"), _("请选一家"))
    match said.get("act"):
        case "employer":
            rooms.commission.set_employer_rules(
                employer_id, _employer_params(said), reason=said.get("reason", ""), actor=actor
            )
            return _("新规则从现在起用。")
        case "brand":
            rooms.commission.set_brand_rules(_brand_params(said), reason=said.get("reason", ""), actor=actor)
            return _("新规则从现在起用。")
        case "close":
            made = rooms.commission.close(said.get("period", ""), actor=actor, payer_id=employer_id)
            return (
                _("关账了，{n} 份对账单。").format(n=made)
                if made
                else _("这个月没有要关的账，什么都没有变。")
            )
    raise Refused(_("没有这个操作。"))


def _employer_params(said: Mapping[str, str]) -> dict[str, Any]:
    usual, new = typed.permille(said.get("usual", "")), said.get("new", "").strip()
    rates: list[dict[str, Any]] = [{"permille": usual}]
    if new:
        rates.insert(0, {"permille": typed.permille(new), "customer": "new"})
    return {
        "rates": rates,
        "bringer_permille": typed.permille(said.get("bringer", "")),
        "return_days": _whole(said.get("return_days", ""), _("天数要填整数。")),
        "ladder": [_step(line) for line in said.get("ladder", "").splitlines() if line.strip()],
    }


def _step(line: str) -> list[int]:
    parts = line.split()
    if len(parts) != 2:
        raise Refused(_("阶梯一行一级：月成交额（元）和加多少（%），例如 30000 1。"))
    return [typed.cents(parts[0]), typed.permille(parts[1])]


def _brand_params(said: Mapping[str, str]) -> dict[str, Any]:
    return {
        "code_days": _whole(said.get("code_days", ""), _("天数要填整数。")),
        "return_days": _whole(said.get("return_days", ""), _("天数要填整数。")),
        "fee_permille": typed.permille(said.get("fee", "")),
        "fee_cap": typed.cents(said.get("fee_cap", "")),
        "area_permille": typed.permille(said.get("area", "")),
        "reward_amount": typed.cents(said.get("reward", "")),
        "reward_least": typed.cents(said.get("reward_least", "")),
    }


def _whole(text: str, otherwise: str) -> int:
    if not text.strip().isdecimal() or len(text) > 9:
        raise Refused(otherwise)
    return int(text)


def _statements(actor: Actor, found: Sequence[StatementView]) -> list[StatementRow]:
    names = _names(actor, ((s.payee_kind, s.payee_id, s.payer_id) for s in found))
    return [
        StatementRow(
            s.id, s.period, names.payee(s.payee_kind, s.payee_id), names.firm(s.payer_id), s.lines, s.amount
        )
        for s in found
    ]


def _names(actor: Actor, parties: Iterable[tuple[str, int, int]]) -> Names:
    told = list(parties)
    firms = {payer for _, _, payer in told} | {payee for kind, payee, _ in told if kind == "dealer"}
    staff = {payee for kind, payee, _ in told if kind == "guide"}
    born = sorted({payee for kind, payee, _ in told if kind == "recommender"})
    heads = rooms.people.canonical_ids(born) if born else {}
    known = {
        c.person_id: cards.name_of(c) for c in rooms.people.cards_for(actor, sorted(set(heads.values())))
    }
    return Names(
        rooms.brand.unit_names(sorted(firms)),
        rooms.brand.staff_names(sorted(staff)),
        {own: known[head] for own, head in heads.items() if head in known},
    )


def statement(
    actor: Actor, statement_id: int, *, side: str = "", error: str = "", done: str = ""
) -> StatementPage:
    """Raises NotFound."""
    found = rooms.commission.statement(actor, statement_id)
    side = rooms.commission.side(actor, found)
    return StatementPage(
        row=_statements(actor, [found])[0],
        lines=[
            LineRow(
                line,
                str(KINDS[line.kind]),
                str(STATES[line.state]),
                "；".join(word for word in (line.payee_said, line.payer_said) if word),
            )
            for line in rooms.commission.lines(actor, statement_id, limit=1_000)
        ],
        side=side,
        deciding=_staff_of(found.payer_id) if side == "payer" and found.payee_kind == "guide" else [],
        error=error,
        done=done,
    )


def file(actor: Actor, statement_id: int, form: str) -> File:
    """Raises NotFound."""
    if form not in ("pdf", "xlsx"):
        raise NotFound
    return rooms.commission.statement_file(actor, statement_id, "pdf" if form == "pdf" else "xlsx")


def payments(actor: Actor, said: Mapping[str, str]) -> File:
    """Raises NotFound."""
    payer = said.get("employer", "")
    if not payer.isdecimal() or len(payer) > 9:
        raise NotFound
    return rooms.commission.payment_file(actor, payer_id=int(payer), period=said.get("period", ""))


def say(actor: Actor, statement_id: int, said: Mapping[str, str], chosen: Sequence[str]) -> str:
    """Raises NotFound, Refused."""
    ids = [int(one) for one in chosen if one.isdecimal() and len(one) < 16]
    if not ids:
        raise Refused(_("请先勾选要说的行。"))
    word = "disputed" if said.get("act") == "disputed" else "confirmed"
    rooms.commission.say(statement_id, ids, word=word, said=said.get("said", ""), actor=actor)
    return _("记下了 {n} 行。").format(n=len(ids))


def _staff_of(employer_id: int) -> list[tuple[int, str]]:
    units = [u["org_unit_id"] for u in rooms.brand.org_units_table().to_pylist()]
    branches = rooms.brand.branches_of(units)
    of = sorted(u for u, b in branches.items() if (b.dealer_id or HEAD_OFFICE) == employer_id)
    return sorted({(p.staff_id, p.name) for p in rooms.brand.staff_at(of)}, key=lambda one: one[::-1])


def decide(actor: Actor, statement_id: int, said: Mapping[str, str]) -> str:
    """Whose a disputed order is after all: one or two of the payer's. Raises NotFound, Refused."""
    found = rooms.commission.statement(actor, statement_id)
    order_id = _whole(said.get("order", ""), _("请选一行有争议的。"))
    on_it = {line.order_id for line in rooms.commission.lines(actor, statement_id, limit=1_000)}
    if order_id not in on_it:
        raise NotFound
    shares = [
        (_whole(said[f"guide{n}"], _("请选导购。")), typed.permille(said.get(f"share{n}", "")))
        for n in (1, 2)
        if said.get(f"guide{n}")
    ]
    rooms.commission.decide(
        order_id, employer_id=found.payer_id, shares=shares, reason=said.get("reason", ""), actor=actor
    )
    return _("裁决记下了。这个月的对账单不变，差额几秒后作为更正记到本月。")


def own(actor: Actor) -> OwnPage:
    """A guide's own. What several houses owe her is added up; each line says whose it is."""
    today = clock.today()
    earned = rooms.commission.earned(actor, first=today.replace(day=1), last=today)
    entries = rooms.commission.entries(actor)
    statements = [
        s
        for s in rooms.commission.statements(actor, limit=24)
        if s.payee_kind == "guide" and s.payee_id == actor.id
    ]
    names = _names(actor, (("guide", actor.id, e.payer_id) for e in earned))
    return OwnPage(
        total=sum(e.amount for e in earned),
        earned=Earned(
            0,
            0,
            sum(e.amount for e in earned),
            sum(e.frozen for e in earned),
            sum(e.posted for e in earned),
            sum(e.taken_back for e in earned),
        ),
        entries=[OwnEntry(e, str(KINDS[e.kind]), names.firm(e.payer_id)) for e in entries],
        statements=_statements(actor, statements),
        payers="、".join(names.firm(e.payer_id) for e in earned),
        month=today.month,
    )


def own_why(actor: Actor, order_id: int) -> tuple[str, ...]:
    """Raises NotFound for an order that is nothing to her."""
    told = [
        w for w in rooms.commission.why(actor, order_id) if (w.payee_kind, w.payee_id) == ("guide", actor.id)
    ]
    if not told:
        raise NotFound
    return tuple(sentence for w in told for sentence in w.sentences)
