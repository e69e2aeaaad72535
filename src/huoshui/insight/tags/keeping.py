"""What rules say of people: segments keep it current (`segments.keepers`), and it is written down here as it comes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from huoshui.core import sql
from huoshui.insight.segments.keepers import Keeper, Spell
from huoshui.insight.tags.jobs import tend_soon
from huoshui.people import api as people

Q = sql.load("huoshui.insight.tags")

_WHY = {"rule": "rule", "merged": "merged", "consent": "consent", "changed": "revised", "archived": "revised"}


def refuses(used_for: str, judged_in: Callable[[], Sequence[int]]) -> set[int]:
    """Of a sensitive tag, whoever has not consented to the use of sensitive data for itself (PIPL art. 29)."""
    row = sql.fetch_one(Q.sensitive, name=used_for.partition(".")[2])
    if row is None or not row.is_sensitive:
        return set()
    return people.unconsented(judged_in(), "sensitive")


def follow(spells: Sequence[Spell]) -> None:
    sql.run(
        Q.follow,
        ids=[s.id for s in spells],
        segment_ids=[s.segment_id for s in spells],
        person_ids=[s.person_id for s in spells],
        sinces=[s.since for s in spells],
        untils=[s.until for s in spells],
        whys=[_WHY.get(s.left_why, "") for s in spells],
        ins=[s.in_went_on for s in spells],
        outs=[s.out_went_on for s in spells],
    )
    touched = sql.fetch(Q.of_segments, segment_ids=sorted({s.segment_id for s in spells}))
    sql.run(Q.set_stale, ids=[row.tag_id for row in touched])
    tend_soon()


def known() -> set[str]:
    return {f"tag.{row.name}" for row in sql.fetch(Q.names)}


KEEPER = Keeper(refuses, follow, known)
