"""The door for files."""

from __future__ import annotations

from huoshui.intake.files.formats.base import Format
from huoshui.intake.files.formats.registry import ALL as FORMATS
from huoshui.intake.files.headers import Field
from huoshui.intake.files.headers import kind as _kind
from huoshui.intake.files.kinds import KINDS
from huoshui.intake.files.problems import TEXTS as PROBLEM_TEXTS
from huoshui.intake.files.stage import AUTO, OWN
from huoshui.intake.files.types import Preview
from huoshui.intake.imports.actions import add_run, save_mapping, set_mapping, start, upload
from huoshui.intake.imports.quarantine import (
    approve_release,
    decline_release,
    mark_quarantine,
    quarantine_of,
    reject_quarantined,
    release,
)
from huoshui.intake.imports.quarantine_types import (
    LABELS as PROVENANCE_LABELS,
)
from huoshui.intake.imports.quarantine_types import (
    LEGAL_BASES,
    PROVENANCE_FIELDS,
    RELATIONS,
    NotHeld,
    ProvenanceIncomplete,
    Quarantined,
    QuarantineReasonMissing,
    QuarantineView,
    SourceOfOurOwn,
)
from huoshui.intake.imports.reads import (
    is_done,
    is_told,
    may_import,
    preview,
    problem_file,
    problems,
    run_for,
    runs,
    source_names,
)
from huoshui.intake.imports.rehearsal import orders_of_undo, persons_of_undo, rehearse_undo
from huoshui.intake.imports.runner import Busy, execute
from huoshui.intake.imports.sources import source_for
from huoshui.intake.imports.tag_choices import choose_tags, tag_words
from huoshui.intake.imports.tag_column import TagWordsUnknown, TooManyTagWords
from huoshui.intake.imports.tag_column import Word as TagWord
from huoshui.intake.imports.types import Problem, Progress, RunView
from huoshui.intake.imports.undo import approve_undo, figures, reject_undo, undo, undo_of, undo_states
from huoshui.intake.imports.undo_types import (
    AlreadyUndone,
    ListRows,
    NotUndoable,
    OrderOfUndo,
    OrderSince,
    PointsOf,
    Rehearsal,
    UndoReasonMissing,
    UndoView,
)
from huoshui.intake.imports.undoing import debts_of, execute_undo

__all__ = [
    "AUTO",
    "FORMATS",
    "KINDS",
    "LEGAL_BASES",
    "OWN",
    "PROBLEM_TEXTS",
    "PROVENANCE_FIELDS",
    "PROVENANCE_LABELS",
    "RELATIONS",
    "AlreadyUndone",
    "Busy",
    "Field",
    "Format",
    "ListRows",
    "NotHeld",
    "NotUndoable",
    "OrderOfUndo",
    "OrderSince",
    "PointsOf",
    "Preview",
    "Problem",
    "Progress",
    "ProvenanceIncomplete",
    "QuarantineReasonMissing",
    "QuarantineView",
    "Quarantined",
    "Rehearsal",
    "RunView",
    "SourceOfOurOwn",
    "TagWord",
    "TagWordsUnknown",
    "TooManyTagWords",
    "UndoReasonMissing",
    "UndoView",
    "add_run",
    "approve_release",
    "approve_undo",
    "choose_tags",
    "debts_of",
    "decline_release",
    "execute",
    "execute_undo",
    "fields_of",
    "figures",
    "is_done",
    "is_told",
    "label_of",
    "mark_quarantine",
    "may_import",
    "orders_of_undo",
    "persons_of_undo",
    "preview",
    "problem_file",
    "problems",
    "quarantine_of",
    "rehearse_undo",
    "reject_quarantined",
    "reject_undo",
    "release",
    "run_for",
    "runs",
    "save_mapping",
    "set_mapping",
    "source_for",
    "source_names",
    "start",
    "tag_words",
    "undo",
    "undo_of",
    "undo_states",
    "upload",
]


def fields_of(kind: str) -> tuple[Field, ...]:
    """What a table of this kind may say, for the screen where headers are matched."""
    return _kind(kind).fields


def label_of(kind: str) -> str:
    return _kind(kind).label
