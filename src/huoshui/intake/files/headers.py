"""Which kind of table a file is, and which of its columns serves which field.

A header is matched by name, never by position or file name, and only when it is a known synonym: a column that
is not understood is left for the user to point at, not guessed.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

KINDS = ("sales", "people", "products", "stores")

_DROPPED = re.compile(r"[\s\u200b-\u200f\ufeff\x00-\x1f_\-·*'\"`]+")
_UNIT = re.compile(r"\((?:元|人民币|¥|rmb|cny|件|个|必填|选填)\)$")


@dataclass(frozen=True)
class Field:
    name: str
    label: str
    type: str
    synonyms: tuple[str, ...]
    example: str
    required: bool = False
    sums: bool = False
    """Several columns may serve it; they are added up."""
    attribute: bool = False
    """Kept among a person's attributes under the field's name."""


@dataclass(frozen=True)
class Kind:
    name: str
    label: str
    fields: tuple[Field, ...]
    any_of: tuple[str, ...] = ()
    """At least one of these must have a column."""

    def field(self, name: str) -> Field:
        return next(field for field in self.fields if field.name == name)


@dataclass(frozen=True)
class Match:
    kind: Kind
    columns: Mapping[str, tuple[int, ...]]
    confidence: float

    @property
    def missing(self) -> tuple[str, ...]:
        return missing(self.kind, self.columns)


def normalise(header: str) -> str:
    """'\ufeff 会员卡号（必填）' → '会员卡号'. Full-width forms fold, 帐 is 账, case and blanks do not count."""
    text = _DROPPED.sub("", unicodedata.normalize("NFKC", header)).casefold().replace("帐", "账")
    return _UNIT.sub("", text)


@cache
def kind(name: str) -> Kind:
    text = resources.files(__package__).joinpath("catalogue", f"{name}.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    fields = tuple(Field(**{**entry, "synonyms": tuple(entry["synonyms"])}) for entry in data["field"])
    return Kind(name, data["label"], fields, tuple(data.get("any_of", ())))


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
    """How many of these cells are known headers: of the one kind, or of the kind that knows most of them."""
    names = {normalise(header) for header in headers} - {""}
    return max(len(names & _ranks(name).keys()) for name in ((kind_name,) if kind_name else KINDS))


def match(headers: Sequence[str], kind_name: str) -> Match:
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


def recognise(headers: Sequence[str]) -> Match:
    """The best of the four kinds. Below 0.6 a required column is missing; the caller asks the user."""
    return max((match(headers, name) for name in KINDS), key=lambda found: found.confidence)


def missing(of: Kind, columns: Mapping[str, object]) -> tuple[str, ...]:
    """Labels of required fields without a column."""
    labels = [field.label for field in of.fields if field.required and field.name not in columns]
    if of.name == "sales" and not columns.keys() & {"amount", "order_amount"}:
        labels.append(of.field("amount").label)
    if of.any_of and not columns.keys() & set(of.any_of):
        labels.append(" 或 ".join(of.field(name).label for name in of.any_of))
    return tuple(labels)
