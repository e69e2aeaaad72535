"""Bonus rules at work: decide by what a sale earns, remember it, and follow it when the order changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import Refused
from huoshui.engage.loyalty import bonus as rules
from huoshui.engage.loyalty.types import (
    BasketLine,
    Bonus,
    Earning,
    EarnRule,
    Goods,
    Occasion,
    OrderFact,
    Quote,
    Rate,
    Rulebook,
)
from huoshui.people import api as people

Q = sql.load("huoshui.engage.loyalty")

Money = Mapping[int, int]  # product → minor units
RankAt = Callable[[int, int], int]  # (person, fact) → the tier he had before it


def beyond(
    live: Sequence[Earning],
    book: Rulebook,
    *,
    facts: Sequence[OrderFact],
    batch: Sequence[int],
    rank_at: RankAt,
) -> dict[int, int]:
    """Fact → points its order is worth now beyond the base rule. Called under the lock of these persons' standings, for
    caps are theirs.

    An order that was nobody's at its sale had no tier, birthday or cap then: it earns by the base rule alone.
    """
    firsts = [e for e in live if e.order_id is None and e.person_id is not None and e.paid > 0]
    out: dict[int, int] = {}
    if book.has_rates and (later := [e for e in live if e.order_id is not None]):
        out |= _follow(later, book, facts)
    if book.has_bonus and firsts:
        out |= _decide(firsts, book, batch, rank_at)
    return out


def _decide(
    firsts: Sequence[Earning], book: Rulebook, batch: Sequence[int], rank_at: RankAt
) -> dict[int, int]:
    bonuses = sql.fetch_as(Bonus, Q.bonuses, ids=[])
    money = _money([e.fact_id for e in firsts])
    kin = people.kin_of(sorted({e.person_id for e in firsts if e.person_id is not None}))
    occasions = _occasions(firsts, bonuses, kin, batch, rank_at)
    goods = _goods(bonuses, {sku for of in money.values() for sku in of})
    allowance = _allowance(firsts, bonuses, kin)
    out: dict[int, int] = {}
    decided: list[tuple[Earning, Rate, int]] = []
    for e in firsts:
        assert e.person_id is not None
        who = min(kin[e.person_id])
        fitting = [b for b in bonuses if rules.fits(b, occasions[e.fact_id])]
        caps = {b.id: allowance.left(b, who, e.business_day) for b in fitting}
        mine = rules.rates([b for b in fitting if caps[b.id] != 0], money.get(e.fact_id, {}), goods, caps)
        given = rules.worth(mine, money.get(e.fact_id, {}), e.paid, book.on(e.business_day))
        for bonus_id, points in given.items():
            allowance.use(bonus_id, who, e.business_day, points)
        decided += [(e, rate, given[rate.bonus_id]) for rate in mine]
        out[e.fact_id] = sum(given.values())
    _remember(decided)
    return out


def _follow(later: Sequence[Earning], book: Rulebook, facts: Sequence[OrderFact]) -> dict[int, int]:
    order_ids = sorted({e.order_id for e in later if e.order_id is not None})
    by_order: dict[int, list[Rate]] = {}
    for r in sql.fetch(Q.rates_of, order_ids=order_ids):
        rate = Rate(r.bonus_id, r.percent, r.extra, r.at_money, r.cap, tuple(r.sku_ids))
        by_order.setdefault(r.order_id, []).append(rate)
    if not by_order:
        return {}
    money = _money(list(by_order))
    bonuses = {
        b.id: b
        for b in sql.fetch_as(
            Bonus, Q.bonuses, ids=sorted({r.bonus_id for rs in by_order.values() for r in rs})
        )
    }
    goods = _goods(list(bonuses.values()), {sku for of in money.values() for sku in of})
    out: dict[int, int] = {}
    moved: list[tuple[Earning, Rate, int]] = []
    for e in later:
        if e.order_id not in by_order:
            continue
        own = [f for f in facts if f.order_id == e.order_id]
        day = next((f.business_day for f in own if f.is_first), e.business_day)
        mine = rules.with_new_goods(by_order[e.order_id], bonuses, money.get(e.order_id, {}), goods)
        paid = sum(f.effect - f.by_points for f in own)
        given = rules.worth(mine, money.get(e.order_id, {}), paid, book.on(day))
        moved += [(e, rate, given[rate.bonus_id]) for rate in mine]
        out[e.fact_id] = sum(given.values())
    _move(moved)
    return out


def _money(order_ids: Sequence[int]) -> dict[int, dict[int, int]]:
    out: dict[int, dict[int, int]] = {}
    for r in sql.fetch(Q.order_money, order_ids=list(order_ids)):
        out.setdefault(r.order_id, {})[r.sku_id] = r.money
    return out


def _occasions(
    firsts: Sequence[Earning],
    bonuses: Sequence[Bonus],
    kin: Mapping[int, Sequence[int]],
    batch: Sequence[int],
    rank_at: RankAt,
) -> dict[int, Occasion]:
    every = sorted({m for ids in kin.values() for m in ids})
    birthdays = _birthdays(every) if any(b.birthday for b in bonuses) else {}
    later = _not_first(firsts, kin, batch) if any(b.is_first_purchase for b in bonuses) else set()
    out = {}
    for e in firsts:
        assert e.person_id is not None
        birthday = next((birthdays[m] for m in kin[e.person_id] if m in birthdays), None)
        out[e.fact_id] = Occasion(
            e.business_day,
            e.org_unit_id,
            rank_at(e.person_id, e.fact_id),
            birthday,
            e.fact_id not in later,
        )
    return out


def _birthdays(person_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    rows = sql.fetch(Q.birthdays, person_ids=list(person_ids))
    return {r.person_id: day for r in rows if (day := rules.birthday_of(r.value))}


def _not_first(firsts: Sequence[Earning], kin: Mapping[int, Sequence[int]], batch: Sequence[int]) -> set[int]:
    pairs = [(e.fact_id, m) for e in firsts if e.person_id is not None for m in kin[e.person_id]]
    rows = sql.fetch(
        Q.not_first, fact_ids=[f for f, _ in pairs], person_ids=[m for _, m in pairs], batch=list(batch)
    )
    return {r.fact_id for r in rows}


def _goods(bonuses: Sequence[Bonus], sku_ids: set[int]) -> dict[int, Goods]:
    if not sku_ids or not any(b.categories or b.brands for b in bonuses):
        return {}
    names = brand.product_names(sorted(sku_ids))
    products = brand.products_of([code for code, _ in names.values()])
    return {p.id: Goods(p.category, p.brand) for p in products}


def _allowance(
    firsts: Sequence[Earning], bonuses: Sequence[Bonus], kin: Mapping[int, Sequence[int]]
) -> rules.Allowance:
    if all(b.cap_day is None and b.cap_month is None for b in bonuses):
        return rules.Allowance({})
    head = {m: min(ids) for ids in kin.values() for m in ids}
    days = [e.business_day for e in firsts]
    used: dict[tuple[int, int, date], int] = {}
    for r in sql.fetch(
        Q.used, person_ids=sorted(head), first=min(days).replace(day=1), last=_month_end(max(days))
    ):
        key = (r.bonus_id, head[r.person_id], r.business_day)
        used[key] = used.get(key, 0) + r.points
    return rules.Allowance(used)


def _month_end(day: date) -> date:
    following = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return date.fromordinal(following.toordinal() - 1)


def _remember(decided: Sequence[tuple[Earning, Rate, int]]) -> None:
    if not decided:
        return
    sql.send(
        Q.add_rates,
        order_ids=[e.fact_id for e, _, _ in decided],
        bonus_ids=[r.bonus_id for _, r, _ in decided],
        person_ids=[e.person_id for e, _, _ in decided],
        days=[e.business_day for e, _, _ in decided],
        percents=[r.percent for _, r, _ in decided],
        extras=[r.extra for _, r, _ in decided],
        at_moneys=[r.at_money for _, r, _ in decided],
        caps=[r.cap for _, r, _ in decided],
        points=[points for _, _, points in decided],
    )
    _add_lines([(e.fact_id, r) for e, r, _ in decided])


def _move(moved: Sequence[tuple[Earning, Rate, int]]) -> None:
    sql.send(
        Q.move_rates,
        order_ids=[e.order_id for e, _, _ in moved],
        bonus_ids=[r.bonus_id for _, r, _ in moved],
        person_ids=[e.person_id for e, _, _ in moved],
        points=[points for _, _, points in moved],
    )
    _add_lines([(e.order_id or 0, r) for e, r, _ in moved])


def _add_lines(rows: Sequence[tuple[int, Rate]]) -> None:
    flat = [(order_id, r.bonus_id, sku) for order_id, r in rows for sku in r.sku_ids]
    sql.send(
        Q.add_rate_lines,
        order_ids=[o for o, _, _ in flat],
        bonus_ids=[b for _, b, _ in flat],
        sku_ids=[s for _, _, s in flat],
    )


def quote(
    lines: Sequence[BasketLine],
    at: Occasion,
    *,
    person_id: int | None,
    rule: EarnRule,
    has_bonus: bool,
    by_points: int,
) -> Quote:
    """What a basket would earn by the rules of the day, `by_points` of its money being points."""
    money: dict[int, int] = {}
    for line in lines:
        money[line.sku_id] = money.get(line.sku_id, 0) + line.amount
    paid = sum(money.values()) - by_points
    base = rule.worth(max(paid, 0))
    if person_id is None:
        return Quote(0)
    if not has_bonus:
        return Quote(base)
    bonuses = sql.fetch_as(Bonus, Q.bonuses, ids=[])
    kin = people.kin_of([person_id])
    asked = Earning(0, person_id, None, at.day, paid, 0, at.org_unit_id)
    (occasion,) = _occasions([asked], bonuses, kin, [], lambda _, __: at.rank).values()
    allowance = _allowance([asked], bonuses, kin)
    fitting = [b for b in bonuses if rules.fits(b, occasion)]
    caps = {b.id: allowance.left(b, min(kin[person_id]), at.day) for b in fitting}
    mine = rules.rates([b for b in fitting if caps[b.id] != 0], money, _goods(bonuses, set(money)), caps)
    names = {b.id: b.name for b in bonuses}
    given = rules.worth(mine, money, paid, rule)
    return Quote(base, tuple((names[b], points) for b, points in given.items() if points))


def set_bonus(bonus: Bonus, *, actor: Actor) -> int:
    """Put a bonus rule in force; a live one of the same code ends. Returns its id."""
    if not bonus.name.strip():
        raise Refused("请给积分规则起一个名字，收银员和顾客会看到它。")
    if (bonus.percent > 100) == (bonus.extra > 0):
        raise Refused("一条规则要么是几倍积分，要么是加送积分，请只填一项。")
    if bonus.from_day > bonus.until_day:
        raise Refused("开始日期在结束日期之后，请改一下日期。")
    sql.run(Q.end_bonus, code=bonus.code)
    values = {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(bonus).items()}
    row = sql.fetch_one(
        Q.add_bonus, **{k: v for k, v in values.items() if k not in {"id", "version"}}, actor=str(actor)
    )
    record(
        actor, "earn_bonus.set", "earn_bonus", row.id, code=bonus.code, version=row.version, name=bonus.name
    )
    return int(row.id)


def end_bonus(code: str, *, actor: Actor) -> None:
    """Sales from now on no longer earn by it; orders that did keep it."""
    row = sql.fetch_one(Q.end_bonus, code=code)
    if row is None:
        raise Refused("这条积分规则已经停用了。")
    record(actor, "earn_bonus.ended", "earn_bonus", row.id, code=code)


def bonuses() -> list[Bonus]:
    """The bonus rules in force."""
    return sql.fetch_as(Bonus, Q.bonuses, ids=[])


def set_rule(rule: EarnRule, *, actor: Actor) -> int:
    """Another version of the base rule, from a day to come: sales of days before keep theirs. Returns its version."""
    if rule.from_day <= clock.today():
        raise Refused("新规则最早从明天开始生效：今天的订单已经按现在的规则算了积分。")
    values = {k: v for k, v in asdict(rule).items() if k != "version"}
    version = int(sql.fetch_one(Q.add_rule, **values).version)
    record(actor, "earn_rule.set", "earn_rule", version, **values)
    return version
