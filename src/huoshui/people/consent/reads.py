from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyarrow as pa
from django.conf import settings

from huoshui.core import clock, sql
from huoshui.core.subscribers import XidRange
from huoshui.people.consent import rules
from huoshui.people.consent.types import Decision, Entry, SendRule, Stand
from huoshui.people.identity import reads as identity
from huoshui.people.profiles import reads as profiles

Q = sql.load("huoshui.people.consent")


@dataclass(frozen=True)
class _Known:
    """What bears on persons whatever the channel. All by canonical id but `members`: (born id, canonical id)."""

    canonical: dict[int, int]
    members: list[tuple[int, int]]
    stands: dict[int, list[Stand]]
    birthdays: dict[int, list[str]]
    presence: dict[int, bool]
    rules: list[SendRule]


def may_send(person_ids: Sequence[int], *, channel: str, purpose: str, at: datetime) -> dict[int, Decision]:
    """May we send these persons (any ids of their clusters) this, on this channel, for this purpose, at this time?

    The one place that answers it. As many statements for one as for a hundred thousand.
    KeyError for a channel that is none, and for what nothing is sent for.
    """
    asked = list(dict.fromkeys(person_ids))
    known = _known(asked)
    decided = _decided(known, channel, purpose, at)
    return {person_id: decided[known.canonical[person_id]] for person_id in asked}


def answers(person_id: int, *, purpose: str, at: datetime) -> dict[str, Decision]:
    """Of one person, channel by channel."""
    known = _known([person_id])
    head = known.canonical[person_id]
    return {channel: _decided(known, channel, purpose, at)[head] for channel in rules.REACHED_BY}


def _known(person_ids: Sequence[int]) -> _Known:
    canonical = identity.canonical_ids(person_ids)
    members = identity.members_of(sorted(set(canonical.values())))
    whose = dict(members)
    stands: dict[int, list[Stand]] = {}
    for stand in sql.fetch_as(Stand, Q.standing, person_ids=list(whose)):
        stands.setdefault(whose[stand.person_id], []).append(stand)
    birthdays = _by_cluster(whose, profiles.birthdays(profiles.ask_birthdays(list(whose))))
    return _Known(canonical, members, stands, birthdays, identity.presence(list(whose)), send_rules())


def _decided(known: _Known, channel: str, purpose: str, at: datetime) -> dict[int, Decision]:
    kind = rules.REACHED_BY[channel]
    whose = dict(known.members)
    reachable = {whose[p] for p in identity.having(list(whose), kind)}
    in_force = rules.rules_for(purpose, channel, known.rules)
    sent = _sent(known.members, in_force, purpose, at)
    return {
        c: rules.decide(
            rules.Standing(
                is_known=c in known.presence,
                is_erased=known.presence.get(c, False),
                stands=known.stands.get(c, ()),
                kinds=frozenset({kind}) if c in reachable else frozenset(),
                birthdays=known.birthdays.get(c, ()),
                sent=sent.get(c, {}),
            ),
            channel=channel,
            purpose=purpose,
            at=at,
            rules=in_force,
            zone=settings.HUOSHUI_ZONE,
        )
        for c in set(known.canonical.values())
    }


def _sent(
    members: Sequence[tuple[int, int]], in_force: Sequence[SendRule], purpose: str, at: datetime
) -> dict[int, dict[SendRule, datetime | None]]:
    limits = [(place, rule) for place, rule in enumerate(in_force) if rule.days and rule.most]
    if not limits:
        return {}
    found: dict[int, dict[SendRule, datetime | None]] = {}
    for row in sql.fetch(
        Q.sent,
        person_ids=[m for m, _ in members],
        canonical_ids=[c for _, c in members],
        places=[place for place, _ in limits],
        channels=[rule.channel for _, rule in limits],
        mosts=[rule.most for _, rule in limits],
        sinces=[at - timedelta(days=rule.days or 0) for _, rule in limits],
        purpose=purpose,
        at=at,
    ):
        found.setdefault(row.canonical_id, {})[in_force[row.place]] = row.full_at
    return found


def send_rules() -> list[SendRule]:
    return sql.fetch_as(SendRule, Q.send_rules)


def unprofiled(person_ids: Sequence[int]) -> set[int]:
    """Those of these persons (any ids of their clusters) of whom nothing may be decided by what they are like: no tag by a
    model, no segment by behaviour, no recommendation. Who is under 14 is among them until a guardian consents (PIPL art.
    31), or until the birthday: each reader asks anew. Who keeps what it has judged hears of the birthday by `tell_grown`."""
    canonical = identity.canonical_ids(list(dict.fromkeys(person_ids)))
    refused = _refused(sorted(set(canonical.values())))
    return {person_id for person_id in canonical if canonical[person_id] in refused}


def unprofiled_kin(kin: Mapping[int, Sequence[int]]) -> set[int]:
    """The same of heads whose ids are known already, in one flight with whatever waits."""
    return _refusing({member: head for head, members in kin.items() for member in members})


def unguarded_children(person_ids: Sequence[int]) -> set[int]:
    """Those of these persons (any ids of their clusters) who are under 14 today, and for whom no guardian has consented."""
    known, today = _known(list(dict.fromkeys(person_ids))), clock.today()
    return {
        person_id
        for person_id, head in known.canonical.items()
        if rules.is_minor(known.birthdays.get(head, ()), today)
        and not rules.is_allowed_by_guardian(known.stands.get(head, ()))
    }


def is_unguarded_child(person_id: int) -> bool:
    return bool(unguarded_children([person_id]))


def unconsented(person_ids: Sequence[int], purpose: str) -> set[int]:
    """Those of these persons (any ids of their clusters) who have not consented to this purpose, or not any more."""
    canonical = identity.canonical_ids(list(dict.fromkeys(person_ids)))
    stands = standing_of(sorted(set(canonical.values())))
    return {person_id for person_id, c in canonical.items() if not rules.is_given(stands[c], purpose)}


def withdrawn_from(purpose: str) -> set[int]:
    """All born ids of whoever once said no to this purpose, wholly, and does not consent to it now."""
    ever = [r.person_id for r in sql.fetch(Q.refused, purposes=[purpose])]
    heads = identity.canonical_ids(sorted(unconsented(ever, purpose))).values()
    return {member for member, _ in identity.members_of(sorted(set(heads)))}


def everyone_unprofiled() -> set[int]:
    """Canonical ids of all who do not want to be profiled, whose data may not be used at all, or who are under 14 today without
    a guardian's consent."""
    young = sql.ask(profiles.Q.born_in, years=rules.years_of_minors(clock.today()))
    ever = sql.fetch(Q.refused, purposes=[rules.PROFILING, rules.PROCESSING])
    perhaps = {r.person_id for r in (*ever, *young.rows())}
    if not perhaps:
        return set()
    return _refused(sorted(set(identity.canonical_ids(sorted(perhaps)).values())))


def _refused(canonical_ids: Sequence[int]) -> set[int]:
    return _refusing(dict(identity.members_of(canonical_ids)))


def _refusing(members: Mapping[int, int]) -> set[int]:
    # Together: what is asked on the way of a sale costs no round trip more
    born = profiles.ask_birthdays(list(members))
    stands: dict[int, list[Stand]] = {c: [] for c in members.values()}
    for stand in sql.fetch_as(Stand, Q.standing, person_ids=list(members)):
        stands[members[stand.person_id]].append(stand)
    birthdays = _by_cluster(members, profiles.birthdays(born))
    today = clock.today()
    return {c for c, said in stands.items() if not rules.may_profile(said, birthdays.get(c, ()), today)}


def _by_cluster(members: Mapping[int, int], told: Sequence[profiles.Birthday]) -> dict[int, list[str]]:
    """Canonical id → the birthdays that count: those she had corrected, where she did; or all that anybody tells."""
    corrected = {members[t.person_id] for t in told if t.is_corrected}
    found: dict[int, list[str]] = {}
    for one in told:
        head = members[one.person_id]
        if one.is_corrected or head not in corrected:
            found.setdefault(head, []).append(one.value)
    return found


def standing_of(canonical_ids: Sequence[int]) -> dict[int, list[Stand]]:
    """Of each of these (canonical ids) the words that hold for every born id of its cluster. Two statements, however many."""
    stands: dict[int, list[Stand]] = {c: [] for c in canonical_ids}
    members = dict(identity.members_of(list(canonical_ids)))
    for stand in sql.fetch_as(Stand, Q.standing, person_ids=list(members)):
        stands[members[stand.person_id]].append(stand)
    return stands


def restricted(canonical_ids: Sequence[int]) -> set[int]:
    """Those of these (canonical ids) whose data is kept and nothing else done with it."""
    standing = standing_of(canonical_ids)
    return {head for head, stands in standing.items() if rules.is_withdrawn(stands, rules.PROCESSING)}


def standing(person_id: int) -> list[Stand]:
    """The words that hold for every born id of a person's cluster."""
    return sql.fetch_as(Stand, Q.standing, person_ids=identity.members(person_id))


def entries(person_id: int) -> list[Entry]:
    """The whole ledger of a person's cluster, the newest first."""
    return sql.fetch_as(Entry, Q.entries, person_ids=identity.members(person_id))


def sent_to(person_ids: Sequence[int]) -> list[sql.Row]:
    """sent_at, purpose, channel of all that was sent to these (born ids), the newest first."""
    return sql.fetch(Q.sent_to, person_ids=list(person_ids))


def counts() -> list[sql.Row]:
    """purpose, channel, given, withdrawn."""
    return sql.fetch(Q.counts)


def spoken_since(person_ids: Sequence[int], since: datetime) -> set[int]:
    """Those of these (born ids) who allowed something since. A list that does not say when counts from when it came."""
    return {r.person_id for r in sql.fetch(Q.spoken_since, person_ids=list(person_ids), since=since)}


def state_changes(span: XidRange) -> pa.Table:
    return sql.copy_out(Q.state_changes, low=str(span.low), high=str(span.high))
