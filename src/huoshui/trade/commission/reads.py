"""What is owed, and why. A guide sees her own, a dealer what it pays and what it is paid, head office all."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any, NamedTuple

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.trade.commission.types import HEAD_OFFICE
from huoshui.trade.commission.versions import Versions

Q = sql.load("huoshui.trade.commission")

_HEAD_OFFICE = frozenset({"boss", "operator"})
_MOST = 1_000


class Earned(NamedTuple):
    """A payee's money from one payer: of a month, and now: frozen, posted; `taken_back` is of the month, below zero."""

    party_id: int
    payer_id: int
    amount: int
    frozen: int
    posted: int
    taken_back: int


class EntryView(NamedTuple):
    id: int
    order_id: int | None
    fact_id: int
    kind: str
    amount: int
    base: int
    is_correction: bool
    booked_on: date
    release_on: date
    is_frozen: bool
    payer_id: int


class StatementView(NamedTuple):
    id: int
    period: str
    amount: int
    lines: int
    closed_at: datetime
    payee_kind: str
    payee_id: int
    payer_id: int


class LineView(NamedTuple):
    id: int
    order_id: int | None
    fact_id: int
    kind: str
    amount: int
    base: int
    is_correction: bool
    booked_on: date
    release_on: date
    is_frozen: bool
    payee_word: str
    payee_said: str
    payer_word: str
    payer_said: str

    @property
    def state(self) -> str:
        """'disputed' as soon as one side says so; 'confirmed' when both have said yes; else 'open'."""
        said = {self.payee_word, self.payer_word}
        return "disputed" if "disputed" in said else "confirmed" if said == {"confirmed"} else "open"


class ClosedOfRun(NamedTuple):
    """Statements of a closed month with lines of an import's orders: how many, and what these lines come to."""

    period: str
    statements: int
    amount: int


def closed_of_run(run_id: int) -> list[ClosedOfRun]:
    """What has been closed of the orders that an import alone told. Closed lines stay: what becomes of those is a line of
    the open month."""
    return sql.fetch_as(ClosedOfRun, Q.closed_of_run, run_id=run_id)


class RulesVersion(NamedTuple):
    version: int
    kind: str
    employer_id: int
    params: dict[str, Any]
    actor: str
    reason: str
    set_at: datetime


def rules_versions(actor: Actor) -> list[RulesVersion]:
    """The newest first. A dealer sees the brand's and its own; what other houses pay is theirs, and head office's to know."""
    rows = [
        RulesVersion(r.version, r.kind, r.employer_id, json.loads(r.params), r.actor, r.reason, r.set_at)
        for r in sql.fetch(Q.versions)
    ]
    return [
        v
        for v in reversed(rows)
        if actor.sees_whole_brand or v.kind == "brand" or speaks_for(actor, v.employer_id)
    ]


def side(actor: Actor, of: StatementView) -> str:
    """'payee' or 'payer', or '' for whoever only looks."""
    try:
        return side_of(actor, of)
    except NotFound:
        return ""


def speaks_for(actor: Actor, firm_id: int) -> bool:
    """Head office for itself, a dealer's owner for the dealer; nobody for another's house."""
    if actor.kind == "system":
        return True
    if firm_id == HEAD_OFFICE:
        return bool(actor.roles & _HEAD_OFFICE)
    return "dealer" in actor.roles and firm_id in actor.org_unit_ids


def require_employer(actor: Actor, employer_id: int) -> None:
    if not speaks_for(actor, employer_id):
        raise NotFound


def earned(actor: Actor, *, first: date, last: date) -> list[Earned]:
    """A guide's own, by who pays."""
    return sql.fetch_as(Earned, Q.earned, kind="guide", payee_id=actor.id, first=first, last=last)


def entries(actor: Actor, *, before: int = 2**62, limit: int = 50) -> list[EntryView]:
    """A guide's own, the newest first."""
    return sql.fetch_as(
        EntryView, Q.entries_of, kind="guide", payee_id=actor.id, before=before, limit=min(limit, _MOST)
    )


def statements(actor: Actor, *, limit: int = 100) -> list[StatementView]:
    return _statements(actor, None, limit)


def statement(actor: Actor, statement_id: int) -> StatementView:
    """Raises NotFound."""
    found = _statements(actor, statement_id, 1)
    if not found:
        raise NotFound
    return found[0]


def _statements(actor: Actor, statement_id: int | None, limit: int) -> list[StatementView]:
    return sql.fetch_as(
        StatementView,
        Q.statements,
        statement_id=statement_id,
        everything=actor.sees_whole_brand,
        firms=sorted(actor.org_unit_ids) if "dealer" in actor.roles else [],
        guide_id=actor.id if actor.kind == "staff" else None,
        limit=min(limit, _MOST),
    )


def lines(actor: Actor, statement_id: int, *, after: int = 0, limit: int = 200) -> list[LineView]:
    """Raises NotFound."""
    statement(actor, statement_id)
    return sql.fetch_as(LineView, Q.lines, statement_id=statement_id, after=after, limit=min(limit, _MOST))


def side_of(actor: Actor, of: StatementView) -> str:
    """On whose behalf the actor speaks. Raises NotFound for whoever only looks."""
    if of.payee_kind == "guide" and actor.kind == "staff" and actor.id == of.payee_id:
        return "payee"
    if of.payee_kind == "dealer" and actor.kind == "staff" and speaks_for(actor, of.payee_id):
        return "payee"
    if actor.kind == "staff" and speaks_for(actor, of.payer_id):
        return "payer"
    raise NotFound


_ROLES = {
    "server": "这一单由她接待",
    "bringer": "顾客是她带来的",
    "team": "同店的团队分成",
    "decided": "按裁决分",
    "recommender": "顾客由她推荐，第一次买",
    "fee": "顾客是这家带来的，在别家买了",
    "area": "顾客归这家，在总部的店或网上买了",
}
_HOW = {
    "code": "扫的码",
    "bond": "顾客归属",
    "server": "订单上的导购",
    "claim": "小票认领",
    "裁决": "裁决",
    "推荐": "推荐码",
}
_KINDS = {
    "commission": "提成",
    "reward": "推荐奖励",
    "fee": "服务费",
    "ladder": "阶梯提成",
    "lead_fee": "引流服务费",
}


class Why(NamedTuple):
    payee_kind: str
    payee_id: int
    payer_id: int
    amount: int
    sentences: tuple[str, ...]


def why(actor: Actor, order_id: int) -> list[Why]:
    """Who has what for an order, and by which fact and version; only what is the actor's to see. Empty for what is not."""
    entries = sql.fetch(Q.entries_of_order, order_id=order_id)
    credits = sql.fetch(Q.credits, order_ids=[order_id])
    versions = Versions.known()
    found = []
    for party in sorted({(r.payee_kind, r.payee_id, r.payer_id) for r in (*entries, *credits)}):
        if not _may_see(actor, *party):
            continue
        told = [_credited(c) for c in credits if (c.payee_kind, c.payee_id, c.payer_id) == party]
        own = [e for e in entries if (e.payee_kind, e.payee_id, e.payer_id) == party]
        told += [_written(e) for e in own]
        if own and not versions.employers.get(party[2]) and own[0].kind == "commission":
            told.append("这家还没有定提成规则。")
        found.append(Why(*party, sum(e.amount for e in own), tuple(told)))
    return found


def _may_see(actor: Actor, kind: str, payee_id: int, payer_id: int) -> bool:
    if actor.sees_whole_brand:
        return True
    if kind == "guide" and actor.kind == "staff" and payee_id == actor.id:
        return True
    return speaks_for(actor, payer_id) or (kind == "dealer" and speaks_for(actor, payee_id))


def _credited(credit: sql.Row) -> str:
    share = "" if credit.permille == 1000 else f"，占 {credit.permille / 10:g}%"
    by = _HOW.get(credit.because, credit.because)
    return f"{_ROLES[credit.role]}{share}：依据{by}（记录 {credit.because_fact_id}），按第 {credit.rule_version} 版归因规则。"


def _written(entry: sql.Row) -> str:
    said = f"{entry.booked_on} {_KINDS[entry.kind]} {entry.amount / 100:+.2f} 元，对应成交额 {entry.base / 100:+.2f} 元"
    said += f"，按第 {entry.rule_version} 版规则"
    if entry.is_correction:
        said += "，是更正"
    return said + (f"，{entry.release_on} 解冻。" if entry.is_frozen else "，已入账。")
