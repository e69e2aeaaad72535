"""What a dealer takes along, row by row: nothing in it is another's. Each page of rows costs the same few statements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.crypto import unseal
from huoshui.people import api as people
from huoshui.trade.bonds import api as bonds
from huoshui.trade.commission import api as commission
from huoshui.trade.sales import api as sales

Q = sql.load("huoshui.trade.protection")

Row = Sequence[str]
_PAGE = 500


class Table(NamedTuple):
    name: str
    head: Row
    rows: Iterator[Row]


_CUSTOMERS: Final = (
    *(
        "顾客编号",
        "姓名",
        "会员卡号",
        "手机（您门店带来的）",
        "其他联系方式（您门店带来的）",
        "会员等级",
        "积分",
    ),
    *("服务门店", "专属顾问", "何时归您", "保护到", "因为什么", "规则版本", "依据的记录", "授权同意"),
)
_SALES: Final = ("订单号", "日期", "门店", "顾客编号（归您的）", "状态", "成交（元）", "退款（元）", "行数")
_STATEMENTS: Final = ("对账单号", "月份", "谁出", "给谁", "行数", "金额（元）", "关账时间")
_LINES: Final = (
    "对账单号",
    "行",
    "日期",
    "种类",
    "订单",
    "对应成交额（元）",
    "金额（元）",
    "是更正",
    "两边怎么说",
)


def tables(actor: Actor, dealer_id: int) -> list[Table]:
    """Its callers have asked that the actor speaks for the dealer."""
    return [
        Table("顾客", _CUSTOMERS, _customers(actor, dealer_id)),
        Table("订单", _SALES, _sales(dealer_id)),
        Table("对账单", _STATEMENTS, _statements(actor, dealer_id)),
        Table("对账单明细", _LINES, _lines(actor, dealer_id)),
    ]


def _customers(actor: Actor, dealer_id: int) -> Iterator[Row]:
    after = 0
    while page := bonds.taken_along(dealer_id, after=after, limit=_PAGE):
        after = page[-1].person_id
        ids = [t.person_id for t in page]
        cards = {c.person_id: c for c in people.cards_for(actor, ids)}
        gone = people.restricted(ids)
        shown = [
            t for t in page if t.person_id in cards and t.person_id not in gone
        ]  # the others: erased while this was written
        sql.run(Q.note_taken, actor=str(actor), dealer_id=dealer_id, person_ids=[t.person_id for t in shown])
        contacts, consents = _contacts(dealer_id, ids), people.consents_standing(ids)
        stores = brand.unit_names(sorted({t.store_id for t in page if t.store_id is not None}))
        staff = brand.staff_names(sorted({t.guide_id for t in page if t.guide_id is not None}))
        for t in shown:
            card = cards[t.person_id]
            told = contacts.get(t.person_id, {})
            yield (
                str(t.person_id),
                card.display_name,
                card.card_no,
                "、".join(sorted(phone.removeprefix("+86") for phone in told.get("phone", ()))),
                "、".join(sorted(v for kind, values in told.items() if kind != "phone" for v in values)),
                card.tier,
                str(card.points),
                stores.get(t.store_id or 0, ""),
                staff.get(t.guide_id or 0, ""),
                _time(t.owned_since),
                _time(t.protected_until),
                t.made_as,
                str(t.rule_version),
                str(t.made_by),
                "；".join(
                    f"{s.purpose}{f'/{s.channel}' if s.channel else ''} {'同意' if s.is_given else '不同意'}"
                    f" {_time(s.said_at)}"
                    for s in consents.get(t.person_id, ())
                ),
            )


def _contacts(dealer_id: int, heads: Sequence[int]) -> Mapping[int, Mapping[str, set[str]]]:
    """Customer → kind → whole values that the dealer's own stores were told, and that are hers alone still: a number put right,
    shared by many or another's by now is not."""
    born = dict(people.members_of(list(heads)))
    told = bonds.brought_contacts(dealer_id, sorted(born))
    still: dict[tuple[str, str], int] = {}
    for kind in sorted({b.kind for b in told}):
        keys = sorted({b.key for b in told if b.kind == kind})
        still |= {(kind, key): head for key, head in people.known_among(kind, keys).items()}
    found: dict[int, dict[str, set[str]]] = {}
    for b in told:
        head = born[b.person_id]
        if still.get((b.kind, b.key)) == head:
            found.setdefault(head, {}).setdefault(b.kind, set()).add(unseal(b.sealed))
    return found


def _sales(dealer_id: int) -> Iterator[Row]:
    """Of the stores it has now, those of days on which they were its own; who bought, if she is its customer."""
    stores, after = sorted(brand.units_below([dealer_id])), 0
    names = brand.unit_names(stores)
    while page := sales.sold_at(stores, after=after, limit=_PAGE):
        after = page[-1].id
        owners = brand.owners_on([(s.store_id, s.day) for s in page])
        own = [s for s, o in zip(page, owners, strict=True) if o.dealer_id == dealer_id]
        buyers = sorted({s.person_id for s in own if s.person_id is not None})
        heads = people.canonical_ids(buyers) if buyers else {}
        mine = bonds.owned_among(dealer_id, sorted(set(heads.values())))
        mine = set(mine) - people.restricted(sorted(mine))
        for s in own:
            head = heads.get(s.person_id or 0)
            yield (
                s.order_key,
                f"{s.day}",
                names.get(s.store_id, ""),
                str(head) if head in mine else "",
                s.status,
                _yuan(s.amount),
                _yuan(s.refunded),
                str(s.line_count),
            )


def _statements(actor: Actor, dealer_id: int) -> Iterator[Row]:
    """What the dealer pays and what it is paid: of other dealers of the same owner nothing."""
    found = commission.statements_of_firm(actor, dealer_id)
    firms = {s.payer_id for s in found} | {s.payee_id for s in found if s.payee_kind == "dealer"}
    units = {commission.HEAD_OFFICE: "总部", **brand.unit_names(sorted(firms))}
    staff = brand.staff_names(sorted({s.payee_id for s in found if s.payee_kind == "guide"}))
    for s in found:
        payee = staff.get(s.payee_id, "") if s.payee_kind == "guide" else units.get(s.payee_id, "")
        payer, closed = units.get(s.payer_id, ""), _time(s.closed_at)
        yield str(s.id), s.period, payer, payee, str(s.lines), _yuan(s.amount), closed


def _lines(actor: Actor, dealer_id: int) -> Iterator[Row]:
    after = 0
    while page := commission.lines_of_firm(actor, dealer_id, after=after, limit=_PAGE):
        after = page[-1][1].id
        for statement_id, x in page:
            corrected, order = "是" if x.is_correction else "", str(x.order_id or "")
            money = (_yuan(x.base), _yuan(x.amount))
            yield str(statement_id), str(x.id), f"{x.booked_on}", x.kind, order, *money, corrected, x.state


def _yuan(cents: int) -> str:
    sign, whole = ("-" if cents < 0 else ""), abs(cents)
    return f"{sign}{whole // 100}.{whole % 100:02}"


def _time(at: datetime | None) -> str:
    return f"{at.astimezone(clock.brand_zone()):%Y-%m-%d %H:%M}" if at else ""
