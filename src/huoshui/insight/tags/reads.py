"""What of tags is shown. Which there are is head office's to see; what is said of a person, whoever may see her, but nothing
sensitive outside of head office."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta

from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.insight.segments import reads as kept
from huoshui.insight.segments.actions import require
from huoshui.insight.segments.types import Kept
from huoshui.insight.tags import rules
from huoshui.insight.tags.actions import may_see
from huoshui.insight.tags.types import BELIEVED, Day, Named, Passage, Tag, Version, Wearer, Wearers, Worn
from huoshui.people import api as people

Q = sql.load("huoshui.insight.tags")


def listed(actor: Actor, *, with_archived: bool = False) -> list[Tag]:
    """By category, then name."""
    require(may_see(actor))
    return _tags(None, with_archived)


def find(actor: Actor, tag_id: int) -> Tag:
    """Raises NotFound."""
    require(may_see(actor))
    found = _tags([tag_id], True)
    if not found:
        raise NotFound
    return found[0]


def find_key(key: str) -> int | None:
    row = sql.fetch_one(Q.by_key, key=key)
    return int(row.id) if row else None


def find_to_give(actor: Actor, key: str) -> Named | None:
    """A tag of this key that the actor may give, if it is switched on."""
    row = sql.fetch_one(Q.by_key, key=key)
    return Named(row.id, row.is_sensitive) if row and (may_see(actor) or not row.is_sensitive) else None


def to_give(actor: Actor) -> list[Tag]:
    """Tags the actor may give by hand."""
    return [t for t in _tags(None, False) if t.state == "on" and (may_see(actor) or not t.is_sensitive)]


def _tags(ids: Sequence[int] | None, with_archived: bool) -> list[Tag]:
    rows = sql.fetch(Q.listed, ids=None if ids is None else list(ids), archived=with_archived)
    kept_of = _standing([row.id for row in rows if row.state == "on"])
    found = []
    for row in rows:
        definition = rules.from_json(json.loads(row.definition))
        standing = kept_of.get(row.id, [])
        errors = [row.error, *(k.error for k in standing)]
        found.append(
            Tag(
                id=row.id,
                key=row.key,
                name=row.name,
                category=row.category,
                kind=row.kind,
                is_sensitive=row.is_sensitive,
                lifetime_days=row.lifetime_days,
                tells_facts=row.tells_facts,
                state=row.state,
                owner_name=row.owner_name,
                pack=row.pack,
                version_no=row.version_no,
                error=next((e for e in errors if e), ""),
                is_pending=row.state == "on"
                and (
                    any(k.is_pending for k in standing)
                    or bool(definition.guesses and row.inferred_version != row.version_no)
                ),
                people=row.people,
                created_at=row.created_at,
                saved_at=row.saved_at,
                says_zh=row.says_zh,
                says_en=row.says_en,
                told={value: (said[0], said[1]) for value, said in json.loads(row.told).items()},
                definition=definition,
            )
        )
    return found


def _standing(tag_ids: Sequence[int]) -> dict[int, list[Kept]]:
    """Of those tags that rules tell."""
    of_segments = {r.segment_id: r.tag_id for r in sql.fetch(Q.rules_of, tag_ids=list(tag_ids))}
    found: dict[int, list[Kept]] = {}
    for segment_id, one in kept.standing(list(of_segments)).items():
        found.setdefault(of_segments[segment_id], []).append(one)
    return found


def versions(actor: Actor, tag_id: int) -> list[Version]:
    """The newest first."""
    find(actor, tag_id)
    return [
        Version(
            r.version_no,
            rules.from_json(json.loads(r.definition)),
            r.says_zh,
            r.says_en,
            r.actor_name,
            r.reason,
            r.saved_at,
        )
        for r in sql.fetch(Q.versions, tag_id=tag_id)
    ]


def counts(actor: Actor, tag_id: int) -> dict[str, int]:
    """Value → how many wear it, the most first."""
    require(may_see(actor))
    return {r.value: r.people for r in sql.fetch(Q.counts, tag_id=tag_id)}


def days(actor: Actor, tag_id: int, *, since: date | None = None) -> list[Day]:
    require(may_see(actor))
    since = since or clock.today() - timedelta(days=90)
    return sql.fetch_as(Day, Q.days, tag_id=tag_id, since=since)


def wearing(
    actor: Actor, tag_id: int, *, value: str | None = None, after: int = 0, limit: int = 50
) -> list[int]:
    """A page of ids, ascending, as they were recorded: of one human there may be two."""
    require(may_see(actor))
    found = sql.fetch(Q.wearing, tag_id=tag_id, value=value, after=after, limit=limit)
    return [r.person_id for r in found]


def wearers(
    actor: Actor, tag_id: int, *, value: str | None = None, after: int = 0, limit: int = 100
) -> Wearers:
    """A page of humans, ascending by the least id under which the tag is said of them. What may not be said of somebody any
    more is left out at once, not only when it is ended; so a page may be short; `next` alone tells whether it is the last."""
    tag = find(actor, tag_id)
    recorded = wearing(actor, tag_id, value=value, after=after, limit=limit + 1)
    following, recorded = (
        (recorded[limit - 1], recorded[:limit]) if len(recorded) > limit else (None, recorded)
    )
    canonical = people.canonical_ids(recorded)
    own = dict(people.members_of(sorted(set(canonical.values()))))
    refused = people.unconsented(list(own), "sensitive") if tag.is_sensitive else set()
    unprofiled = people.unprofiled(list(own)) if own else set()
    said: dict[int, list[Wearer]] = {}
    for row in sql.fetch(Q.worn_by, tag_id=tag_id, person_ids=sorted(own), at=clock.now()):
        is_machine = row.source in ("rule", "model", "inference")
        if row.person_id not in refused and not (is_machine and row.person_id in unprofiled):
            said.setdefault(own[row.person_id], []).append(Wearer(**row._asdict()))
    found = []
    for person_id in recorded:
        mine = said.get(canonical[person_id], [])
        # Of two ids of one human the other page may tell the first
        ids = [w.person_id for w in mine if value in (None, w.value)]
        if not ids or min(ids) != person_id:
            continue
        worn = [w._replace(person_id=canonical[person_id]) for w in rules.believed(tag.kind, mine)]
        found += [w for w in worn if value in (None, w.value)]
    return Wearers(found, following)


def lately(actor: Actor, tag_id: int, *, limit: int = 8) -> tuple[list[Passage], list[Passage]]:
    """Who was given it last, and of whom it was taken."""
    require(may_see(actor))
    return (
        sql.fetch_as(Passage, Q.lately, tag_id=tag_id, limit=limit),
        sql.fetch_as(Passage, Q.lately_ended, tag_id=tag_id, limit=limit),
    )


def of_person(actor: Actor, person_id: int) -> list[Worn]:
    """What is believed of a human now, whichever of her ids it was said of. Raises NotFound."""
    return _believed(_said(actor, person_id, None))


def ask_by_hand(person_ids: Sequence[int], keys: Sequence[str]) -> sql.Asked:
    """(key, value) of what hands said by these tags, none of them sensitive, and what is believed now; the newest first. Of
    persons the caller may see, all ids of a human, together with the next statement that is waited for."""
    return sql.ask(Q.by_hand, person_ids=list(person_ids), keys=list(keys), now=clock.now())


def why(actor: Actor, person_id: int, tag_id: int) -> list[Worn]:
    """All that is and was said of her by one tag, what holds and is believed first. Raises NotFound."""
    return _said(actor, person_id, tag_id)


def history(actor: Actor, person_id: int) -> list[Worn]:
    return _said(actor, person_id, None)


def _believed(said: Sequence[Worn]) -> list[Worn]:
    by_tag: dict[int, list[Worn]] = {}
    now = clock.now()
    for one in said:
        if one.until is None and (one.expires_at is None or one.expires_at > now):
            by_tag.setdefault(one.tag_id, []).append(one)
    return [one for worn in by_tag.values() for one in rules.believed(worn[0].kind, worn)]


def _worn(row: sql.Row) -> Worn:
    own = row._asdict() | {"why": tuple(json.loads(row.why))}
    own.pop("whole")
    return Worn(**own)


def _said(actor: Actor, person_id: int, tag_id: int | None) -> list[Worn]:
    head = people.card_for(actor, person_id).person_id
    rows = sql.fetch(Q.of_persons, person_ids=people.members(head), tag_id=tag_id, order=list(BELIEVED))
    found = [_worn(row) for row in rows]
    # What she has just refused is ended within the minute; until then it is not shown
    if not may_see(actor) or (any(w.is_sensitive for w in found) and people.unconsented([head], "sensitive")):
        found = [w for w in found if not w.is_sensitive]
    if any(w.source in ("rule", "model", "inference") for w in found) and people.unprofiled([head]):
        found = [w for w in found if w.until is not None or w.source in ("hand", "import")]
    return found
