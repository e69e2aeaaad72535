"""Which roles a history gives, from when until when, and why. Pure: the same history at the same moment gives the same.

Every role is a set of spans over time. A span may begin or end in the future; up to `now` it is told, and the next moment at
which something changes by itself is `recheck_at`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from huoshui.people.roles.types import BadRule, History, Role, Rule, Sign, Worn

_PROFESSIONS: Final = (
    "设计师",
    "室内设计师",
    "工长",
    "项目经理",
    "监理",
    "教练",
    "健身教练",
    "营养师",
    "美容师",
    "造型师",
    "医生",
    "药师",
    "老师",
    "KOC",
    "KOL",
    "博主",
    "达人",
    "designer",
    "coach",
    "foreman",
)

HOUSE: Final[Mapping[str, Mapping[str, Any]]] = {
    "fan": {
        "kinds": ["openid", "unionid", "external_userid"],
        "facts": ["Account Followed", "Contact Added", "Community Joined"],
        "ends": ["Account Unfollowed", "Contact Removed"],
    },
    "member": {
        "kinds": ["member_no", "card_no"],
        "facts": ["Member Joined"],
        "ends": ["Membership Ended"],
    },
    "new": {"days": 30, "orders": 2},
    "returning": {"orders": 2, "lapse_days": 180},
    "lapsed": {"days": 180},
    "referrer": {"brought": 1},
    "super": {
        "days": 365,
        "orders": 4,
        "brought": 1,
        "shares": 5,
        "facts": ["Product Shared", "Cart Shared", "Content Shared", "Product Reviewed"],
    },
    "pro": {"professions": list(_PROFESSIONS)},
    "staff": {},
}
"""The house's own rules; a brand may set others (`role_rule`). `fan`: who can be reached in WeChat, or said so by a fact."""

FREE_OF_BEHAVIOUR = frozenset({"member", "staff", "pro", "referrer"})
"""Of whoever does not want to be profiled, only what was said, and nothing concluded from how she buys."""

_MOST_NAMED = 5


class Span(NamedTuple):
    since: datetime
    until: datetime | None
    why: Mapping[str, Any]


def worn(history: History, rules: Mapping[str, Rule], now: datetime) -> Worn:
    roles: list[Role] = []
    later: list[datetime] = []
    for name, of in _ROLES.items():
        if not history.is_profiled and name not in FREE_OF_BEHAVIOUR:
            continue
        rule = rules[name]
        for span in of(history, rule.params):
            if span.since > now:
                later.append(span.since)
                continue
            ends_later = span.until is not None and span.until > now
            if span.until is not None and ends_later:
                later.append(span.until)
            until = None if ends_later else span.until
            if until is None or until > span.since:
                roles.append(Role(name, span.since, until, rule.version, span.why))
    return Worn(
        tuple(sorted(roles, key=lambda r: (r.since, r.name))),
        min(later, default=None),
    )


# ---- each role ----------------------------------------------------------------------------------------------


def _fan(history: History, params: Mapping[str, Any]) -> Iterator[Span]:
    return _between(_begins(history, params), _named(history.signs, params["ends"]))


def _member(history: History, params: Mapping[str, Any]) -> Iterator[Span]:
    begins = [*_begins(history, params), *history.joined]
    return _between(begins, _named(history.signs, params["ends"]))


def _begins(history: History, params: Mapping[str, Any]) -> list[Sign]:
    return [*_named(history.carried, params["kinds"]), *_named(history.signs, params["facts"])]


def _named(signs: Iterable[Sign], names: Sequence[str]) -> list[Sign]:
    return [s for s in signs if s.name in names]


def _between(begins: Iterable[Sign], ends: Iterable[Sign]) -> Iterator[Span]:
    """From a sign to the next that takes it back. Of one moment the end counts."""
    events = sorted(
        [*((s.at, 0, s.fact_id, s) for s in begins), *((s.at, 1, s.fact_id, s) for s in ends)],
        key=lambda e: e[:3],
    )
    open_by: Sign | None = None
    for at, is_end, _, sign in events:
        if not is_end:
            open_by = open_by or sign
        elif open_by:
            if at > open_by.at:
                yield Span(open_by.at, at, {"facts": [open_by.fact_id, sign.fact_id], "sign": open_by.name})
            open_by = None
    if open_by:
        yield Span(open_by.at, None, {"facts": [open_by.fact_id], "sign": open_by.name})


def _days(history: History) -> list[tuple[datetime, int]]:
    """The first order of each day she bought, as (moment, fact)."""
    found: dict[Any, tuple[datetime, int]] = {}
    for b in sorted(history.bought, key=lambda b: (b.at, b.fact_id)):
        found.setdefault(b.day, (b.at, b.fact_id))
    return sorted(found.values())


def _new(history: History, params: Mapping[str, Any]) -> Iterator[Span]:
    """Until she comes back, or so many days have gone."""
    days = _days(history)
    if days:
        first, fact_id = days[0]
        end = first + timedelta(days=params["days"])
        if len(days) >= params["orders"]:
            end = min(end, days[params["orders"] - 1][0])
        if end > first:
            yield Span(first, end, {"facts": [fact_id]})


def _returning(history: History, params: Mapping[str, Any]) -> Iterator[Span]:
    """From the day she has bought often enough, but not while she has lapsed."""
    days, most = _days(history), params["orders"]
    patience = timedelta(days=params["lapse_days"])
    since: datetime | None = None
    for place, (at, fact_id) in enumerate(days):
        if place + 1 < most:
            continue
        if since is None:
            since, facts = at, [f for _, f in days[max(0, place + 1 - _MOST_NAMED) : place + 1]]
            bought = place + 1
        following = days[place + 1][0] if place + 1 < len(days) else None
        if following is None or following - at > patience:
            yield Span(since, at + patience, {"facts": facts, "days": bought, "last": fact_id})
            since = None


def _lapsed(history: History, params: Mapping[str, Any]) -> Iterator[Span]:
    days, patience = _days(history), timedelta(days=params["days"])
    for place, (at, fact_id) in enumerate(days):
        following = days[place + 1][0] if place + 1 < len(days) else None
        if following is None or following - at > patience:
            yield Span(at + patience, following, {"facts": [fact_id], "days": params["days"]})


def _referrer(history: History, params: Mapping[str, Any]) -> Iterator[Span]:
    counted = [_Counted(b.since, b.until, b) for b in history.brought]

    def why(at: datetime) -> Mapping[str, Any] | None:
        held = _held(counted, at)
        return _of_bringings(held) if len(held) >= params["brought"] else None

    yield from _swept([counted], why)


def _super(history: History, params: Mapping[str, Any]) -> Iterator[Span]:
    """Buys often, and shares or brings others, all within the window."""
    window = timedelta(days=params["days"])
    orders = [_Counted(b.at, b.at + window, b.fact_id) for b in history.bought]
    shares = [_Counted(s.at, s.at + window, s.fact_id) for s in _named(history.signs, params["facts"])]
    brought = [
        _Counted(b.since, min(b.until or b.since + window, b.since + window), b) for b in history.brought
    ]

    if len(orders) < params["orders"] or (
        len(brought) < params["brought"] and len(shares) < params["shares"]
    ):
        return  # nearly everybody

    def why(at: datetime) -> Mapping[str, Any] | None:
        bought, shared, held = _held(orders, at), _held(shares, at), _held(brought, at)
        if len(bought) < params["orders"]:
            return None
        if len(held) < params["brought"] and len(shared) < params["shares"]:
            return None
        return {
            **_of_bringings(held),
            "facts": sorted([*bought[-_MOST_NAMED:], *shared[-_MOST_NAMED:]]),
            "orders": len(bought),
            "shares": len(shared),
            "days": params["days"],
        }

    yield from _swept([orders, shares, brought], why)


def _of_bringings(held: Sequence[Any]) -> dict[str, Any]:
    return {
        "brought": len(held),
        "relations": [b.relation_id for b in held[:_MOST_NAMED]],
        "facts": [b.fact_id for b in held[:_MOST_NAMED] if b.fact_id],
    }


def _staff(history: History, params: Mapping[str, Any]) -> Iterator[Span]:
    return _declared(history, "staff")


def _pro(history: History, params: Mapping[str, Any]) -> Iterator[Span]:
    """Where somebody has said it, until that ends; else from what a profile says."""
    said = list(_declared(history, "pro"))
    known = {p.lower() for p in params["professions"]}
    told = [
        s for s in sorted(history.professions, key=lambda s: (s.at, s.fact_id)) if s.name.lower() in known
    ]
    if told and not said:
        yield Span(told[0].at, None, {"facts": [told[0].fact_id], "detail": told[0].name})
    yield from said


def _declared(history: History, name: str) -> Iterator[Span]:
    """What was said twice of one time is one span."""
    rows = sorted((d for d in history.declared if d.name == name), key=lambda d: (d.since, d.id))
    current: Span | None = None
    for d in rows:
        if d.until is not None and d.until <= d.since:
            continue
        why = {"declared": d.id, "detail": d.detail}
        if current is None:
            current = Span(d.since, d.until, why)
        elif current.until is None or d.since <= current.until:
            until = None if current.until is None or d.until is None else max(current.until, d.until)
            current = current._replace(until=until)
        else:
            yield current
            current = Span(d.since, d.until, why)
    if current:
        yield current


_ROLES: Final[Mapping[str, Callable[[History, Mapping[str, Any]], Iterator[Span]]]] = {
    "fan": _fan,
    "member": _member,
    "new": _new,
    "returning": _returning,
    "lapsed": _lapsed,
    "referrer": _referrer,
    "super": _super,
    "pro": _pro,
    "staff": _staff,
}
NAMES: Final = tuple(_ROLES)


# ---- sweeping -----------------------------------------------------------------------------------------------


class _Counted(NamedTuple):
    """Something that counts from `since` until (not including) `until`."""

    since: datetime
    until: datetime | None
    what: Any


def _held(counted: Sequence[_Counted], at: datetime) -> list[Any]:
    return [c.what for c in counted if c.since <= at and (c.until is None or at < c.until)]


def _swept(
    kinds: Sequence[Sequence[_Counted]], why: Callable[[datetime], Mapping[str, Any] | None]
) -> Iterator[Span]:
    """Spans in which `why` has an answer; it can change only where something begins or ceases to count."""
    moments = sorted({at for kind in kinds for c in kind for at in (c.since, c.until) if at is not None})
    current: Span | None = None
    for at in moments:
        reason = why(at)
        if current is None and reason is not None:
            current = Span(at, None, reason)
        elif current is not None and reason is None:
            yield current._replace(until=at)
            current = None
    if current:
        yield current


# ---- rules as data ------------------------------------------------------------------------------------------

_DAYS = frozenset({"days", "lapse_days"})


def in_force(set_rules: Mapping[str, tuple[int, Mapping[str, Any]]]) -> dict[str, Rule]:
    """The rules that brands have set, above the house's."""
    found = {}
    for name, house in HOUSE.items():
        version, params = set_rules.get(name, (0, {}))
        found[name] = Rule(name, version, {**house, **params})
    return found


def checked(name: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters as they are kept. Raises BadRule for what a rule of this name does not have or cannot be."""
    house = HOUSE.get(name)
    if house is None or not params or set(params) - set(house):
        raise BadRule
    return {
        key: _number(key, value) if isinstance(house[key], int) else _words(value)
        for key, value in params.items()
    }


def _number(key: str, value: Any) -> int:
    if type(value) is not int or not 1 <= value <= (3_650 if key in _DAYS else 1_000):
        raise BadRule
    return value


def _words(value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(v, str) and 0 < len(v) <= 100 for v in value):
        raise BadRule
    return list(dict.fromkeys(value))


def names_asked(rules: Mapping[str, Rule]) -> dict[str, list[str]]:
    """What a history has to tell for these rules: names of facts, kinds of identifiers."""
    params = [rule.params for rule in rules.values()]
    return {
        "facts": sorted({n for p in params for n in (*p.get("facts", ()), *p.get("ends", ()))}),
        "kinds": sorted({k for p in params for k in p.get("kinds", ())}),
    }
