"""账本: units, their accounts, each account's transfers; every balance opens into the facts that made it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.core.ledger.explorer import LAST_BIGINT, AccountKey, Leg, LegKey, UnitFigures
from huoshui.core.ledger.types import Account
from huoshui.people.api import Filters
from huoshui.web.console import numbers, words
from huoshui.web.console.contexts import parties, rooms
from huoshui.web.console.contexts.people import Choice
from huoshui.web.console.markup import bold

PAGE = 50
FUND = frozenset({"boss", "operator"})
FOUND = 30  # people a search looks for; whoever is not among them is named more exactly
TEXT_LENGTH = 60
ONLY = ("used", "debts", "all")
LONGEST_ID = 18  # digits of a bigint
LAST_INT = 2**31 - 1


@dataclass(frozen=True)
class UnitRow:
    name: str
    means: str
    url: str
    debts_url: str
    held: str
    holders: int
    accounts: int
    owed: str
    debts: int
    moves: int
    moved: str


@dataclass(frozen=True)
class Units:
    sentence: SafeString
    rows: list[UnitRow]


@dataclass(frozen=True)
class AccountRow:
    url: str
    owner: parties.Named
    balance: str
    is_debt: bool
    is_system: bool


@dataclass(frozen=True)
class UnitContext:
    unit: str
    name: str
    sentence: SafeString
    text: str
    choices: tuple[Choice, ...]
    rows: list[AccountRow]
    next_url: str
    is_searched: bool


@dataclass(frozen=True)
class LegRow:
    what: str
    order_key: str
    url: str
    other: parties.Named
    is_in: bool
    amount: str
    balance: str
    at: datetime
    posted_at: datetime
    is_explained: bool


@dataclass(frozen=True)
class AccountContext:
    id: int
    unit: str
    unit_name: str
    owner: parties.Named
    balance: str
    is_debt: bool
    is_system: bool
    sentence: SafeString
    rows: list[LegRow]
    next_url: str


def may_see(actor: Actor) -> bool:
    """The books are the whole brand's."""
    return actor.sees_whole_brand


def require(actor: Actor) -> None:
    if not may_see(actor):
        raise NotFound


@dataclass(frozen=True)
class Fund:
    unit: str
    name: str
    left: str
    is_debt: bool
    is_chosen: bool


@dataclass(frozen=True)
class BooksContext:
    funds: list[Fund]
    may_fund: bool
    key: str
    amount: str
    error: str
    is_done: bool


def books(
    actor: Actor, *, chosen: str = "", amount: str = "", error: str = "", is_done: bool = False
) -> BooksContext:
    require(actor)
    left = rooms.campaigns.left_in_funds()
    return BooksContext(
        funds=[
            Fund(unit_, parties.unit_name(unit_), parties.amount(unit_, n), n < 0, unit_ == chosen)
            for unit_, n in left.items()
        ],
        may_fund=may_fund(actor),
        key=secrets.token_hex(8),
        amount=amount,
        error=error,
        is_done=is_done,
    )


def may_fund(actor: Actor) -> bool:
    return bool(actor.roles & FUND)


def units(actor: Actor) -> Units:
    require(actor)
    since = clock.from_local(datetime.combine(clock.today(), time()))
    figures = rooms.explorer.units(since=since)
    return Units(sentence=_units_sentence(figures), rows=[_unit_row(row) for row in figures])


def _unit_row(row: UnitFigures) -> UnitRow:
    url = reverse("console:ledger-unit", args=[row.unit])
    return UnitRow(
        name=parties.unit_name(row.unit),
        means=str(words.UNIT_MEANS.get(row.unit, "")),
        url=url,
        debts_url=f"{url}?only=debts",
        held=parties.amount(row.unit, row.held),
        holders=row.holders,
        accounts=row.accounts,
        owed=parties.amount(row.unit, row.owed),
        debts=row.debts,
        moves=row.moves,
        moved=parties.amount(row.unit, row.moved),
    )


def _units_sentence(figures: Sequence[UnitFigures]) -> SafeString:
    moves = sum(row.moves for row in figures)
    debts = sum(row.debts for row in figures)
    said = _("今天入账 {moves} 笔；{debts}。")
    owed = (
        ngettext("{n} 个账户欠着", "{n} 个账户欠着", debts).format(n=numbers.count(debts))
        if debts
        else _("没有人欠")
    )
    return format_html(said, moves=bold(numbers.count(moves)), debts=bold(owed, "bad" if debts else ""))


def unit(actor: Actor, name: str, query: Mapping[str, str]) -> UnitContext:
    """Raises NotFound for a unit that has no account, and for whoever may not see the books."""
    require(actor)
    text = query.get("q", "").strip()[:TEXT_LENGTH]
    only = query.get("only") if query.get("only") in ONLY else ONLY[0]
    person = query.get("person", "")
    if text or person:
        found = shown = _searched(actor, name, text, person, only=str(only))
    else:
        found = rooms.explorer.accounts(name, only=str(only), after=_account_cursor(query), limit=PAGE + 1)
        shown = found[:PAGE]
    names = parties.named(actor, [_key(a) for a in shown])
    base = reverse("console:ledger-unit", args=[name])
    more = urlencode({"only": only, **_as_query(_key(shown[-1]))}) if len(found) > len(shown) else ""
    return UnitContext(
        unit=name,
        name=parties.unit_name(name),
        sentence=_unit_sentence(name, text, person, shown, only=str(only), has_more=bool(more)),
        text=text,
        choices=tuple(Choice(v, str(label), v == only) for v, label in _only_words().items()),
        rows=[_account_row(a, names[_key(a)]) for a in shown],
        next_url=f"{base}?{more}" if more else "",
        is_searched=bool(text or person),
    )


def _only_words() -> dict[str, str]:
    return {"used": _("有余额的"), "debts": _("欠着的"), "all": _("全部，连空的")}


def _searched(actor: Actor, unit_: str, text: str, person: str, *, only: str) -> list[Account]:
    """What was found, without what is empty, unless nothing else was."""
    found = _of_person(actor, unit_, person) if person else _named_like(actor, unit_, text)
    if only == "debts":
        return [a for a in found if (a.balance or 0) < 0]
    used = [a for a in found if a.balance != 0]
    return found if only == "all" else used or found


def _of_person(actor: Actor, unit_: str, person: str) -> list[Account]:
    if not person.isdecimal() or len(person) > LONGEST_ID:
        raise NotFound
    members = rooms.people.members(rooms.people.card_for(actor, int(person)).person_id)
    return list(rooms.explorer.accounts_of(unit_, "person", members))


def _named_like(actor: Actor, unit_: str, text: str) -> list[Account]:
    """Accounts of the customers a text finds, and of the places whose name has it."""
    cards = rooms.people.search(actor, text, Filters(), limit=FOUND).rows
    members = [m for m, _c in rooms.people.members_of([c.person_id for c in cards])]
    found: list[Account] = list(rooms.explorer.accounts_of(unit_, "person", members))
    places = [u["org_unit_id"] for u in rooms.brand.org_units_table().to_pylist() if text in u["name"]]
    for kind in sorted(parties.PLACES) if places else ():
        found += rooms.explorer.accounts_of(unit_, kind, places)
    return found


def _key(account: Account) -> AccountKey:
    return AccountKey(account.owner_kind, account.owner_id, account.bucket)


def _as_query(key: AccountKey) -> dict[str, str]:
    return {"kind": key.owner_kind, "id": str(key.owner_id), "bucket": key.bucket}


def _account_cursor(query: Mapping[str, str]) -> AccountKey | None:
    if "kind" not in query:
        return None
    try:
        return AccountKey(query["kind"], _number(query, "id", LAST_BIGINT), query.get("bucket", ""))
    except ValueError as error:
        raise NotFound from error


def _number(query: Mapping[str, str], name: str, most: int) -> int:
    number = int(query.get(name, ""))
    if abs(number) > most:
        raise ValueError(name)
    return number


def _account_row(account: Account, owner: parties.Named) -> AccountRow:
    return AccountRow(
        url=reverse("console:ledger-account", args=[account.id]),
        owner=owner,
        balance=parties.amount(account.unit, account.balance),
        is_debt=(account.balance or 0) < 0,
        is_system=account.balance is None,
    )


def _unit_sentence(
    name: str, text: str, person: str, shown: Sequence[Account], *, only: str, has_more: bool
) -> SafeString:
    total = bold(parties.amount(name, sum(a.balance or 0 for a in shown)))
    n = bold(numbers.count(len(shown)))
    if person and shown:
        return format_html(_("这位顾客有 {n} 个账户，一共 {total}。"), n=n, total=total)
    if text and shown:
        return format_html(_("找到 {n} 个账户，一共 {total}。"), n=n, total=total)
    if text or person:
        return format_html("{}", _("没有找到这样的账户。"))
    if only == "debts":
        return format_html("{}", _("欠着的账户：下一次入账会先还。") if shown else _("没有账户欠着。"))
    if has_more:
        return format_html("{}", _("账户按持有人排；找某一位，直接搜。点一个账户，看它的每一笔。"))
    return format_html(_("一共 {n} 个账户。点一个，看它的每一笔。"), n=n)


def account(actor: Actor, account_id: int, query: Mapping[str, str]) -> AccountContext:
    require(actor)
    that = rooms.explorer.account(account_id)
    found = rooms.explorer.legs(that, after=_leg_cursor(query), limit=PAGE + 1)
    shown = found[:PAGE]
    names = parties.named(actor, [_key(that), *(leg.other for leg in shown)])
    base = reverse("console:ledger-account", args=[that.id])
    more = urlencode(_leg_query(shown[-1].key)) if len(found) > PAGE else ""
    balance = parties.amount(that.unit, that.balance)
    return AccountContext(
        id=that.id,
        unit=that.unit,
        unit_name=parties.unit_name(that.unit),
        owner=names[_key(that)],
        balance=balance,
        is_debt=(that.balance or 0) < 0,
        is_system=that.balance is None,
        sentence=_account_sentence(that, balance, shown),
        rows=[_leg_row(that.unit, leg, names[leg.other]) for leg in shown],
        next_url=f"{base}?{more}" if more else "",
    )


def _leg_query(key: LegKey) -> dict[str, str]:
    return {"fact": str(key.fact_id), "reason": key.reason, "part": str(key.part)}


def _leg_cursor(query: Mapping[str, str]) -> LegKey | None:
    if "fact" not in query:
        return None
    try:
        fact_id, part = _number(query, "fact", LAST_BIGINT), _number(query, "part", LAST_INT)
        return LegKey(fact_id, query.get("reason", ""), part)
    except ValueError as error:
        raise NotFound from error


def _leg_row(unit_: str, leg: Leg, other: parties.Named) -> LegRow:
    return LegRow(
        what=_what(leg),
        order_key=leg.order_key or "",
        url=reverse("console:sale", args=[leg.key.fact_id]) if leg.name in words.ORDERS else "",
        other=other,
        is_in=leg.delta > 0,
        amount=parties.amount(unit_, leg.delta, signed=True),
        balance=parties.amount(unit_, leg.balance),
        at=leg.occurred_at or leg.posted_at,
        posted_at=leg.posted_at,
        is_explained=leg.is_explained,
    )


def _what(leg: Leg) -> str:
    return str(words.REASONS.get(leg.key.reason, words.ANY_REASON))


def _account_sentence(that: Account, balance: str, shown: Sequence[Leg]) -> SafeString:
    if not shown:
        return format_html("{}", _("这个账户还没有过变动。"))
    if that.balance is None:
        return format_html("{}", _("这是系统账户：它只作另一头，不记余额。"))
    if that.balance < 0:
        return format_html(
            _("现在欠着 {n}；下一次入账会先还。"), n=bold(parties.amount(that.unit, -that.balance), "bad")
        )
    return format_html(_("现在有 {n}，就是下面每一笔加减出来的。"), n=bold(balance))
