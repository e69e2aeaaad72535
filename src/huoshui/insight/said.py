"""All that answers say in words of their own, Chinese to English, for who tells it in a third language."""

from __future__ import annotations

from collections.abc import Iterator

from huoshui.insight.questions import grade, rfm
from huoshui.insight.questions.groups import kinds
from huoshui.insight.questions.portrait import values
from huoshui.insight.tags.english import WORDS as OF_PACKS


def _pairs() -> Iterator[tuple[str, str]]:
    yield from grade.REASONS.values()
    yield grade.NO_REFERRALS
    yield from rfm.SEGMENT_NAMES.values()
    yield from values.HABITS.values()
    yield from values.VALUES.values()
    yield from OF_PACKS.items()
    for words in (*kinds.GROUPS.values(), *(kind.words for kind in kinds.KINDS), kinds.OTHER):
        yield words.name
        yield words.treatment
        yield words.says


SAID = {chinese: english for chinese, english in _pairs() if chinese}
"""Sentences may have slots, `{gap_days:.0f}`."""
