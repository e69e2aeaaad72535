"""Taking links back: one, all that one hand made, or all that one import is the evidence of; and what would follow, beforehand.

What a rule has joined parts by other rules (`ruling`), for as long as the rule stands it would join people again. Nothing is
written of what follows: cards, points, bonds, tags and the lake go by the living links.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from django.db import transaction

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound, Refused
from huoshui.core.facts import api as facts
from huoshui.core.jobs import defer
from huoshui.core.ledger.types import DEBT_BUCKET, HELD_BUCKET
from huoshui.core.retry import retrying
from huoshui.people.identity.actions import recluster, unmerge
from huoshui.people.identity.reads import masked
from huoshui.people.identity.rules import JOINED_ENOUGH, KINDS, clusters

Q = sql.load("huoshui.people.identity")

LINK, HAND, RUN = "link", "hand", "run"
_LINKS: Final = {LINK: Q.one_link, HAND: Q.links_by_hand, RUN: Q.links_of_run}
_AT_ONCE = 200  # links that are taken back in one transaction
_LAST = (1 << 63) - 1
_WHY = 300


class Way(NamedTuple):
    """Some living links: `how` is 'link', 'hand' or 'run'; `what` the link's id, the hand as the audit knows it, or the
    import's id."""

    how: str
    what: str


class Counted(NamedTuple):
    what: str
    links: int
    last_at: datetime


class Edge(NamedTuple):
    id: int
    person_a: int
    person_b: int


class Split(NamedTuple):
    """A human who would be several. The parts are born ids, that of the smallest first."""

    person_id: int
    parts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Preview:
    """`people`: humans in whom these links are; `held`: those whom something else holds together."""

    links: int
    people: int
    more: int
    held: int
    splits: Sequence[Split]


class Undoing(NamedTuple):
    """A lot of links being taken back, or that were."""

    id: int
    how: str
    what: str
    reason: str
    actor: str
    last_link: int
    state: str
    done: int
    split: int
    asked_at: datetime
    ended_at: datetime | None


class Gone(NamedTuple):
    """A link that somebody took back."""

    link_id: int
    person_a: int
    person_b: int
    at: datetime
    actor: str
    reason: str


class Holding(NamedTuple):
    """What stands in one born id's own name, and goes with it."""

    person_id: int
    orders: int
    amount: int
    points: int
    debt: int
    accounts: int


def hands() -> list[Counted]:
    """Who has joined people by hand; the system's own are those that matching joined unseen."""
    return sql.fetch_as(Counted, Q.hands)


def kinds() -> list[Counted]:
    """By which kinds of accounts people are one."""
    return sql.fetch_as(Counted, Q.kinds_that_join)


def look(way: Way) -> Preview:
    """What would follow. Reads only. Raises NotFound for a way that is none."""
    chosen = _links(way)
    persons = sorted({p for x in chosen for p in (x.person_a, x.person_b)})
    around = sql.fetch_as(Edge, Q.links_around, person_ids=persons) if persons else []
    splits, held = parted(around, {x.id for x in chosen})
    return Preview(
        len(chosen), len(splits) + held, sum(len(s.parts) - 1 for s in splits), held, tuple(splits)
    )


def parted(links: Iterable[Edge], without: Set[int]) -> tuple[list[Split], int]:
    """Who would be several without these links, of whole clusters, those of most parts first; and how many would not. Pure."""
    every = list(links)
    persons = {p for x in every for p in (x.person_a, x.person_b)}
    before = clusters(persons, [(x.person_a, x.person_b) for x in every])
    after = clusters(persons, [(x.person_a, x.person_b) for x in every if x.id not in without])
    parts: dict[int, dict[int, list[int]]] = {before[x.person_a]: {} for x in every if x.id in without}
    for person in sorted(persons):
        if before[person] in parts:
            parts[before[person]].setdefault(after[person], []).append(person)
    splits = [
        Split(head, tuple(tuple(part) for part in of_head.values()))
        for head, of_head in parts.items()
        if len(of_head) > 1
    ]
    splits.sort(key=lambda s: (-len(s.parts), s.person_id))
    return splits, len(parts) - len(splits)


def _links(way: Way, *, after: int = 0, upto: int = _LAST, limit: int | None = None) -> list[Edge]:
    if way.how not in _LINKS or (way.how != HAND and not (way.what.isdecimal() and len(way.what) <= 18)):
        raise NotFound
    return sql.fetch_as(Edge, _LINKS[way.how], what=way.what, after=after, upto=upto, limit=limit)


def holdings(person_ids: Sequence[int]) -> dict[int, Holding]:
    """Of born ids."""
    rows = sql.fetch_as(Holding, Q.holdings, person_ids=list(person_ids), debt=DEBT_BUCKET, held=HELD_BUCKET)
    return {r.person_id: r for r in rows}


def accounts(person_ids: Sequence[int]) -> dict[int, list[tuple[str, str]]]:
    """(what kind it is called, masked value) of what each of these born ids is known by."""
    found: dict[int, list[tuple[str, str]]] = {}
    for row in sql.fetch(Q.accounts_of, person_ids=list(person_ids)):
        found.setdefault(row.person_id, []).append((KINDS[row.kind].label, masked(row)))
    return found


def take_back(way: Way, *, reason: str, actor: Actor) -> int | None:
    """Take these links back: one at once, many by the worker, whose undoing's number is returned. In the caller's transaction.

    Raises NotFound where none of them stands (any more), so that a second time changes nothing; Refused without a reason."""
    if not reason.strip() or len(reason) > _WHY:
        raise Refused("请写明为什么要撤销合并，三百字以内，以后查依据时要用。")
    chosen = _links(way)
    if not chosen:
        raise NotFound
    if way.how == LINK:
        unmerge(link_id=chosen[0].id, reason=reason.strip(), actor=actor)
        return None
    from huoshui.people.identity.jobs import take_links_back

    asked = sql.fetch_one(
        Q.ask_undoing,
        how=way.how,
        what=way.what,
        reason=reason.strip(),
        actor=str(actor),
        last_link=chosen[-1].id,
        split=look(way).more,
    )
    if asked is None:
        raise Refused("这些合并正在撤销，请等它做完。")
    number = int(asked.id)
    defer(take_links_back, queueing_lock=f"links {number}", undoing_id=number)
    record(
        actor,
        "links.taken_back",
        "link_undoing",
        number,
        how=way.how,
        what=way.what,
        links=len(chosen),
        reason=reason.strip(),
    )
    return number


def carry_out(undoing_id: int) -> int:
    """Take back what is left of a lot. Outside of a transaction; may be killed anywhere, and run again. Returns how
    many links."""
    done = 0
    while some := retrying(lambda: _some(undoing_id), times=8):
        done += some
    return done


def _some(undoing_id: int) -> int:
    with transaction.atomic(durable=True):
        row = sql.fetch_one(Q.undoing, id=undoing_id)
        if row is None:
            raise NotFound
        undoing = Undoing(*row)
        if undoing.state == "done":
            return 0
        sql.fetch(Q.lock_clusters)
        chosen = _links(Way(undoing.how, undoing.what), upto=undoing.last_link, limit=_AT_ONCE)
        if chosen:
            _take(chosen, undoing)
        state = "running" if chosen else "done"
        sql.run(Q.say_undoing, id=undoing_id, state=state, more=len(chosen))
        return len(chosen)


def _take(chosen: Sequence[Edge], undoing: Undoing) -> None:
    ids = [x.id for x in chosen]
    sql.run(Q.have_joined_enough, link_ids=ids, enough=JOINED_ENOUGH)
    sql.fetch(Q.take_back, link_ids=ids, actor=undoing.actor, reason=undoing.reason)
    recluster([p for x in chosen for p in (x.person_a, x.person_b)])
    sql.run(
        Q.tell_taken_back,
        link_ids=ids,
        actor=undoing.actor,
        reason=undoing.reason,
        undoing_id=undoing.id,
    )
    facts.wake_readers()


def latest(way: Way) -> Undoing | None:
    row = sql.fetch_one(Q.latest_undoing, how=way.how, what=way.what)
    return None if row is None else Undoing(*row)


def undoings(*, limit: int = 20) -> list[Undoing]:
    """The latest first."""
    return sql.fetch_as(Undoing, Q.undoings, limit=limit)


def lately(*, limit: int = 20) -> list[Gone]:
    """Links that were taken back and that nothing has made again, the latest first."""
    return sql.fetch_as(Gone, Q.taken_back_lately, limit=limit)


def gone(link_id: int) -> Gone | None:
    """A link that was taken back."""
    row = sql.fetch_one(Q.link_gone, link_id=link_id)
    return None if row is None else Gone(*row)
