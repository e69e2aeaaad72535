"""Caps on what offline tills take: points, and the money that coupons take off. A report is kept whatever it took; what is
beyond a cap is shown. Coupons ask here too, so that there is one list of caps and one of customers' days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound, Refused
from huoshui.core.unmet import Unmet, sentences
from huoshui.engage.loyalty import caps
from huoshui.engage.loyalty.caps import OFFLINE_CAP, OfflineCap, OfflineUse
from huoshui.people import api as people

Q = sql.load("huoshui.engage.loyalty")

MAY_SET = frozenset({"boss", "operator"})

sentences(
    {OFFLINE_CAP: "断网时收的积分或券，超过了一单或一人一天的上限：收了 {used}，上限 {cap}；请向门店核实。"}
)


def offline_caps() -> dict[str, OfflineCap]:
    """By kind, for all of KINDS."""
    unset = {kind: OfflineCap(kind) for kind in caps.KINDS}
    return unset | {cap.kind: cap for cap in sql.fetch_as(OfflineCap, Q.offline_caps)}


def set_offline_cap(cap: OfflineCap, *, actor: Actor) -> None:
    """From the next report on. Raises NotFound for no such kind."""
    if actor.kind != "system" and not actor.roles & MAY_SET:
        raise Refused("只有老板和运营可以改断网时的上限。")
    if any(most is not None and most < 0 for most in (cap.per_order, cap.per_day)):
        raise Refused("上限不能小于 0；不限就留空。")
    if cap.kind not in caps.KINDS:
        raise NotFound
    sql.run(Q.set_offline_cap, **cap._asdict(), actor=str(actor))
    record(actor, "offline_cap.set", "offline_cap", 0, **cap._asdict())


def beyond_caps(kind: str, uses: Sequence[OfflineUse], *, kin: people.Kin) -> list[Unmet]:
    """What these reports took beyond the caps of now. Where there is none it is one query, and nothing is kept."""
    cap = offline_caps()[kind] if uses else OfflineCap(kind)
    if not cap.is_set:
        return []
    return caps.beyond(cap, uses, _taken_before(kind, uses, kin) if cap.per_day is not None else {})


def _taken_before(kind: str, uses: Sequence[OfflineUse], kin: people.Kin) -> Counter[caps.Day]:
    """What they had taken of their days before these; with these they have now."""
    added: Counter[caps.Day] = Counter()
    for use in uses:
        if use.person_id is not None:
            added[use.person_id, use.day] += use.amount
    if not added:
        return added
    places = sorted(added)
    sql.send(
        Q.take_offline,
        kind=kind,
        person_ids=[p for p, _ in places],
        days=[d for _, d in places],
        amounts=[added[place] for place in places],
    )
    ids = kin.of(sorted({p for p, _ in places}))
    owner = {member: p for p, members in ids.items() for member in members}
    every = [(member, day) for p, day in places for member in ids[p]]
    out: Counter[caps.Day] = Counter({place: -amount for place, amount in added.items()})
    for r in sql.fetch(
        Q.taken_offline, kind=kind, person_ids=[m for m, _ in every], days=[d for _, d in every]
    ):
        out[owner[r.person_id], r.day] += r.amount
    return out
