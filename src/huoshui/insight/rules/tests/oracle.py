"""Rules judged a second time, in plain Python: loops over the rows of the lake, person by person.

Written from what `types` says a node means. It shares the classes of the tree with the product, and nothing else.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from huoshui.insight.rules import types as t

Row = Mapping[str, Any]
ZONE = ZoneInfo("Asia/Shanghai")


@dataclass
class Event:
    """A purchase or a fact."""

    key: int
    day: date
    at: datetime
    counts: bool
    amount: int | None
    units: int = 0
    discount: int = 0
    trait: Any = None


@dataclass
class World:
    rows: Mapping[str, Sequence[Row]]
    segments: Mapping[str, Sequence[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.same = {
            r["person_id"]: int(r["number"]) for r in self.rows["state_now"] if r["key"] == "cluster"
        }
        self.product = {r["sku_id"]: r for r in self.rows["products"]}
        self.unit = {r["org_unit_id"]: r for r in self.rows["org_units"]}
        self.has_second = any(r["category_2"] for r in self.rows["products"])
        self.of_person: dict[str, dict[int, list[Row]]] = {}
        for name in ("facts", "order_lines", "state_now"):
            found: dict[int, list[Row]] = defaultdict(list)
            for row in self.rows[name]:
                if row["person_id"] is not None:
                    found[self.who(row["person_id"])].append(row)
            self.of_person[name] = found
        self.said = defaultdict(set)
        for row in self.rows["properties"]:
            self.said[row["fact_id"], row["property"]].add(row["value"])

    def who(self, person_id: int) -> int:
        return self.same.get(person_id, person_id)

    def people(self) -> list[int]:
        named = {r["person_id"] for n in ("facts", "state_now") for r in self.rows[n]} - {None}
        return sorted({self.who(p) for p in named})

    def trait(self, row: Row, name: str) -> str | None:
        """What a line or fact is told by; None when it is not told."""
        if name == "channel":
            return row["channel"] or None
        if name in ("store", "region", "dealer"):
            unit = self.unit.get(row["org_unit_id"])
            return (unit["code" if name == "store" else name] or None) if unit else None
        product = self.product.get(row["sku_id"])
        if product is None:
            return None
        if name == "category":
            name = "category_2" if self.has_second else "category_1"
        return product["code" if name == "product" else name] or None

    def passes(self, row: Row, wanted: t.Has) -> bool:
        hit = self.trait(row, wanted.trait) in wanted.values
        home = {"store": self.unit.get(row["org_unit_id"]), "product": self.product.get(row.get("sku_id"))}
        called = home.get(wanted.trait)
        hit = hit or (called is not None and called["name"] in wanted.values)
        return hit != wanted.negated


def members(rule: t.Rule, world: World, today: date) -> set[int]:
    judge = Judge(world, today)
    return {person for person in world.people() if judge.holds(rule, person)}


@dataclass
class Judge:
    world: World
    today: date
    year_of: date | None = None
    buyers: dict[int, dict[str, Any]] = field(default_factory=dict)

    # Events

    def events(self, person: int, facts: t.Facts, trait: str | None = None) -> list[Event]:
        """Of all time, in the order they happened."""
        made = (
            self.purchases(person, facts, trait) if facts.name == "buy" else self.named(person, facts, trait)
        )
        return sorted(made, key=lambda e: (e.at, e.key, e.trait or ""))

    def inside(self, person: int, facts: t.Facts, trait: str | None = None) -> list[Event]:
        found = [e for e in self.events(person, facts, trait) if self.within(e.day, facts.window)]
        if not isinstance(facts.window, t.Since):
            return found
        given = [row["at"].astimezone(ZONE).date() for row in self.worn(person, facts.window.tag)]
        return [e for e in found if given and e.day >= min(given)]

    def within(self, day: date, window: t.Window | None) -> bool:
        if day > self.today:
            return False
        if isinstance(window, t.Last):
            age = (self.today - day).days
            return window.skip <= age < window.skip + window.days
        if isinstance(window, t.Between):
            return (window.first or day) <= day <= (window.last or day)
        return True

    def purchases(self, person: int, facts: t.Facts, trait: str | None) -> Iterator[Event]:
        bought: dict[Any, list[Row]] = defaultdict(list)
        for line in self.world.of_person["order_lines"].get(person, ()):
            if all(self.chosen(line, f) for f in facts.where):
                told = self.world.trait(line, trait) if trait else None
                if trait is None or told is not None:
                    bought[line["order_id"], line["business_day"], told].append(line)
        for (order, day, told), lines in bought.items():
            sales = [line for line in lines if line["kind"] == "sale"]
            left = (
                sum(line["amount"] for line in sales) != 0
                or sum(round((line["quantity"] or 0) * 1000) for line in sales) != 0
                or sum(-1 if line["is_reversal"] else 1 for line in sales if line["flags"] & 6) != 0
            )
            event = Event(
                key=order,
                day=day,
                at=min(line["occurred_at"] for line in lines),
                counts=left,
                amount=sum(line["amount"] for line in lines),
                units=sum(round((line["quantity"] or 0) * 1000) for line in lines),
                discount=sum(line["discount"] for line in lines),
                trait=told,
            )
            if all(
                _compares(getattr(event, f.figure), f.op, f.number)
                for f in facts.where
                if isinstance(f, t.Worth)
            ):
                yield event

    def named(self, person: int, facts: t.Facts, trait: str | None) -> Iterator[Event]:
        for row in self.world.of_person["facts"].get(person, ()):
            if row["name"] == facts.name and all(self.fits(row, each) for each in facts.where):
                told = self.world.trait(row, trait) if trait else None
                if trait is None or told is not None:
                    yield Event(
                        row["fact_id"],
                        row["business_day"],
                        row["occurred_at"],
                        True,
                        row["amount"],
                        trait=told,
                    )

    def chosen(self, row: Row, wanted: t.Filter) -> bool:
        """What a line or a fact is by itself."""
        if isinstance(wanted, t.Has):
            return self.world.passes(row, wanted)
        if isinstance(wanted, t.Hours):
            hours, last = {wanted.first}, wanted.first
            while (last + 1) % 24 != wanted.until % 24:
                last = (last + 1) % 24
                hours.add(last)
            return row["occurred_at"].astimezone(ZONE).hour in hours
        return not isinstance(wanted, t.Weekdays) or row["business_day"].isoweekday() in wanted.days

    def fits(self, row: Row, wanted: t.Filter) -> bool:
        if isinstance(wanted, t.Has | t.Hours | t.Weekdays):
            return self.chosen(row, wanted)
        if isinstance(wanted, t.Worth):
            return _compares(row["amount"], wanted.op, wanted.number)
        return bool(self.world.said[row["fact_id"], wanted.name] & set(wanted.values))

    # Values

    def number(self, node: Any, person: int) -> float | None:
        if isinstance(node, int):
            return node
        if isinstance(node, t.Number):
            told = [_as_number(row) for row in self.said(person, node.key) if _as_number(row) is not None]
            return told[-1] if told else None
        if isinstance(node, t.Percent):
            whole = self.number(node.of, person)
            return None if whole is None else whole * node.percent / 100
        if isinstance(node, t.Balance | t.Score | t.Reached | t.Distance):
            measure: Callable[[Any, int], float | None] = getattr(self, f"_{node.KIND}")
            return measure(node, person)
        if isinstance(node, t.Distinct):
            if node.trait == "day":
                return len({e.day for e in self.inside(person, node.of) if e.counts})
            return len({e.trait for e in self.inside(person, node.of, node.trait) if e.counts})
        found = self.inside(person, node.of)
        counted = [e for e in found if e.counts]
        if isinstance(node, t.Count):
            return len(counted)
        if isinstance(node, t.DaysSince):
            days = [(self.today - e.day).days for e in counted]
            return None if not days else max(days) if node.which == "first" else min(days)
        total = sum(getattr(e, node.figure) or 0 for e in found)
        if isinstance(node, t.Total):
            return total
        assert isinstance(node, t.Average)
        return total / len(counted) if counted else None

    def said(self, person: int, key: str) -> list[Row]:
        """What was said on a key, the latest last."""
        rows = [r for r in self.world.of_person["state_now"].get(person, ()) if r["key"] == key]
        return sorted(rows, key=lambda r: (r["at"], r["seq"], -r["source_id"]))

    def text(self, node: t.Text, person: int) -> str | None:
        if isinstance(node, t.Known):
            told = [row["value"] for row in self.said(person, node.key) if row["value"]]
            return told[-1] if told else None
        if isinstance(node, t.Graded):
            return self.grade(person) if node.by == "grade" else self.kind(person)
        found = [e for e in self.inside(person, node.of, node.trait) if e.counts]
        if not found:
            return None
        if node.order == "most":
            many = Counter(e.trait for e in found)
            return str(min(many, key=lambda value: (-many[value], value)))
        if node.order == "first":
            return str(found[0].trait)
        latest = max(e.at for e in found)
        of_then = [e for e in found if e.at == latest]
        return str(min(of_then, key=lambda e: (e.key, e.trait)).trait)

    # What others know

    def _balance(self, node: t.Balance, person: int) -> float:
        rows = self.world.of_person["state_now"].get(person, ())
        return sum(r["number"] or 0 for r in rows if r["key"] == f"balance.{node.unit}")

    def year(self) -> tuple[date, date]:
        """The twelve months up to today: from the day after the same day of last year."""
        last = (
            self.today.replace(year=self.today.year - 1)
            if (self.today.month, self.today.day) != (2, 29)
            else (self.today.replace(year=self.today.year - 1, day=28))
        )
        return last + timedelta(1), self.today

    def bought(self) -> dict[int, dict[str, Any]]:
        """Of everyone with an order in twelve months: its last day, how many, how much."""
        if self.year_of != self.today:
            first, last = self.year()
            self.year_of, self.buyers = self.today, {}
            everything = t.Facts("buy", window=t.Between(first, last))
            for person in self.world.people():
                found = self.inside(person, everything)
                if counted := [e for e in found if e.counts]:
                    self.buyers[person] = {
                        "recency": max(e.day for e in counted),
                        "frequency": len(counted),
                        "monetary": sum(e.amount or 0 for e in found),
                    }
        return self.buyers

    def _score(self, node: t.Score, person: int) -> int | None:
        mine, everyone = self.bought().get(person), self.bought().values()
        if mine is None:
            return None
        below = sum(bool(one[node.of] < mine[node.of]) for one in everyone)
        return 1 + 5 * below // len(everyone)

    def grade(self, person: int) -> str | None:
        """By Python's own order: who has fewer than a fifth of all above her is high, than a half mid."""
        mine, everyone = self.bought().get(person), self.bought().values()
        if mine is None:
            return None
        above = sum(one["monetary"] > mine["monetary"] for one in everyone) / len(everyone)
        if mine["monetary"] <= 0 or above >= 0.5 - 1e-12:
            return "growing"
        return "high" if above < 0.2 - 1e-12 else "mid"

    def kind(self, person: int) -> str | None:
        scores = [self._score(t.Score(of), person) for of in ("recency", "frequency", "monetary")]
        if None in scores:
            return None
        late, often, much = (score in (4, 5) for score in scores)
        head = "important" if much else "general"
        return f"{head}_{'value' if late and often else 'grow' if late else 'keep' if often else 'win_back'}"

    def _distance(self, node: t.Distance, person: int) -> float | None:
        """By the angle between two arrows from the middle of the earth."""
        place = [self.number(t.Number(f"attr.{name}"), person) for name in ("latitude", "longitude")]
        latitude, longitude = place
        if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
            return None
        one = _arrow(latitude, longitude)
        other = _arrow(node.latitude / 1e6, node.longitude / 1e6)
        across = math.sqrt(
            sum((one[i - 2] * other[i - 1] - one[i - 1] * other[i - 2]) ** 2 for i in range(3))
        )
        return round(6_371_008.8 * math.atan2(across, sum(a * b for a, b in zip(one, other, strict=True))))

    def _reached(self, node: t.Reached, person: int) -> int:
        """Every chain is tried; the longest counts."""
        steps, bad = self.steps(node, person)

        def beyond(place: int, last: Event) -> int:
            if place == len(steps):
                return place
            nexts = [e for e in steps[place] if self.follows(node.gap, bad, last, e)]
            return max((beyond(place + 1, e) for e in nexts), default=place)

        return max((beyond(1, first) for first in steps[0]), default=0)

    def steps(self, node: t.Reached | t.Sequence, person: int) -> tuple[list[list[Event]], list[datetime]]:
        steps = [[e for e in self.inside(person, step) if e.counts] for step in node.steps]
        return steps, [e.at for e in self.inside(person, node.without) if e.counts] if node.without else []

    def follows(self, gap: int, bad: list[datetime], last: Event, event: Event) -> bool:
        near = last.at < event.at and _days(last, event) <= gap
        return near and not any(last.at < b < event.at for b in bad)

    # Conditions

    def holds(self, node: Any, person: int) -> bool:
        judge: Callable[[Any, int], bool] = getattr(self, f"_{node.KIND}")
        return judge(node, person)

    def _all(self, node: t.All, person: int) -> bool:
        return all(self.holds(each, person) for each in node.of)

    def _any(self, node: t.Any, person: int) -> bool:
        return any(self.holds(each, person) for each in node.of)

    def _not(self, node: t.Not, person: int) -> bool:
        return not self.holds(node.of, person)

    def _compare(self, node: t.Compare, person: int) -> bool:
        right = self.number(node.right, person)
        return right is not None and _compares(self.number(node.left, person), node.op, right)

    def _in(self, node: t.In, person: int) -> bool:
        return self.text(node.what, person) in node.values

    def _is_known(self, node: t.IsKnown, person: int) -> bool:
        return self.text(node.what, person) is not None

    def _absent(self, node: t.Absent, person: int) -> bool:
        return not any(e.counts for e in self.inside(person, node.of))

    def _after(self, node: t.After, person: int) -> bool:
        return any(
            before.counts and then.counts and before.at < then.at and _days(before, then) <= node.days
            for before in self.inside(person, node.after)
            for then in self.inside(person, node.of)
        )

    def _first_time(self, node: t.FirstTime, person: int) -> bool:
        days = [e.day for e in self.events(person, node.of) if e.counts]
        return bool(days) and self.within(min(days), node.of.window)

    def _every(self, node: t.Every, person: int) -> bool:
        days = {e.day for e in self.events(person, node.of) if e.counts}
        end = (
            self.today.replace(day=1)
            if node.unit == "month"
            else self.today - timedelta(self.today.weekday())
        )
        for _ in range(node.times):
            begin = (end - timedelta(1)).replace(day=1) if node.unit == "month" else end - timedelta(7)
            if not any(begin <= day < end for day in days):
                return False
            end = begin
        return True

    def _anniversary(self, node: t.Anniversary, person: int) -> bool:
        told = self.text(t.Known(node.key), person) or ""
        if not re.match(r"\d{4}-\d{2}-\d{2}", told):
            return False
        return self.comes_round(int(told[5:7]), int(told[8:10]), node.days, date.min)

    def _years_since(self, node: t.YearsSince, person: int) -> bool:
        days = [e.day for e in self.events(person, node.of) if e.counts]
        first = min(days, default=None)
        return first is not None and self.comes_round(first.month, first.day, node.days, first)

    def comes_round(self, month: int, day: int, days: int, after: date) -> bool:
        for ahead in range(days + 1):
            when = self.today + timedelta(ahead)
            if when <= after:
                continue
            is_leap = (when.year % 4 == 0 and when.year % 100 != 0) or when.year % 400 == 0
            kept = 28 if (month, day) == (2, 29) and not is_leap else day
            if (when.month, when.day) == (month, kept):
                return True
        return False

    def _top(self, node: t.Top, person: int) -> bool:
        placed = {p: v for p in self.world.people() if (v := self.placed(node, p)) is not None}
        if person not in placed:
            return False
        group, own = placed[person]
        rivals = [value for its, value in placed.values() if its == group]
        ahead = [value for value in rivals if (value < own if node.lowest else value > own)]
        return len(ahead) / len(rivals) < node.percent / 100 - 1e-12

    def placed(self, node: t.Top, person: int) -> tuple[str | None, float] | None:
        value = self.number(node.of, person)
        told = self.world.of_person["state_now"].get(person, ())
        if isinstance(node.of, t.Balance) and not any(r["key"] == f"balance.{node.of.unit}" for r in told):
            return None
        if isinstance(node.of, t.Reached) and not value:
            return None
        if isinstance(node.of, t.Count | t.Total | t.Distinct) and not self.number(
            t.Count(node.of.of), person
        ):
            return None
        group = self.text(node.within, person) if node.within else ""
        return None if value is None or group is None else (group, value)

    def _member(self, node: t.Member, person: int) -> bool:
        return person in self.world.segments[node.segment]

    def _tagged(self, node: t.Tagged, person: int) -> bool:
        """One word or many, of whichever of her ids."""
        for row in self.worn(person, node.tag):
            since = row["at"].astimezone(ZONE).date()
            fits = not node.values or row["value"] in node.values
            if fits and (node.since is None or self.within(since, node.since)):
                return True
        return False

    def worn(self, person: int, tag: str) -> Iterator[Row]:
        for row in self.world.of_person["state_now"].get(person, ()):
            key = row["key"].split(".")
            if key[0] == "tag" and key[1] == tag and row["value"]:
                yield row

    def _sample(self, node: t.Sample, person: int) -> bool:
        drawn = int(hashlib.md5(f"{node.salt}:{person}".encode()).hexdigest()[:8], 16)
        return node.first * 2**32 // 100 <= drawn < node.until * 2**32 // 100

    def _sequence(self, node: t.Sequence, person: int) -> bool:
        """Every chain is tried."""
        steps, bad = self.steps(node, person)

        def reaches(place: int, last: Event) -> bool:
            if place == len(steps):
                return True
            return any(reaches(place + 1, e) for e in steps[place] if self.follows(node.gap, bad, last, e))

        return any(reaches(1, first) for first in steps[0])


def _arrow(latitude: float, longitude: float) -> tuple[float, float, float]:
    up, along = math.radians(latitude), math.radians(longitude)
    return math.cos(up) * math.cos(along), math.cos(up) * math.sin(along), math.sin(up)


def _days(one: Event, other: Event) -> int:
    return (other.at.astimezone(ZONE).date() - one.at.astimezone(ZONE).date()).days


def _compares(left: float | None, op: str, right: float) -> bool:
    if left is None:
        return False
    return {
        "<": left < right,
        "<=": left <= right,
        "=": left == right,
        "!=": left != right,
        ">=": left >= right,
        ">": left > right,
    }[op]


def _as_number(row: Row) -> float | None:
    if row["number"] is not None:
        return float(row["number"])
    text = row["value"] or ""
    return float(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else None
