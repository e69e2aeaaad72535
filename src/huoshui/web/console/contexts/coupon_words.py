"""A coupon's rule as one sentence in the language of the page."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.translation import gettext as _

from huoshui.engage.campaigns.api import Rule
from huoshui.web.console import numbers
from huoshui.web.console.contexts import rooms
from huoshui.web.console.retell import retell

_FIRST = re.compile(r"(满 [\d.]+ (?:元|件)(?:且 \d+ 件)?)(.+)", re.DOTALL)


def rule_sentence(rule: Rule, names: Mapping[int, str] | None = None) -> str:
    """As its room says it; in another language part by part, since a rule is a list of short sayings."""
    said: str = rooms.campaigns.sentence(rule, names=names)
    if numbers.language() == "zh_Hans":
        return said
    first, *others = said.split("，")
    split = _FIRST.fullmatch(first)
    head = [retell(split[1]), retell(split[2])] if split else [retell(first)]
    return _("，").join([*head, *(retell(part) for part in others)])


def unit_names(rule: Rule) -> dict[int, str]:
    return dict(rooms.brand.unit_names(sorted(rule.org_units))) if rule.org_units else {}
