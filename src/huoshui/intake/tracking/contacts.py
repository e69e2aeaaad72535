"""Contacts inside a body: whoever reads the database must not read them. Kept, sealed, with their last four."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from huoshui.core.crypto import seal

_KEYS = frozenset(
    {
        *(
            "phone",
            "phonenumber",
            "phone_number",
            "mobile",
            "mobilephone",
            "mobile_phone",
            "tel",
            "telephone",
        ),
        *("email", "e_mail", "emailaddress", "email_address"),
        *("手机", "手机号", "电话", "邮箱"),
    }
)
_EXTERNAL = frozenset({"phone", "email"})

_SPELLED = {spelling for key in _KEYS for spelling in (json.dumps(key), json.dumps(key, ensure_ascii=False))}
PATTERN = b"|".join([*(re.escape(spelling.encode()) for spelling in sorted(_SPELLED)), rb"\\u00[0-7]"])
"""Finds, without reading it, whether a body may hold one. A letter that stands in escapes is reason enough to look."""


def sealed(value: Any) -> Any:
    """The same with every contact sealed, wherever it stands; NUL, which the database has no place for, is dropped."""
    if isinstance(value, dict):
        if isinstance(value.get("id"), str) and value.get("type") in _EXTERNAL:
            value = value | {"id": _sealed(value["id"])}
        return {
            name.replace("\x00", ""): _sealed(one)
            if name.lower() in _KEYS and isinstance(one, str | int) and one != ""
            else sealed(one)
            for name, one in value.items()
        }
    if isinstance(value, list):
        return [sealed(one) for one in value]
    return value.replace("\x00", "") if isinstance(value, str) else value


def _sealed(value: Any) -> dict[str, str]:
    text = str(value).replace("\x00", "")
    return {"sealed": base64.b64encode(seal(text)).decode(), "tail4": text[-4:] if len(text) > 4 else ""}
