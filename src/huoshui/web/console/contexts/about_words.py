"""What facts of our own say they are about, on a person's timeline: a segment, what was agreed to, a scanned product."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext

from huoshui.insight.api import tags
from huoshui.web.console.contexts import device_words, rights_words, visit_words


def about(name: str, told: Mapping[str, Any]) -> str:
    """'' for a fact whose door keeps it among its properties."""
    if name in ("Tag Given", "Tag Taken"):
        value = "" if told.get("value") in (None, tags.YES) else str(told["value"])
        return f"{told.get('tag', '')} {value}".strip()
    if name in ("Segment Entered", "Segment Left"):
        return str(told.get("segment", ""))
    if name in ("Tier Reached", "Tier Left"):
        return gettext(str(told["tier"])) if told.get("tier") else ""
    if name in ("Consent Given", "Consent Withdrawn"):
        return _agreed(told)
    return device_words.about(name, told) or visit_words.about(name, told)


def _agreed(told: Mapping[str, Any]) -> str:
    """Purposes in words, each with its channel; as consents tell them, whoever told."""
    properties = told.get("properties")
    given = properties if isinstance(properties, dict) else told
    many = given.get("consents")
    rows = [row for row in (many if isinstance(many, list) else [given]) if isinstance(row, dict)]
    said = []
    for row in rows:
        purpose = rights_words.PURPOSES.get(str(row.get("purpose", "")))
        channel = rights_words.CHANNELS.get(str(row.get("channel", ""))) if row.get("channel") else None
        if purpose is not None:
            said.append(f"{purpose} · {channel}" if channel else str(purpose))
    return gettext("，").join(dict.fromkeys(said))
