"""What a rule reads, and whether some people alone can be judged anew."""

from __future__ import annotations

from huoshui.insight.rules.check import walk
from huoshui.insight.rules.types import (
    Anniversary,
    Balance,
    Distance,
    Facts,
    Graded,
    Known,
    Member,
    Needs,
    Number,
    Reached,
    Rule,
    Score,
    Sequence,
    Since,
    Tagged,
    Top,
)

BY_PLACE = "排名要和所有人比，一个人变了，别人的名次也会变，所以每次整体重算。"
BY_ORDER = "先后顺序要看每个人的全部动态，不能从按天的汇总里得出，所以每次整体重算。"


PLACED = Top | Score | Graded
"""What one person is depends on everyone else."""


def needs(rule: Rule) -> Needs:
    nodes = [node for _place, node in walk(rule)]
    whole = BY_ORDER if any(isinstance(n, Sequence | Reached) for n in nodes) else ""
    if any(isinstance(n, PLACED) for n in nodes):
        whole = BY_PLACE
    return Needs(
        facts=frozenset(n.name for n in nodes if isinstance(n, Facts)),
        states=frozenset(n.key for n in nodes if isinstance(n, Known | Number | Anniversary))
        | frozenset(f"tag.{n.tag}" for n in nodes if isinstance(n, Tagged | Since))
        | frozenset(f"balance.{n.unit}" for n in nodes if isinstance(n, Balance))
        | frozenset(
            key for n in nodes if isinstance(n, Distance) for key in ("attr.latitude", "attr.longitude")
        ),
        segments=frozenset(n.segment for n in nodes if isinstance(n, Member)),
        whole=whole,
    )
