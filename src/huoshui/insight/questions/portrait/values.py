"""What is known of each person as (person_id, attribute, value): what was said, and habits when buying."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _
from ibis import selectors as s

from huoshui.insight.buyers import SATURDAY, fifth, person_orders
from huoshui.insight.days import trailing_year
from huoshui.insight.dimensions import with_keys
from huoshui.insight.lake import Lake
from huoshui.insight.lines import canonical, lines, orders
from huoshui.people.api import ATTRIBUTE_LABELS

STATED = "attr."
# More different values than this is a name, a date or a number: nothing a group could have in common.
MOST_VALUES = 40
NOT_TRAITS = ("attr.name", "attr.birthday", "attr.joined_at", "attr.address")

HABITS: Mapping[str, tuple[str, str]] = {
    "home_store": ("常去门店", "Main store"),
    "favourite": ("最常买", "Buys most"),
    "buys": ("买过", "Bought"),
    "spending": ("消费力", "Spending"),
    "weekend": ("周末来", "Comes at weekends"),
    "coupon": ("用券", "Uses coupons"),
    "discount": ("买优惠商品", "Buys what is reduced"),
    "stores": ("去过几家店", "Stores visited"),
    "age": ("年龄", "Age"),
    "prefers": ("偏爱", "Prefers"),
    "channel": ("常用渠道", "Main channel"),
    "daytime": ("常来的时段", "Usual time of day"),
    "weekday": ("常来的日子", "Usual day"),
}
# Each person may have several values of these; of the others one at most
SEVERAL = frozenset({"buys", "prefers"})
VALUES: Mapping[str, tuple[str, str]] = {
    "spending:1": ("最低的五分之一", "Lowest fifth"),
    "spending:2": ("较低", "Lower fifth"),
    "spending:3": ("中等", "Middle fifth"),
    "spending:4": ("较高", "Higher fifth"),
    "spending:5": ("最高的五分之一", "Highest fifth"),
    "mostly": ("一半以上的单", "Most orders"),
    "sometimes": ("有时", "Sometimes"),
    "never": ("从不", "Never"),
    "one": ("一家", "One"),
    "two": ("两家", "Two"),
    "many": ("三家以上", "Three or more"),
    "daytime:morning": ("早上（5–11 点）", "Morning (5–11)"),
    "daytime:midday": ("中午（11–14 点）", "Midday (11–14)"),
    "daytime:afternoon": ("下午（14–18 点）", "Afternoon (14–18)"),
    "daytime:evening": ("晚上（18–22 点）", "Evening (18–22)"),
    "daytime:night": ("深夜（22–5 点）", "Night (22–5)"),
    "weekday:0": ("周一", "Monday"),
    "weekday:1": ("周二", "Tuesday"),
    "weekday:2": ("周三", "Wednesday"),
    "weekday:3": ("周四", "Thursday"),
    "weekday:4": ("周五", "Friday"),
    "weekday:5": ("周六", "Saturday"),
    "weekday:6": ("周日", "Sunday"),
}
# Somebody prefers what takes at least so many times the part of her spending that it takes of everyone's.
PREFERS = 2


def known(lake: Lake, as_of: date) -> ir.Table:
    """Each person has a value at most once; of `buys` several."""
    places, goods = _places(lake, as_of), _goods(lake, as_of)
    parts = (
        _stated(lake),
        _age(lake, as_of),
        _habits(places),
        _discount(goods),
        _home_store(lake, places),
        _named(goods, "buys", goods.department),
        _favourite(goods),
        _prefers(goods),
        *_usual(lake, as_of),
    )
    return ibis.union(*parts)


def label(attribute: str, lang: str) -> str:
    name = attribute.removeprefix(STATED)
    if name in HABITS and name == attribute:
        return HABITS[name][lang == "en"]
    return name.replace("_", " ") if lang == "en" else ATTRIBUTE_LABELS.get(name, name)


def value_name(attribute: str, value: str, lang: str) -> str:
    words = VALUES.get(f"{attribute}:{value}") or VALUES.get(value)
    return words[lang == "en"] if words and not attribute.startswith(STATED) else value


def _stated(lake: Lake) -> ir.Table:
    said = latest(lake, lake.state_now.key.startswith(STATED) & lake.state_now.key.notin(NOT_TRAITS))
    kinds = said.aggregate(by="attribute", different=_.value.nunique())
    few = kinds.filter(_.different <= MOST_VALUES).select("attribute")
    return said.semi_join(few, "attribute")


def latest(lake: Lake, wanted: ir.BooleanValue) -> ir.Table:
    """(person_id, attribute, value): the latest word of these keys, whichever of a person's ids it was said of."""
    words = canonical(lake.state_now.filter(wanted & (lake.state_now.value.coalesce("") != "")), lake)
    newest = ibis.row_number().over(
        group_by=["person_id", "key"], order_by=[ibis.desc("at"), ibis.desc("seq"), "source_id"]
    )
    return words.mutate(place=newest).filter(_.place == 0).select("person_id", attribute=_.key, value=_.value)


def _age(lake: Lake, as_of: date) -> ir.Table:
    """Ten-year bands from birthdays; a year that cannot be is nobody's age."""
    born = latest(lake, lake.state_now.key == "attr.birthday")
    age = as_of.year - born.value.substr(0, 4).try_cast("int64")
    band = (age // 10 * 10).cast("int64")
    aged = born.filter((age >= 0) & (age < 110)).mutate(band=band)
    text = _.band.cast("string") + "–" + (_.band + 9).cast("string")
    return aged.select("person_id", attribute=ibis.literal("age"), value=text)


def _places(lake: Lake, as_of: date) -> ir.Table:
    """One row per buyer and place, with the orders made there."""
    made = person_orders(lake, *trailing_year(as_of))
    is_weekend = _.business_day.day_of_week.index() >= SATURDAY
    return made.aggregate(
        by=["person_id", "org_unit_id"],
        orders=_.counts.sum(),
        weekend_orders=(_.counts & is_weekend).sum(),
        coupon_orders=(_.counts & (_.coupon_discount != 0)).sum(),
        amount=_.amount.sum().cast("int64"),
    )


def _goods(lake: Lake, as_of: date) -> ir.Table:
    """One row per buyer and department of which something was kept."""
    bought = with_keys(lines(lake, *trailing_year(as_of)), lake, ["department"])
    spent = bought.filter(_.person_id.notnull() & _.department.notnull()).aggregate(
        by=["person_id", "department"],
        amount=_.amount.sum().cast("int64"),
        discounted=ibis.ifelse(_.discount != 0, _.amount, 0).sum().cast("int64"),
    )
    return spent.filter(_.amount > 0)


def _habits(places: ir.Table) -> ir.Table:
    sums = places.aggregate(
        by="person_id",
        stores=(_.orders > 0).sum(),
        **{name: places[name].sum() for name in ("orders", "weekend_orders", "coupon_orders", "amount")},
    )
    people = sums.filter(_.orders > 0)
    habits = people.select(
        "person_id",
        spending=fifth(people, people.amount).cast("string"),
        weekend=_how_often(people.weekend_orders, people.orders),
        coupon=_how_often(people.coupon_orders, people.orders),
        stores=ibis.cases((people.stores == 1, "one"), (people.stores == 2, "two"), else_="many"),
    )
    return habits.pivot_longer(~s.cols("person_id"), names_to="attribute", values_to="value")


def _discount(goods: ir.Table) -> ir.Table:
    spent = goods.aggregate(by="person_id", amount=_.amount.sum(), discounted=_.discounted.sum())
    return _named(spent, "discount", _how_often(spent.discounted, spent.amount))


def _home_store(lake: Lake, places: ir.Table) -> ir.Table:
    main = _first(places.filter(_.orders > 0).mutate(amount=_.orders), ["org_unit_id"])
    stores = main.inner_join(lake.org_units.select("org_unit_id", "code"), "org_unit_id")
    return _named(stores, "home_store", stores.code)


def _favourite(goods: ir.Table) -> ir.Table:
    most = _first(goods, ["department"])
    return _named(most, "favourite", most.department)


def _prefers(goods: ir.Table) -> ir.Table:
    hers, all_of_it = goods.amount.sum().over(group_by="person_id"), goods.amount.sum().over(ibis.window())
    theirs = goods.amount.sum().over(group_by="department")
    shares = goods.mutate(share=goods.amount / hers, usual=theirs / all_of_it)
    more = shares.filter(_.share >= PREFERS * _.usual)
    return _named(more, "prefers", more.department)


def _usual(lake: Lake, as_of: date) -> list[ir.Table]:
    """The channel, part of the day and day of the week that most of a person's orders were made in."""
    made = with_times(lines(lake, *trailing_year(as_of)))
    counted = orders(made, by=["business_day", "channel", "daytime"]).filter(_.person_id.notnull() & _.counts)
    slots = counted.mutate(weekday=counted.business_day.day_of_week.index().cast("string")).aggregate(
        by=["person_id", "channel", "daytime", "weekday"], amount=_.counts.sum()
    )
    found = []
    for name in ("channel", "daytime", "weekday"):
        there = slots.filter(slots[name].coalesce("") != "")
        most = _first(there.aggregate(by=["person_id", name], amount=_.amount.sum()), [name])
        found.append(_named(most, name, most[name]))
    return found


def with_times(table: ir.Table) -> ir.Table:
    """`daytime` of each line, by the clock of the brand: engines run in its zone."""
    hour = table.occurred_at.hour()
    part = ibis.cases(
        (hour < 5, "night"),
        (hour < 11, "morning"),
        (hour < 14, "midday"),
        (hour < 18, "afternoon"),
        (hour < 22, "evening"),
        else_="night",
    )
    return table.mutate(daytime=part)


def _first(table: ir.Table, ties: Sequence[str]) -> ir.Table:
    """Each person's row with the largest amount."""
    place = ibis.row_number().over(group_by="person_id", order_by=[ibis.desc("amount"), *ties])
    return table.mutate(place=place).filter(_.place == 0).drop("place")


def _named(table: ir.Table, attribute: str, value: ir.Value) -> ir.Table:
    return table.select("person_id", attribute=ibis.literal(attribute), value=value)


def _how_often(part: ir.NumericValue, whole: ir.NumericValue) -> ir.StringValue:
    often: ir.StringValue = ibis.cases((part * 2 >= whole, "mostly"), (part > 0, "sometimes"), else_="never")
    return often
