"""Words that a list writes in its column of tags: which tag each one means, and what an undone list had said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.errors import Refused
from huoshui.insight.segments.actions import require
from huoshui.insight.tags import rules
from huoshui.insight.tags.actions import define, may_write
from huoshui.insight.tags.jobs import tend_soon
from huoshui.insight.tags.reads import to_give
from huoshui.insight.tags.types import YES, Definition, Tag

Q = sql.load("huoshui.insight.tags")

_PAIR = re.compile(r"\s*[:：=＝]\s*")


class Meaning(NamedTuple):
    tag_id: int
    name: str
    value: str


def meanings_of(words: Sequence[str], *, actor: Actor) -> dict[str, Meaning]:
    """Understood without asking: a tag's name, `name：value`, or a value that one tag alone has. Of tags that are on."""
    known = to_give(actor)
    by_name = {tag.name: tag for tag in known}
    by_value: dict[str, list[Tag]] = {}
    for tag in known:
        for value in rules.all_values(tag.definition) if tag.kind in ("one", "several") else ():
            by_value.setdefault(value, []).append(tag)
    found = {}
    for word in words:
        name, *rest = _PAIR.split(word, maxsplit=1)
        if word in by_name and by_name[word].kind == "flag":
            found[word] = Meaning(by_name[word].id, word, YES)
        elif rest and name in by_name and (value := _value(by_name[name], rest[0])):
            found[word] = Meaning(by_name[name].id, name, value)
        elif len(owners := by_value.get(word, [])) == 1:
            found[word] = Meaning(owners[0].id, owners[0].name, word)
    return found


def _value(tag: Tag, said: str) -> str:
    """'' where the tag has no such value."""
    if tag.kind == "flag":
        return YES if said in (YES, "1", "true", "有", "yes") else ""
    try:
        return rules.clean_value(tag.kind, said, tag.definition)
    except Refused:
        return ""


def makeable(word: str) -> bool:
    """Whether there can be a tag of this name."""
    return len(word) <= rules.MOST_NAME and "." not in word


def make_of(word: str, *, origin: str, actor: Actor) -> int:
    """A new tag that one has or has not, named as a list writes it. Raises TagRefused."""
    require(may_write(actor))
    number = sql.fetch_one(Q.next_listed).number
    made = define(
        key=f"listed_{number}",
        name=word,
        kind="flag",
        definition=Definition(),
        category="名单",
        reason=f"名单里有：{origin}",
        actor=actor,
    )
    return made.tag_id


def undo_import(origin: str) -> int:
    """What a list said is taken back; what it had replaced holds again. How many words of it held. May be run again."""
    at = clock.now()
    taken = sql.fetch(Q.undo_origin, origin=origin, at=at)
    back = sql.fetch(Q.say_again, origin=origin, at=at)
    sql.run(Q.set_stale, ids=sorted({row.tag_id for row in (*taken, *back)}))
    if taken or back:
        tend_soon()
    return len(taken)


def said_by(origin: str) -> int:
    """How many words of a list hold now."""
    return int(sql.fetch_one(Q.said_by, origin=origin).words)
