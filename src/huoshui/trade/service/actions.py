"""Three taps: a fact, and tags that fade. Callers hold the transaction."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import Note as FactNote
from huoshui.insight.api import tags
from huoshui.people import api as people
from huoshui.trade.service import rules
from huoshui.trade.service.types import NOTED, Note, Noted, NoteKeyReused, Question

_REASON = "导购三下记好"
_CATEGORY = "导购记录"


def note(said: Note, *, looked: Iterable[str], actor: Actor) -> Noted:
    """What a guide taps of a customer she may see, once for each key. `looked` are the categories she could choose from.

    Raises NotFound, NothingTapped, AnswerUnknown, NoteKeyReused.
    """
    person_id = people.card_for(actor, said.person_id).person_id
    rules.checked(said, looked)
    key = f"guide note:{actor}:{said.key}"
    body = {"whom": said.whom, "looked": said.looked, "took": said.took}
    made = facts.note([FactNote(NOTED, key, person_id, said.at, body)], actor=actor)
    if key not in made:
        return _before(key, person_id, body)
    for question, value in rules.said_of(said):
        tags.give(person_id=person_id, tag_id=_tag(question), value=value, reason=_REASON, actor=actor)
    return Noted(made[key], is_repeat=False)


def _before(key: str, person_id: int, body: dict[str, Any]) -> Noted:
    known = facts.noted(key)
    same = known and known.body == body and known.person_id is not None
    if not known or not same or people.canonical_id(known.person_id or 0) != person_id:
        raise NoteKeyReused
    return Noted(known.fact_id, is_repeat=True)


def _tag(question: Question) -> int:
    """Made when it is first said."""
    found = tags.find_key(question.key)
    if found is not None:
        return found
    is_one = question is rules.WHOM
    is_flag = question is rules.TOOK
    values = tuple(question.values.values()) if is_one else ()
    return tags.define(
        key=question.key,
        name=question.name,
        kind="one" if is_one else "flag" if is_flag else "several",
        definition=tags.Definition(meaning=_REASON, values=values),
        category=_CATEGORY,
        lifetime_days=question.lifetime_days,
        actor=SYSTEM,
    ).tag_id
