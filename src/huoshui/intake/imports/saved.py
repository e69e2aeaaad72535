"""How tables of a source were read before, found again by their headers."""

from __future__ import annotations

from collections.abc import Sequence

from huoshui.intake.files.names import normalise
from huoshui.intake.imports.models import SavedMapping
from huoshui.intake.imports.types import Saved

_ALIKE = 0.8
"""Of all headers of both files: a column more or less is still the same table."""


def find(headers: Sequence[str], *, source_name: str = "") -> Saved | None:
    """Of this source, or of any: the newest that names only headers which are here."""
    here = {normalise(header) for header in headers} - {""}
    kept = SavedMapping.objects.order_by("-saved_at")
    for each in kept.filter(source_name=source_name) if source_name else kept:
        told = (theirs if isinstance(theirs, list) else [theirs] for theirs in each.mapping.values())
        named = {normalise(header) for headers_ in told for header in headers_}
        there = set(each.headers)
        if named <= here and len(there & here) >= _ALIKE * len(there | here):
            return Saved(each.source_name, each.kind, each.format, each.mapping, each.saved_at)
    return None


def has_any(source_name: str) -> bool:
    return SavedMapping.objects.filter(source_name=source_name).exists()
