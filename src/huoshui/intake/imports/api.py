"""The door for files."""

from __future__ import annotations

from huoshui.intake.files.headers import Field
from huoshui.intake.files.headers import kind as _kind
from huoshui.intake.files.problems import TEXTS as PROBLEM_TEXTS
from huoshui.intake.files.types import Preview
from huoshui.intake.imports.actions import add_run, set_mapping, start, upload
from huoshui.intake.imports.reads import is_done, may_import, preview, problem_file, problems, run_for, runs
from huoshui.intake.imports.runner import Busy, execute
from huoshui.intake.imports.types import Problem, Progress, RunView

__all__ = [
    "PROBLEM_TEXTS",
    "Busy",
    "Field",
    "Preview",
    "Problem",
    "Progress",
    "RunView",
    "add_run",
    "execute",
    "fields_of",
    "is_done",
    "may_import",
    "preview",
    "problem_file",
    "problems",
    "run_for",
    "runs",
    "set_mapping",
    "start",
    "upload",
]


def fields_of(kind: str) -> tuple[Field, ...]:
    """What a table of this kind may say, for the screen where headers are matched."""
    return _kind(kind).fields
