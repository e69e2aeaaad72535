"""A rule as one plain sentence, in Chinese and in English, for whoever has to agree with it."""

from __future__ import annotations

import re

from huoshui.insight.rules.chinese import Chinese
from huoshui.insight.rules.english import English
from huoshui.insight.rules.types import Rule
from huoshui.insight.rules.wording import Language


def sentence(rule: Rule, language: Language) -> str:
    """`language`: zh or en."""
    told = Chinese().condition(rule) if language == "zh" else English().condition(rule)
    if language == "zh":
        # Latin letters stand apart from characters
        told = re.sub(r"(?<=[一-鿿，])(?=RFM)", " ", told) + (" " if told[-1].isascii() else "")
    return f"{told}的顾客。" if language == "zh" else f"Customers {told}."
