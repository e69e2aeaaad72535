"""Shares, lifts and whether they are more than chance: no database, no clock."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from huoshui.insight.portraits.types import Counted, Trait
from huoshui.insight.questions.portrait.chance import Counts, p_value, significant
from huoshui.insight.questions.portrait.values import label, value_name

FEWEST_WITH_VALUE = 5
"""A value that fewer people have says nothing of anybody."""


def compared(
    cells: Sequence[Counted],
    *,
    lang: str = "zh",
    stores: Mapping[str, str] | None = None,
    without: Collection[str] = (),
) -> tuple[Trait, ...]:
    """The group against those of the others who are not in it; `without`: attributes that define the group."""
    told = [
        c
        for c in cells
        if c.attribute not in without
        and c.group
        and c.base
        and c.group_has + c.base_has - c.both_has >= FEWEST_WITH_VALUE
    ]
    chances = [p_value(_counts(c)) for c in told]
    traits = [
        _trait(c, p, sure, lang, stores or {})
        for c, p, sure in zip(told, chances, significant(chances), strict=True)
    ]
    return tuple(sorted(traits, key=_most_telling))


def _counts(cell: Counted) -> Counts:
    rest_has, rest = cell.base_has - cell.both_has, cell.base - cell.both
    return Counts(cell.group_has, cell.group, min(rest_has, rest), rest)


def _trait(cell: Counted, p: float | None, sure: bool, lang: str, stores: Mapping[str, str]) -> Trait:
    share, base_share = cell.group_has / cell.group, cell.base_has / cell.base
    attribute, value = cell.attribute, cell.value
    named = stores.get(value, value) if attribute == "home_store" else value_name(attribute, value, lang)
    return Trait(
        attribute=attribute,
        value=value,
        attribute_name=label(attribute, lang),
        value_name=named,
        people=cell.group_has,
        share=share,
        base_people=cell.base_has,
        base_share=base_share,
        lift=share / base_share if base_share else None,
        p_value=p,
        is_significant=sure,
    )


def _most_telling(trait: Trait) -> tuple[bool, float, str, str]:
    return not trait.is_significant, -abs(trait.share - trait.base_share), trait.attribute, trait.value
