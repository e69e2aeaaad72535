"""Random histories and random rules, from a seed."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from huoshui.insight.questions.rfm import SEGMENT_NAMES
from huoshui.insight.rules import types as t
from huoshui.insight.rules.tests.oracle import ZONE
from huoshui.insight.tests.worlds import PRODUCTS, UNITS

TODAY = date(2026, 3, 2)
SPAN = 100
DAYS, SKIPS = (1, 3, 7, 30, 60), (0, 0, 0, 1, 5, 30)
EDGES = tuple(days + skip + off for days in DAYS for skip in (0, 1) for off in (-1, 0))
NAMES = ("Product Viewed", "Coupon Used")
CITIES = ("上海", "杭州")
SEGMENTS = ("甲", "乙")
TRAITS: dict[str, tuple[str, ...]] = {
    "product": ("A1", "B1", "肉脯"),
    "category": ("坚果果干", "肉脯"),
    "category_1": ("零食", "滋补"),
    "category_2": ("肉脯", "坚果果干"),
    "category_3": ("没有",),
    "department": ("零食",),
    "brand": ("粟屿",),
    "store": ("S1", "二店"),
    "region": ("华东",),
    "dealer": ("甲", "乙"),
    "channel": ("pos", "小程序"),
}
OPS: tuple[t.Op, ...] = ("<", "<=", "=", "!=", ">=", ">")
WORDS = ("attr.city", "tier", "attr.birthday", "attr.nothing")


def history(draw: random.Random, people: int = 10) -> dict[str, list[dict[str, Any]]]:
    """Orders revised, emptied, refunded or of nobody, facts of the days before and a few to come, merged people."""
    rows: dict[str, list[dict[str, Any]]] = {
        "facts": [], "order_lines": [], "properties": [], "state_now": [],
        "products": [dict(each) for each in PRODUCTS], "org_units": [dict(each) for each in UNITS],
    }  # fmt: skip
    for unit in rows["org_units"]:
        for key in ("region", "dealer", "store"):
            unit.setdefault(key, None)
    for fact_id in range(1, draw.randrange(30, 90)):
        _happens(draw, rows, fact_id, people)
    for person in range(1, people + 1):
        _is_told(draw, rows, person)
    for merged in draw.sample(range(2, people + 1), draw.randrange(0, 4)):
        rows["state_now"].append(_word(merged, "cluster", None, 1.0))
    return rows


def _happens(draw: random.Random, rows: dict[str, list[dict[str, Any]]], fact_id: int, people: int) -> None:
    day = TODAY - timedelta(
        days=draw.choice([draw.randrange(-4, 12), draw.randrange(0, SPAN), draw.choice(EDGES)])
    )
    at = datetime(day.year, day.month, day.day, draw.randrange(24), draw.choice([0, 30]), tzinfo=ZONE)
    head = {
        "fact_id": fact_id, "order_id": fact_id, "org_unit_id": draw.choice([1, 2, 2, 3]), "source_id": 1,
        "person_id": draw.choice([None, *range(1, people + 1), 1, 2, 3]), "occurred_at": at.astimezone(UTC),
        "business_day": day, "seq": fact_id,
    }  # fmt: skip
    if draw.random() < 0.5:
        rows["order_lines"] += _order(draw, head)
        rows["facts"].append({**head, "name": "Order Completed", "amount": draw.randrange(100, 50_000)})
        return
    name = draw.choice(NAMES)
    rows["facts"].append(
        {**head, "order_id": None, "name": name, "amount": draw.choice([None, 0, 1000, 2500])}
    )
    if draw.random() < 0.6:
        said = {"property": "face", "value": draw.choice(["红", "绿"]), "number": None, "name": name}
        keys = ("fact_id", "person_id", "source_id", "occurred_at", "seq")
        rows["properties"].append(said | {key: head[key] for key in keys})


def _order(draw: random.Random, head: dict[str, Any]) -> list[dict[str, Any]]:
    head = head | {"channel": draw.choice(["", "pos", "小程序"]), "kind": "sale", "is_reversal": False}
    lines = [head | _line(draw, number) for number in range(1, draw.randrange(2, 4))]
    fate = draw.choice(["stands", "stands", "stands", "revised", "emptied", "refunded"])
    if fate == "stands":
        return lines
    later = head["fact_id"] + 1000
    if fate == "refunded":
        days = draw.randrange(0, 9)
        moved = {"business_day": head["business_day"] + timedelta(days), "kind": "refund", "fact_id": later}
        moved["occurred_at"] = head["occurred_at"] + timedelta(days)
        return [*lines, _taken_back(lines[0]) | moved]
    undone = [_taken_back(line) | {"is_reversal": True, "fact_id": later} for line in lines]
    if fate == "emptied":
        return [*lines, *undone]
    return [*lines, *undone, *(head | _line(draw, line["line_no"]) | {"fact_id": later} for line in lines)]


def _line(draw: random.Random, number: int) -> dict[str, Any]:
    amount, quantity, flags = draw.choice(
        [(draw.randrange(1, 30_000), draw.choice([1.0, 2.0, 0.1, 0.3]), 0)] * 4 + [(0, None, 6), (0, 1.0, 4)]
    )
    return {
        "line_no": number, "sku_id": draw.choice([1, 2, 3, 4, None]), "amount": amount, "quantity": quantity,
        "flags": flags, "discount": draw.choice([0, 0, 250]), "coupon_discount": 0,
    }  # fmt: skip


def _taken_back(line: dict[str, Any]) -> dict[str, Any]:
    back = {key: -line[key] for key in ("amount", "discount")}
    return line | back | {"quantity": line["quantity"] and -line["quantity"]}


def _is_told(draw: random.Random, rows: dict[str, list[dict[str, Any]]], person: int) -> None:
    born = f"{draw.randrange(1950, 2020)}-{draw.randrange(1, 13):02}-{draw.randrange(1, 32):02}"
    said = [
        _word(person, "attr.city", draw.choice([*CITIES, ""]), None),
        _word(person, "attr.household_size", draw.choice(["3", "2.5", "三口", "1e3"]), None),
        _word(person, "attr.birthday", draw.choice([born, "1988-02-29", "1990-03-04", "不详"]), None),
        _word(person, "tier", draw.choice(["金卡", "银卡"]), float(draw.randrange(1, 4))),
    ]
    for name, middle in (("latitude", 31.2), ("longitude", 121.4)):
        place = draw.choice([f"{middle + draw.uniform(-0.1, 0.1):.5f}", f"{middle}", "不详", "-200.5"])
        said.append(_word(person, f"attr.{name}", place, None))
    said.append(_word(person, "balance.points", None, float(draw.randrange(0, 4) * 100)))
    for word in said:
        if draw.random() < 0.7:
            word["at"] += timedelta(days=draw.randrange(0, 3))
            rows["state_now"].append(word | {"seq": draw.randrange(1, 3) * 100 + person})
    for key in ("tag.甲", "tag.甲乙", "tag.丙.红", "tag.丙.绿"):
        if draw.random() < 0.5:
            worn = _word(person, key, draw.choice(["红", "绿", None]), None)
            since = TODAY - timedelta(days=draw.choice([-2, 0, 1, *DAYS]))
            rows["state_now"].append(worn | {"at": datetime.combine(since, time(1, 30), tzinfo=UTC)})


def _word(person: int, key: str, value: str | None, number: float | None) -> dict[str, Any]:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return {
        "person_id": person,
        "key": key,
        "value": value,
        "number": number,
        "at": at,
        "seq": person,
        "source_id": 1,
    }


def rule(draw: random.Random, depth: int = 2) -> t.Rule:
    if depth and draw.random() < 0.45:
        if draw.random() < 0.3:
            return t.Not(rule(draw, depth - 1))
        parts = tuple(rule(draw, depth - 1) for _ in range(draw.randrange(1, 4)))
        return t.All(parts) if draw.random() < 0.5 else t.Any(parts)
    return draw.choice([_compare, _compare, _compare, _text, _lasting, _lasting, _other])(draw)


def _compare(draw: random.Random) -> t.Rule:
    left = value(draw)
    right: t.Value = _near(draw, left)
    if draw.random() < 0.25:
        right = value(draw)
        if draw.random() < 0.2:
            right = t.Percent(draw.choice([30, 50, 150, 1000]), right)
    pair = (right, left) if not isinstance(right, int) and draw.random() < 0.5 else (left, right)
    return t.Compare(pair[0], draw.choice(OPS), pair[1])


def _near(draw: random.Random, node: t.Value) -> int:
    if isinstance(node, t.Distance):
        return draw.randrange(0, 15_000)
    if isinstance(node, t.Balance):
        return draw.choice([0, 100, 250, 400])
    if isinstance(node, t.Total | t.Average):
        return draw.choice([0, 1000, 2500, 5000, 20_000, -1])
    return draw.choice([0, 1, 1, 2, 3]) if not isinstance(node, t.DaysSince) else draw.randrange(0, 60)


def value(draw: random.Random) -> t.Plain:
    kinds = [t.Count] * 3 + [t.Total, t.Average, t.Distinct, t.DaysSince] * 2
    kind: Any = draw.choice([*kinds, t.Number, t.Number, t.Balance, t.Score, t.Reached, t.Distance])
    if kind is t.Balance:
        return t.Balance(draw.choice(["points", "points", "points@甲"]))
    if kind is t.Score:
        return t.Score(draw.choice(["recency", "frequency", "monetary"]))
    if kind is t.Reached:
        return t.Reached(*_steps(draw))
    if kind is t.Distance:
        return t.Distance(31_200_000, 121_400_000 + draw.randrange(-50_000, 50_000))
    if kind is t.Number:
        return t.Number(draw.choice(["tier", "attr.household_size", "attr.nothing"]))
    of = facts(draw)
    if kind is t.DaysSince:
        return t.DaysSince(draw.choice(["first", "last"]), of)
    if kind is t.Distinct:
        return t.Distinct(of, draw.choice(["day", _trait(draw, of.name)]))
    if kind is t.Count:
        return t.Count(of)
    return t.Total(of, _figure(draw, of.name)) if kind is t.Total else t.Average(of, _figure(draw, of.name))


def _text(draw: random.Random) -> t.Rule:
    what: t.Text = t.Known(draw.choice(WORDS))
    if draw.random() < 0.2:
        what = t.Graded(draw.choice(["grade", "rfm"]))
    elif draw.random() < 0.6:
        of = facts(draw)
        what = t.Which(draw.choice(["first", "last", "most"]), _trait(draw, of.name), of)
    if draw.random() < 0.3:
        return t.IsKnown(what)
    choices = TRAITS[what.trait] if isinstance(what, t.Which) else ("上海", "金卡")
    if isinstance(what, t.Graded):
        choices = ("high", "mid", "growing") if what.by == "grade" else tuple(SEGMENT_NAMES)
    return t.In(what, tuple(draw.sample(choices, draw.randrange(1, len(choices) + 1))))


def _lasting(draw: random.Random) -> t.Rule:
    kind = draw.choice(["absent", "absent", "after", "first_time", "every", "anniversary", "years_since"])
    if kind == "absent":
        return t.Absent(facts(draw))
    if kind == "after":
        return t.After(facts(draw), draw.randrange(0, 20), facts(draw))
    if kind == "first_time":
        return t.FirstTime(facts(draw, window=_window(draw)))
    if kind == "years_since":
        return t.YearsSince(facts(draw, window=None), draw.choice([0, 2, 40, 300, 364]))
    if kind == "every":
        return t.Every(draw.choice(["week", "month"]), draw.randrange(1, 4), facts(draw, window=None))
    return t.Anniversary("attr.birthday", draw.choice([0, 2, 7, 40, 364]))


def _other(draw: random.Random) -> t.Rule:
    kind = draw.choice(["top", "top", "member", "tagged", "sample", "sequence", "sequence"])
    if kind == "top":
        within = draw.choice([None, t.Known("attr.city"), t.Which("most", "store", facts(draw))])
        return t.Top(draw.choice([10, 20, 50, 80]), value(draw), within, draw.random() < 0.3)
    if kind == "member":
        return t.Member(draw.choice(SEGMENTS))
    if kind == "tagged":
        values = draw.choice([(), ("红",), ("红", "绿")])
        return t.Tagged(draw.choice(["甲", "丙", "丁"]), values, draw.choice([None, _window(draw)]))
    if kind == "sample":
        first = draw.randrange(0, 99)
        return t.Sample(draw.choice("ab"), first, draw.randrange(first + 1, 101))
    return t.Sequence(*_steps(draw))


def _steps(draw: random.Random) -> tuple[tuple[t.Facts, ...], int, t.Facts | None]:
    steps = tuple(facts(draw) for _ in range(draw.randrange(2, 4)))
    return steps, draw.choice([3, 20, 60]), draw.choice([None, facts(draw)])


_ANY = object()


def facts(draw: random.Random, window: Any = _ANY) -> t.Facts:
    name = draw.choice([t.BUY, t.BUY, *NAMES, "Order Completed"])
    where = tuple(_filter(draw, name) for _ in range(draw.choice([0, 0, 0, 1, 2])))
    return t.Facts(
        name,
        where,
        draw.choice([None, *[_window(draw)] * 6, t.Since(draw.choice("甲丙"))]) if window is _ANY else window,
    )


def _filter(draw: random.Random, name: str) -> t.Filter:
    kind = draw.choice(["has", "has", "worth", "property", "then"])
    if kind == "then":
        first = draw.randrange(24)
        until = draw.choice([hour for hour in range(1, 25) if hour != first])
        if draw.random() < 0.5:
            return t.Hours(first, until)
        return t.Weekdays(tuple(draw.sample(range(1, 8), 3)))
    if kind == "property" and name != t.BUY:
        return t.Property("face", ("红",))
    if kind == "worth":
        return t.Worth(_figure(draw, name), draw.choice(OPS), draw.choice([0, 1000, 2500]))
    trait = _trait(draw, name)
    some = tuple(draw.sample(TRAITS[trait], draw.randrange(1, len(TRAITS[trait]) + 1)))
    return t.Has(trait, some, draw.random() < 0.3)


def _figure(draw: random.Random, name: str) -> t.Figure:
    figures: tuple[t.Figure, ...] = ("amount", "units", "discount")
    return draw.choice(figures) if name == t.BUY else "amount"


def _trait(draw: random.Random, name: str) -> Any:
    return draw.choice(tuple(TRAITS) if name == t.BUY else ("store", "region", "dealer"))


def _window(draw: random.Random) -> t.Window:
    if draw.random() < 0.6:
        return t.Last(draw.choice(DAYS), draw.choice(SKIPS))
    first = TODAY - timedelta(days=draw.randrange(0, SPAN))
    last = first + timedelta(days=draw.randrange(0, 60))
    return draw.choice([t.Between(first, last), t.Between(first, None), t.Between(None, last)])


KINDS = {each.__name__ for each in vars(t).values() if isinstance(each, type) and hasattr(each, "KIND")}
"""Every kind of node there is: a run that is to mean anything meets them all."""
