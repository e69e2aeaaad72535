"""Header names, as far as they may be written otherwise and mean the same."""

from __future__ import annotations

import re
import unicodedata

_DROPPED = re.compile(r"[\s\u200b-\u200f\ufeff\x00-\x1f_\-·*'\"`]+")
_UNIT = re.compile(r"\((?:元|人民币|¥|rmb|cny|件|个|必填|选填|单选题?|多选题?|填空题?)\)$")
_NUMBER = re.compile(r"^\d{1,3}[、.](?=\D)")


def normalise(header: str) -> str:
    """'\ufeff 会员卡号（必填）' → '会员卡号'. Full-width forms fold, 帐 is 账.

    Case, blanks and a question's number do not count.
    """
    text = _DROPPED.sub("", unicodedata.normalize("NFKC", header)).casefold().replace("帐", "账")
    return _NUMBER.sub("", _UNIT.sub("", text))
