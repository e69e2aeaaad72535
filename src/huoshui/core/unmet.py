"""A consequence that could not be had. An ask is refused for it; a report is kept, and the exception shown for mending."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from string import Formatter
from typing import Any

_SENTENCES: dict[str, str] = {}
_FIGURED: dict[str, str] = {}


@dataclass(frozen=True)
class Unmet:
    """`code` is stable and told to callers of the API; `detail` fills the code's sentence."""

    fact_id: int
    code: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    line_no: int | None = None


def sentences(of: Mapping[str, str]) -> None:
    """A room says, once and where it is imported, what its codes mean: code → Chinese sentence with {fields}."""
    for code, sentence in of.items():
        if _SENTENCES.setdefault(code, sentence) != sentence:
            raise ValueError(f"two sentences for {code}")


def figured(of: Mapping[str, str]) -> None:
    """What a code says where its figures are told with it: not everybody who says it knows them."""
    for code, sentence in of.items():
        if _FIGURED.setdefault(code, sentence) != sentence:
            raise ValueError(f"two sentences for {code}")


def are_told(text: str, detail: Mapping[str, Any] | None) -> bool:
    """Whether `detail` has all figures of a sentence."""
    return {name for _, name, _, _ in Formatter().parse(text) if name} <= (detail or {}).keys()


def sentence(code: str, detail: Mapping[str, Any] | None = None) -> str:
    """In the user's words: what went wrong and how to mend it."""
    with_figures = _FIGURED.get(code, "")
    text = with_figures if with_figures and are_told(with_figures, detail) else _SENTENCES[code]
    return text.format_map(_Told(detail or {}))


def templates() -> dict[str, str]:
    """Every sentence that was said to be one, by code (and "<code> figured"), with its {fields}."""
    return _SENTENCES | {f"{code} figured": text for code, text in _FIGURED.items()}


def codes() -> list[str]:
    return sorted(_SENTENCES)


class _Told(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return "？"
