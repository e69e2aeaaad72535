"""Versions of what people write: segments and tags tell theirs alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol, TypeVar

from huoshui.web.api.answers import Answer


class VersionView(Answer, frozen=True, kw_only=True):
    version: int
    sentence: str
    by: str
    reason: str
    saved_at: datetime


class Kept(Protocol):
    """A version as its room keeps it."""

    @property
    def version_no(self) -> int: ...
    @property
    def actor_name(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def saved_at(self) -> datetime: ...
    def sentence(self, language: str) -> str: ...


K = TypeVar("K", bound=Kept)
V = TypeVar("V", bound=VersionView)


def versions(
    found: Iterable[K], language: str, view: type[V], own: Callable[[K], Mapping[str, Any]]
) -> list[V]:
    """`own`: what this kind of version tells besides."""
    return [
        view(
            version=one.version_no,
            sentence=one.sentence(language),
            by=one.actor_name,
            reason=one.reason,
            saved_at=one.saved_at,
            **own(one),
        )
        for one in found
    ]
