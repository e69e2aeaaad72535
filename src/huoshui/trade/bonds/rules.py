"""Who owns whom: given the facts of one human in settlement order, and when her ids became one, the spells.

Nothing here depends on how one came to know: the same facts, links and versions give the same spells, so that reading as
it comes equals a replay, and parting two ids gives back what each had alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from huoshui.trade.bonds.terms import HOUSE, Terms
from huoshui.trade.bonds.types import SIGNS, Join, Spell, Told, Touch


@dataclass
class _Human:
    """Ids known to be one so far. `origin` is the order whose money made the present bond, `before` who lost her by it."""

    holder: Spell | None = None
    terms: Terms = HOUSE
    last_at: datetime | None = None
    free_since: datetime | None = None
    origin: int | None = None
    before: tuple[Spell, Terms] | None = None
    suspended: list[Spell] = field(default_factory=list)


def in_order(touches: Iterable[Touch]) -> list[Touch]:
    """Settlement order. What one import tells is heard at once, in the order it happened: a file's rows are not sorted."""
    all_of = list(touches)
    first: dict[int, int] = {}
    for t in all_of:
        if t.run_id is not None:
            first[t.run_id] = min(t.position, first.get(t.run_id, t.position))
    return sorted(
        all_of,
        key=lambda t: (t.position if t.run_id is None else first[t.run_id], t.at, t.position, t.fact_id),
    )


def spells(touches: Iterable[Touch], joins: Sequence[Join], versions: Sequence[Terms], now: datetime) -> Told:
    """`joins` are the living links between her ids; `versions` all versions of the rules."""
    telling = _Telling(sorted(versions, key=lambda v: v.from_position))
    waiting = sorted(joins, key=lambda j: (j.at, j.one, j.other))
    for touch in in_order(touches):
        while waiting and waiting[0].at <= touch.heard_at:
            telling.join(waiting.pop(0))
        telling.hear(touch)
    for join in waiting:
        telling.join(join)
    return telling.told(now)


class _Telling:
    def __init__(self, versions: Sequence[Terms]) -> None:
        self._versions = versions
        self._humans: dict[int, _Human] = {}
        self._paid: dict[int, int] = {}
        self._ended: list[Spell] = []
        self._heard: list[tuple[int, str]] = []

    def hear(self, touch: Touch) -> None:
        human = self._human(touch.person_id)
        self._lapse(human, touch.at)
        terms = self._terms_at(touch.position)
        if touch.kind in SIGNS or touch.kind == "refund":
            verdict = self._hear_sign(human, touch, terms)
        elif touch.kind == "released":
            verdict = self._release(human, touch)
        elif touch.kind == "upheld":
            verdict = "upheld"
        else:
            verdict = self._decide(human, touch, terms)
        self._heard.append((touch.fact_id, verdict))

    def join(self, join: Join) -> None:
        one, other = self._human(join.one), self._human(join.other)
        if one is other:
            return
        kept, lost = (one, other) if _stays(one, other) else (other, one)
        kept.suspended += lost.suspended
        if kept.holder and lost.holder:
            kept.suspended.append(lost.holder._replace(state="suspended", suspended_by=kept.holder.made_by))
        kept.free_since = max((at for at in (kept.free_since, lost.free_since) if at), default=None)
        for person_id, human in list(self._humans.items()):
            if human is lost:
                self._humans[person_id] = kept

    def told(self, now: datetime) -> Told:
        humans = list({id(h): h for h in self._humans.values()}.values())
        for human in humans:
            self._lapse(human, now)
        held = [h.holder for h in humans if h.holder] + [s for h in humans for s in h.suspended]
        release = min((at for h in humans if (at := _release_at(h)) is not None), default=None)
        ordered = sorted([*self._ended, *held], key=lambda s: (s.since, s.made_by))
        return Told(tuple(ordered), tuple(self._heard), release)

    # ---- what she does

    def _hear_sign(self, human: _Human, touch: Touch, terms: Terms) -> str:
        if touch.order_id is not None:
            was = self._paid.get(touch.order_id)
            left = self._paid[touch.order_id] = (was or 0) + touch.amount
            if left <= 0:
                return self._give_back(human, touch) if human.origin == touch.order_id else "no_money"
            if was is not None or touch.kind == "refund":
                return "told_before"
        verdict = judge(human.holder, touch, terms, last_at=human.last_at)
        if verdict in ("first", "moved"):
            self._make(human, touch, terms, verdict)
            human.origin = touch.order_id
        elif verdict == "same":
            return self._serve(human, touch)
        return verdict

    def _serve(self, human: _Human, touch: Touch) -> str:
        """The owner sells again: silence begins anew, and whoever serves may be another."""
        held, terms = human.holder, human.terms
        assert held is not None
        human.last_at = _latest(touch.at, human.last_at)
        if terms.renews and terms.protection_days:
            until = touch.at + timedelta(days=terms.protection_days)
            held = human.holder = held._replace(protected_until=_latest(until, held.protected_until))
        is_other = touch.guide_id is not None and touch.guide_id != held.guide_id
        if is_other and (held.guide_id is None or terms.guide == "last") and touch.at >= held.since:
            human.holder = self._next(human, held, touch, "served")
            return "served"
        return "same"

    def _give_back(self, human: _Human, touch: Touch) -> str:
        """The money that made the bond has all gone back: whoever had lost her by it has her again."""
        self._end(human, touch, "refunded")
        if human.before is not None:
            held, terms = human.before
            since = max(touch.at, human.free_since or touch.at)
            human.holder = held._replace(
                person_id=touch.person_id,
                made_by=touch.fact_id,
                made_as="refund",
                how="returned",
                since=since,
                state="live",
                until=None,
                ended_by=None,
                end_reason="",
                actor=touch.actor,
            )
            human.terms, human.last_at, human.before, human.origin = terms, since, None, None
            return "returned"
        return "refunded"

    # ---- what somebody decides

    def _release(self, human: _Human, touch: Touch) -> str:
        if human.holder is None or human.holder.dealer_id != touch.dealer_id:
            return "not_hers"
        self._end(human, touch, "released")
        return "released"

    def _decide(self, human: _Human, touch: Touch, terms: Terms) -> str:
        held = human.holder
        if touch.kind == "handed":
            if held is None or held.dealer_id != touch.dealer_id:
                return "not_hers"
            human.holder = self._next(human, held, touch, "handed")
            return "handed"
        self._make(human, touch, terms, touch.kind)
        return touch.kind

    # ---- spells begin and end

    def _make(self, human: _Human, touch: Touch, terms: Terms, how: str) -> None:
        held, held_terms = human.holder, human.terms
        since = _latest(touch.at, held.since if held else human.free_since)
        owned = held.owned_since if held and held.dealer_id == touch.dealer_id else since
        if held is not None:
            self._end(human, touch, how, at=since)
        human.before = (held, held_terms) if held is not None and how == "moved" else None
        until = since + timedelta(days=terms.protection_days) if terms.protection_days else None
        human.holder = Spell(
            person_id=touch.person_id,
            made_by=touch.fact_id,
            made_as=touch.kind,
            how=how,
            dealer_id=touch.dealer_id,
            store_id=touch.store_id,
            guide_id=touch.guide_id,
            owned_since=owned,
            since=since,
            protected_until=until,
            until=None,
            state="live",
            suspended_by=None,
            rule_version=terms.version,
            ended_by=None,
            end_reason="",
            actor=touch.actor,
            reason=touch.reason,
        )
        human.terms, human.last_at, human.origin = terms, since, None

    def _next(self, human: _Human, held: Spell, touch: Touch, how: str) -> Spell:
        """The same owner, served by another."""
        since = max(touch.at, held.since)
        self._ended.append(_ended(held, touch.fact_id, how, since))
        return held._replace(
            person_id=touch.person_id,
            made_by=touch.fact_id,
            how=how,
            store_id=touch.store_id if touch.store_id is not None else held.store_id,
            guide_id=touch.guide_id,
            since=since,
            actor=touch.actor,
            reason=touch.reason,
        )

    def _end(self, human: _Human, touch: Touch, why: str, *, at: datetime | None = None) -> None:
        assert human.holder is not None
        until = max(at or touch.at, human.holder.since)
        self._ended.append(_ended(human.holder, touch.fact_id, why, until))
        human.holder, human.free_since, human.origin = None, until, None

    def _lapse(self, human: _Human, now: datetime) -> None:
        release = _release_at(human)
        if human.holder is not None and release is not None and release < now:
            self._ended.append(_ended(human.holder, None, "silent", release))
            human.holder, human.free_since, human.before, human.origin = None, release, None, None

    def _human(self, person_id: int) -> _Human:
        return self._humans.setdefault(person_id, _Human())

    def _terms_at(self, position: int) -> Terms:
        return next((v for v in reversed(self._versions) if v.from_position < position), HOUSE)


def judge(held: Spell | None, touch: Touch, terms: Terms, *, last_at: datetime | None) -> str:
    """What a sign does: 'first', 'moved' or 'same' (the owner's), or why it changes nothing."""
    if held is not None and held.dealer_id == touch.dealer_id:
        return "same"
    if touch.kind not in terms.makes:
        return "makes_none"
    if held is None:
        return "first"
    if held.made_as == "wished":
        return "wished_stays"
    if last_at is not None and touch.at < last_at:
        return "late"  # it happened before the owner's last: told late, it changes nothing
    if touch.dealer_id is None:
        return "head_office"  # what head office sells itself never takes a dealer's customer
    if held.dealer_id is None and terms.head_office == "open":
        return "moved"
    if held.protected_until is not None and touch.at < held.protected_until:
        return "protected"
    if terms.who == "first":
        return "first_stays"
    if touch.kind == "purchase" and terms.is_holiday(touch.day):
        return "holiday"
    return "weaker" if _is_weaker(touch.kind, held.made_as, terms.precedence) else "moved"


def _is_weaker(kind: str, made_as: str, precedence: Sequence[str]) -> bool:
    if made_as not in precedence:
        return False
    return kind not in precedence or precedence.index(kind) > precedence.index(made_as)


def _stays(one: _Human, other: _Human) -> bool:
    """Of two bonds the older stays, but what the customer chose herself before what came about."""
    if one.holder is None or other.holder is None:
        return one.holder is not None
    return _age(one.holder) <= _age(other.holder)


def _age(spell: Spell) -> tuple[bool, datetime, int]:
    return spell.made_as != "wished", spell.owned_since, spell.made_by


def _release_at(human: _Human) -> datetime | None:
    held = human.holder
    if held is None or human.last_at is None or not human.terms.release_days or held.made_as == "wished":
        return None
    return human.last_at + timedelta(days=human.terms.release_days)


def _ended(spell: Spell, by: int | None, why: str, until: datetime) -> Spell:
    return spell._replace(state="ended", until=until, ended_by=by, end_reason=why)


def _latest(one: datetime, other: datetime | None) -> datetime:
    return one if other is None else max(one, other)


def owners(told: Mapping[int, Told]) -> dict[int, Spell]:
    """Canonical id → the spell that lives."""
    return {head: live for head, one in told.items() if (live := one.live) is not None}
