"""How many would wear a tag, before anybody saves it. Reads the lake, writes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pyarrow as pa

from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.core.errors import Refused
from huoshui.insight.segments import judging
from huoshui.insight.segments.actions import require
from huoshui.insight.segments.counting import counting
from huoshui.insight.segments.preview import profiled, sample
from huoshui.insight.tags import actions, inferring, rules
from huoshui.insight.tags.types import Definition


class TagCountTooLong(Refused):
    """人太多，30 秒内没有数完。可以不等，直接保存或装上，系统会在后台算好。"""

    code = "tag_count_too_long"


class Tried(NamedTuple):
    """Of one value: how many would wear it, and some of them; its rule in words, '' where it is weighed."""

    value: str
    people: int
    sample: tuple[int, ...]
    sentence_zh: str
    sentence_en: str


def preview(kind: str, definition: Definition, *, actor: Actor, token: str = "") -> list[Tried]:
    """Of each value that is told by a rule or weighed. Raises BadRule, TagRefused, TagCountTooLong, CalledOff. A token is
    used as for a segment's preview."""
    require(actions.may_see(actor))
    definition = actions.cleaned(kind, definition)
    with counting(actor, token=token, too_long=TagCountTooLong) as is_called_off:
        return tried(kind, definition, is_called_off)


def tried(kind: str, definition: Definition, is_called_off: Callable[[], bool]) -> list[Tried]:
    """`definition` as `actions.cleaned` leaves it."""
    at, told = clock.now(), actions.told(definition)
    found = []
    for value, rule in rules.apart(kind, definition.rules):
        whom = profiled(judging.whom(judging.parse(rule), at, is_called_off))
        found.append(Tried(value, len(whom), sample(whom), *told[value]))
    weighed = inferring.weigh(definition.guesses, kind, at, is_called_off=is_called_off)
    for guess in definition.guesses:
        ids = (p for p, v in zip(weighed.person_ids, weighed.values, strict=True) if v == guess.value)
        whom = profiled(pa.chunked_array([pa.array(ids, pa.int64())]))
        found.append(Tried(guess.value, len(whom), sample(whom), "", ""))
    return found
