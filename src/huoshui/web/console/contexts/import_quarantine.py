"""隔离: what came from others, where it is from, how much of it we know, and who decides about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from huoshui.core.actor import Actor
from huoshui.core.errors import Refused
from huoshui.intake.imports.api import QuarantineView, RunView
from huoshui.web.console import words
from huoshui.web.console.contexts import rooms
from huoshui.web.console.contexts.people import Choice

CLOSED = ("held", "asked", "rejected")
SAMPLES = 5
_PERSONAL = frozenset({"name", "birthday", "phone_hint", "receiver", "receiver_phone", "address"})


@dataclass(frozen=True)
class Overlap:
    label: str
    told: int
    known: int


@dataclass(frozen=True)
class QuarantineContext:
    view: QuarantineView
    state: str
    means: str
    tone: str
    relation: str
    legal_basis: str
    persons_known: int
    overlaps: tuple[Overlap, ...]
    headers: tuple[str, ...]
    samples: tuple[tuple[str, ...], ...]
    may_decide: bool
    is_asked: bool
    reason: str
    url: str


@dataclass(frozen=True)
class ProvenanceForm:
    """What is asked of files that are not our own; `is_told`: it has been said, and stands."""

    is_told: bool
    is_open: bool
    relations: tuple[Choice, ...]
    legal_bases: tuple[Choice, ...]
    said: Mapping[str, str]


def quarantine(actor: Actor, run: RunView, *, reason: str = "") -> QuarantineContext | None:
    """None where a run is our own."""
    found = rooms.imports.quarantine_of(actor, run.id) if run.quarantine else None
    if found is None:
        return None
    headers, samples = _masked(actor, run) if found.state in ("held", "asked") else ((), ())
    counts = found.counts
    return QuarantineContext(
        view=found,
        state=str(words.QUARANTINE_STATES[found.state]),
        means=str(words.QUARANTINE_MEANS[found.state]),
        tone="red" if found.state == "rejected" else "clay",
        relation=str(words.RELATIONS[found.relation]),
        legal_basis=str(words.LEGAL_BASES[found.legal_basis]),
        persons_known=counts.get("persons_known", 0),
        overlaps=tuple(
            Overlap(str(label), counts[f"told_{kind}"], counts[f"known_{kind}"])
            for kind, label in words.OVERLAPS.items()
            if counts.get(f"told_{kind}")
        ),
        headers=headers,
        samples=samples,
        may_decide=found.state in ("held", "asked"),
        is_asked=found.state == "asked",
        reason=reason,
        url=reverse("console:import-quarantine", args=[run.id]),
    )


def _masked(actor: Actor, run: RunView) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The first rows, with whatever may point at a person covered: a column that nobody has named may hold anything."""
    try:
        seen = rooms.imports.preview(actor, run.id)
    except Refused:
        return (), ()
    plain = {
        header
        for name, told in seen.mapping.items()
        if name not in _PERSONAL and name not in rooms.people.KINDS
        for header in ((told,) if isinstance(told, str) else told)
    }
    rows = tuple(
        tuple(
            cell if header in plain else _covered(cell)
            for header, cell in zip(seen.headers, row, strict=False)
        )
        for row in seen.samples[:SAMPLES]
    )
    return seen.headers, rows


def _covered(cell: str) -> str:
    return f"{cell[:1]}***" if cell.strip() else cell


def form(run: RunView, posted: Mapping[str, str] | None) -> ProvenanceForm:
    said = {name: (posted or {}).get(name, "") for name in words.PROVENANCE}
    return ProvenanceForm(
        is_told=run.quarantine == "marked",
        is_open=bool(said["relation"]),
        relations=tuple(Choice(n, str(label), n == said["relation"]) for n, label in words.RELATIONS.items()),
        legal_bases=tuple(
            Choice(n, str(label), n == said["legal_basis"]) for n, label in words.LEGAL_BASES.items()
        ),
        said=said,
    )


def missing(names: tuple[str, ...]) -> str:
    labels = _("、").join(str(words.PROVENANCE[name]) for name in names)
    return _("收购来的和合作方给的数据要写明来历，还缺：{fields}。").format(fields=labels)


def provenance(view: QuarantineView) -> str:
    """In a line."""
    return _("{relation}：{who}，{day}，{contract}；{basis}；告知书 {notice}").format(
        relation=words.RELATIONS[view.relation],
        who=view.from_whom,
        day=view.obtained_on,
        contract=view.contract,
        basis=words.LEGAL_BASES[view.legal_basis],
        notice=view.notice_version,
    )
