"""Writes of identity. Callers hold the transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound, Refused, RetryLater
from huoshui.core.facts import api as facts
from huoshui.core.unmet import sentences
from huoshui.people.identity import eras, live, lives, rules
from huoshui.people.identity.apart import Pair
from huoshui.people.identity.erasing import without_erased
from huoshui.people.identity.kinds import DEVICES
from huoshui.people.identity.reads import canonical_id, cluster_differences
from huoshui.people.identity.ruleset import Ruleset
from huoshui.people.identity.sharing import has_joined_enough
from huoshui.people.identity.types import Assignment, Seen

Q = sql.load("huoshui.people.identity")

sentences(
    {
        "shared_identifier": "这个账号被很多人共用，不再用它认人",
        "too_many_of_one": "合并以后一个人的账号会太多，没有合并，请看看是不是同一人",
        "unionid_differs": (
            "一个微信 OpenID 只属于一个 UnionID，这笔数据里的却和先前登记的不一样：两笔里有一笔导错了，多半是 OpenID "
            "取自另一个小程序或公众号。没有合并，请在微信后台核对这个 OpenID，再改正导错的那一笔"
        ),
        "parted_again": "有人确认过这是两位顾客，这笔数据里却同时有两边的账号；没有合并，请看看账号有没有记错人",
    }
)


class IdentifierRace(RetryLater):
    """另一笔数据正在登记同一位顾客，马上重试。"""

    code = "identifier_race"


def look(fact_ids: Sequence[int]) -> sql.Asked:
    """Ask for what these facts' identifiers are known as, together with the next statement that is waited for."""
    return sql.ask(Q.seen, fact_ids=list(fact_ids), devices=DEVICES)


def resolve(fact_ids: Sequence[int], *, actor: Actor, looked: sql.Asked | None = None) -> dict[int, int]:
    """Find or bear the person of each fact that carries an identifier. Returns fact id → person id.

    `looked` may tell of other facts too; it was asked under the lock of these facts, or before they were claimed.
    """
    mine = set(fact_ids)
    seen = [s for s in sql.rows_as(Seen, looked or look(fact_ids)) if s.fact_id in mine]
    by = live.known()
    if seen and seen[0].rules_version != by.version:
        by = live.adopt(seen[0].rules_version)
        seen = live.without_blocked(seen, by)
    if eras.settle_late(seen):
        seen = [s for s in sql.rows_as(Seen, look(fact_ids)) if s.fact_id in mine]
    if seen and seen[0].is_any_erased and any(s.identifier_id is None for s in seen):
        seen = without_erased(seen)
    if lives.is_any_mortal(seen):
        seen = lives.without_ended(seen)
    held = held_by(rules.beside_unknown(seen, by))
    if by.asks_of_quiet:
        seen = eras.without_quiet(seen, held, by)
    assignment = decide(seen, visitors(rules.perhaps_visitors(seen, by), by), by, held)
    born = _bear(assignment)
    _add_identifiers(assignment, born)
    _add_links(assignment, born, actor)
    persons = {fact: born.get(person, person) for fact, person in assignment.person_of_fact.items()}
    hold([(name, fact_id, persons[fact_id]) for name, fact_id in assignment.held])
    return persons


def decide(
    seen: Sequence[Seen], visiting: Set[int], by: Ruleset, held: Mapping[int, Set[rules.Held]] | None = None
) -> Assignment:
    """What the rules say, with what they ask about clusters that may become one. Nothing is written."""
    beside, meeting = rules.beside_unknown(seen, by), rules.may_meet(seen, by)
    held = held_by(beside) if held is None else held
    return rules.assign(seen, held, visiting, by, counted(beside | meeting, by), parted_among(meeting))


def hold(known: Sequence[tuple[rules.Name, int, int]]) -> None:
    """Keep that somebody was known on a device: (device, fact, person)."""
    if known:
        sql.run(
            Q.put_holders,
            **_columns([name for name, _, _ in known]),
            fact_ids=[fact_id for _, fact_id, _ in known],
            person_ids=[person_id for _, _, person_id in known],
        )


def visitors(person_ids: set[int], by: Ruleset = rules.AS_DELIVERED) -> set[int]:
    """Those of these persons of whom nothing strong is known, and who are one with nobody."""
    if not person_ids:
        return set()
    strong = [kind for kind, known in by.kinds.items() if known.is_strong]
    return {r.person_id for r in sql.fetch(Q.visitors, person_ids=sorted(person_ids), strong=strong)}


def held_by(canonical_ids: set[int]) -> dict[int, set[rules.Held]]:
    """Of which kinds these clusters have a number of their own."""
    held: dict[int, set[rules.Held]] = {}
    if canonical_ids:
        for row in sql.fetch(Q.held, canonical_ids=sorted(canonical_ids)):
            held.setdefault(row.canonical_id, set()).add((row.kind, row.scope))
    return held


def counted(canonical_ids: set[int], by: Ruleset) -> dict[int, dict[rules.Held, int]]:
    """How many values these clusters have of what the rules limit."""
    found: dict[int, dict[rules.Held, int]] = {}
    if canonical_ids and by.limits_values:
        for row in sql.fetch(Q.counted, canonical_ids=sorted(canonical_ids), kinds=by.limited):
            held, of_cluster = (
                by.counted_as((row.kind, row.scope, "")),
                found.setdefault(row.canonical_id, {}),
            )
            of_cluster[held] = of_cluster.get(held, 0) + row.count
    return found


def parted_among(canonical_ids: set[int]) -> list[Pair]:
    """Pairs of these clusters whom somebody has parted."""
    return sql.fetch_as(tuple, Q.apart, canonical_ids=sorted(canonical_ids)) if canonical_ids else []


def _bear(assignment: Assignment) -> dict[int, int]:
    """Persons for the placeholders: placeholder → id."""
    if not assignment.born:
        return {}
    ids = [r.id for r in sql.fetch(Q.next_person_ids, count=len(assignment.born))]
    sql.run(Q.add_persons, ids=ids, fact_ids=list(assignment.born.values()))
    return dict(zip(assignment.born, ids, strict=True))


def _add_identifiers(assignment: Assignment, born: dict[int, int]) -> None:
    if not assignment.new_identifiers:
        return
    names = list(assignment.new_identifiers)
    owners = [person for person, _ in assignment.new_identifiers.values()]
    added = sql.run(
        Q.add_identifiers,
        kinds=[n[0] for n in names],
        scopes=[n[1] for n in names],
        keys=[n[2] for n in names],
        person_ids=[None if p is None else born.get(p, p) for p in owners],
        fact_ids=[fact for _, fact in assignment.new_identifiers.values()],
    )
    if added < len(names):
        raise IdentifierRace
    lives.give({name: fact_id for name, (_, fact_id) in assignment.new_identifiers.items()})


def _add_links(assignment: Assignment, born: dict[int, int], actor: Actor) -> None:
    if assignment.links:
        sql.fetch(Q.lock_clusters)
        pairs = [
            (born.get(x.person_a, x.person_a), born.get(x.person_b, x.person_b)) for x in assignment.links
        ]
        made = sql.fetch(
            Q.add_links,
            a=[a for a, _ in pairs],
            b=[b for _, b in pairs],
            fact_ids=[x.fact_id for x in assignment.links],
            actor=str(actor),
            **_columns([x.via for x in assignment.links]),
        )
        # Somebody may have parted two, or joined them, meanwhile
        there = {(r.person_a, r.person_b) for r in made}
        charged = [
            name
            for x, pair in zip(assignment.links, pairs, strict=True)
            if (min(pair), max(pair)) in there
            for name in x.charged
        ]
        sql.run(Q.count_links, **_columns(charged))
        recluster([person for pair in pairs for person in pair])
    if assignment.newly_guarded:
        guard(assignment.newly_guarded)
    _ask(assignment, born)


def _ask(assignment: Assignment, born: dict[int, int]) -> None:
    """Two who stay apart though a record has accounts of both are put before somebody's eyes, once; and once it counts that a
    value stands between them."""
    asked: dict[tuple[str, int, int], tuple[int, dict[str, Any], tuple[rules.Name, ...]]] = {}
    for x in assignment.conflicts:
        a, b = sorted((born.get(x.person_a, x.person_a), born.get(x.person_b, x.person_b)))
        asked.setdefault((code_of(x.kind, x.via), a, b), (x.fact_id, {"kind": x.kind}, x.charged))
    for y in assignment.parted:
        detail = {"kind": y.via[0], "persons": [y.person_a, y.person_b]}
        key = "parted_again", min(y.person_a, y.person_b), max(y.person_a, y.person_b)
        asked.setdefault(key, (y.fact_id, detail, ()))
    if not asked:
        return
    news = sql.fetch(
        Q.ask_of_pairs,
        codes=[code for code, _, _ in asked],
        a=[a for _, a, _ in asked],
        b=[b for _, _, b in asked],
        fact_ids=[fact_id for fact_id, _, _ in asked.values()],
    )
    told = [(r.code, *asked[r.code, r.person_a, r.person_b]) for r in news]
    facts.raise_exceptions([(fact_id, None, code, detail) for code, fact_id, detail, _ in told])
    if charged := [name for *_, names in told for name in names]:
        sql.run(Q.count_links, **_columns(charged))


def code_of(kind: str, via: rules.Name) -> str:
    """An openid is of one unionid: there it is no question of how many accounts somebody has."""
    return "unionid_differs" if (kind, via[0]) == ("unionid", "openid") else "too_many_of_one"


def guard(found: Sequence[tuple[rules.Name, int]]) -> None:
    """Values that name nobody from now on, each with the fact that shows it."""
    sql.run(Q.guard, **_columns([name for name, _ in found]))
    facts.raise_exceptions([(fact, None, "shared_identifier", {"kind": name[0]}) for name, fact in found])


def _columns(names: Sequence[rules.Name]) -> dict[str, list[str]]:
    return {"kinds": [n[0] for n in names], "scopes": [n[1] for n in names], "keys": [n[2] for n in names]}


def recluster(person_ids: Sequence[int]) -> None:
    """Make `person_cluster` agree with the living links around these persons. The caller holds the clusters' lock."""
    reached = sql.fetch(Q.component, person_ids=sorted(set(person_ids)))
    present = {r.person_id: r.canonical_id for r in reached}
    links = sql.fetch(Q.living_links, person_ids=list(present))
    wanted = rules.clusters(present, [(x.person_a, x.person_b) for x in links])
    changed = sorted(p for p, canonical in wanted.items() if present[p] != canonical)
    if not changed:
        return
    sql.run(Q.drop_clusters, person_ids=[p for p in changed if wanted[p] == p])
    sql.run(Q.put_clusters, person_ids=changed, canonical_ids=[wanted[p] for p in changed])
    # Whom they leave keeps his id and yet is another: readers must look at him again too
    told = sorted({*changed, *(present[p] for p in changed)})
    sql.run(Q.log_clusters, person_ids=told, canonical_ids=[wanted[p] for p in told])


def mend_clusters(*, actor: Actor) -> int:
    """Make every stored canonical id what the living links say. Returns how many were not."""
    sql.fetch(Q.lock_clusters)
    wrong = cluster_differences()
    if wrong:
        recluster([d.person_id for d in wrong])
        facts.wake_readers()
        record(actor, "clusters.mended", "person", 0, persons=len(wrong))
    return len(wrong)


def merge(*, person_a: int, person_b: int, reason: str, actor: Actor) -> int:
    """Say by hand that two persons are one. Returns the link's id; refused when they already are."""
    if not reason.strip():
        raise Refused("请写明为什么认为是同一位顾客，以后查依据时要用。")
    sql.fetch(Q.lock_clusters)
    if canonical_id(person_a) == canonical_id(person_b):
        raise Refused("这两位顾客已经合并过了。")
    link = sql.fetch_one(Q.add_link_by_hand, a=person_a, b=person_b, actor=str(actor), reason=reason)
    recluster([person_a, person_b])
    facts.wake_readers()
    record(actor, "person.merged", "person", min(person_a, person_b), link_id=link.id, reason=reason)
    return int(link.id)


def unmerge(*, link_id: int, reason: str, actor: Actor) -> None:
    """Take one link back; the persons it alone held together part again."""
    sql.fetch(Q.lock_clusters)
    pair = sql.fetch_one(Q.remove_link, link_id=link_id, actor=str(actor), reason=reason)
    if pair is None:
        raise NotFound
    has_joined_enough(link_id)
    recluster([pair.person_a, pair.person_b])
    facts.wake_readers()
    record(actor, "person.unmerged", "person", pair.person_a, link_id=link_id, reason=reason)
