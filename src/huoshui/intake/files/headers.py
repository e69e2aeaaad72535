"""Which kind of table a file is, and which of its columns serves which field.

A header is matched by name, never by position or file name, and only when it is a known synonym: a column that
is not understood is left for the user to point at, not guessed.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from huoshui.intake.files.formats import registry
from huoshui.intake.files.formats.base import Format
from huoshui.intake.files.kinds import KINDS
from huoshui.intake.files.names import normalise

__all__ = [
    "KINDS",
    "Field",
    "Kind",
    "Match",
    "disambiguate",
    "hits",
    "kind",
    "match",
    "missing",
    "normalise",
    "recognise",
]


@dataclass(frozen=True)
class Field:
    name: str
    label: str
    type: str
    synonyms: tuple[str, ...]
    example: str
    required: bool = False
    sums: bool = False
    """Several columns may serve it; they are added up, words one after another."""
    attribute: bool = False
    """Kept among a person's attributes under the field's name."""
    beside: bool = False
    """What serves it stays an attribute under its own header beside."""


@dataclass(frozen=True)
class Kind:
    name: str
    label: str
    fields: tuple[Field, ...]
    any_of: tuple[str, ...] = ()
    """At least one of these must have a column."""
    key: tuple[str, ...] = ()
    """What tells one row from another."""
    repeats: bool = False
    """Two rows may say the very same and both be meant."""
    unpivot: str = ""
    """'metrics': each number column is a figure of its own."""

    def field(self, name: str) -> Field:
        return next(field for field in self.fields if field.name == name)


@dataclass(frozen=True)
class Match:
    kind: Kind
    columns: Mapping[str, tuple[int, ...]]
    confidence: float
    format: Format | None = None
    """The platform's own export, when it is one."""

    @property
    def missing(self) -> tuple[str, ...]:
        return missing(self.kind, self.columns, self.format)


@cache
def kind(name: str) -> Kind:
    text = resources.files(__package__).joinpath("catalogue", f"{name}.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    fields = tuple(Field(**{**entry, "synonyms": tuple(entry["synonyms"])}) for entry in data["field"])
    return Kind(
        name,
        data["label"],
        fields,
        tuple(data.get("any_of", ())),
        tuple(data.get("key", ())),
        data.get("repeats", False),
        data.get("unpivot", ""),
    )


@cache
def _ranks(kind_name: str) -> dict[str, tuple[str, int]]:
    """Normalised synonym → (field name, rank); the first field that claims a synonym keeps it."""
    ranks: dict[str, tuple[str, int]] = {}
    for field in kind(kind_name).fields:
        for rank, synonym in enumerate((field.label, *field.synonyms)):
            ranks.setdefault(normalise(synonym), (field.name, rank))
    return ranks


def disambiguate(headers: Iterable[str]) -> tuple[str, ...]:
    """The second 分销员 becomes 分销员#2; a column without a header is named by its place."""
    seen: dict[str, int] = {}
    names = []
    for position, header in enumerate(headers, start=1):
        name = " ".join(header.replace("\ufeff", "").split()).lstrip("'`") or f"第{position}列"
        # DuckDB tells the fields of a struct apart regardless of case, so we do.
        count = seen[name.casefold()] = seen.get(name.casefold(), 0) + 1
        names.append(name if count == 1 else f"{name}#{count}")
    return tuple(names)


def hits(headers: Sequence[str], kind_name: str | None = None) -> int:
    """How many of these cells are known headers: of the one kind, or of the kind or format that knows most of them."""
    names = frozenset(normalise(header) for header in headers) - {""}
    of_kinds = max(len(names & _ranks(name).keys()) for name in ((kind_name,) if kind_name else KINDS))
    return max(of_kinds, registry.hits(names))


def match(headers: Sequence[str], kind_name: str, *, own: bool = False, told: Format | None = None) -> Match:
    """The columns by the format the header bears, or that was `told`; `own`: it is nobody's, so by common words only."""
    found = None if own else told or registry.recognise(headers, kind_name)
    if found is None:
        return _by_words(headers, kind_name)
    the_kind = kind(found.kind)
    columns = _by_format(headers, found, the_kind)
    is_complete = not missing(the_kind, columns, found)
    return Match(the_kind, columns, registry.confidence(found, headers, is_complete=is_complete), found)


def _by_format(headers: Sequence[str], of: Format, the_kind: Kind) -> dict[str, tuple[int, ...]]:
    places: dict[str, int] = {}
    for position, header in enumerate(headers):
        places.setdefault(normalise(header), position)
    columns = {}
    for name, theirs in of.columns.items():
        at = tuple(dict.fromkeys(places[each] for each in map(normalise, theirs) if each in places))
        if at:
            columns[name] = at if the_kind.field(name).sums else at[:1]
    return columns


def _by_words(headers: Sequence[str], kind_name: str) -> Match:
    found: dict[str, list[tuple[int, int]]] = {}
    for position, header in enumerate(headers):
        hit = _ranks(kind_name).get(normalise(header))
        if hit:
            found.setdefault(hit[0], []).append((hit[1], position))
    the_kind = kind(kind_name)
    columns = {
        field.name: tuple(position for _, position in sorted(found[field.name])[: None if field.sums else 1])
        for field in the_kind.fields
        if field.name in found
    }
    known = sum(len(places) for places in columns.values())
    score = known / max(len([header for header in headers if header.strip()]), 1)
    complete = not missing(the_kind, columns)
    return Match(the_kind, columns, round(0.6 + 0.4 * score if complete else 0.5 * score, 3))


def recognise(headers: Sequence[str], *, own: bool = False) -> Match:
    """The format whose fingerprint the header bears; else the best of the kinds. Below 0.6 a required column is missing
    or the format is not well attested: the caller asks the user.
    """
    if not own and (found := registry.recognise(headers)):
        return match(headers, found.kind, told=found)
    return max((_by_words(headers, name) for name in KINDS), key=lambda found: found.confidence)


def missing(of: Kind, columns: Mapping[str, object], by: Format | None = None) -> tuple[str, ...]:
    """Labels of required fields without a column."""
    labels = [field.label for field in of.fields if field.required and field.name not in columns]
    if of.name == "sales" and not columns.keys() & {"amount", "order_amount"}:
        labels.append(of.field("amount").label)
    if of.any_of and not columns.keys() & set(of.any_of) and not (by and by.alias):
        labels.append(" 或 ".join(of.field(name).label for name in of.any_of))
    return tuple(labels)
