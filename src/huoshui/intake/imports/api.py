"""The door for files."""

from __future__ import annotations

from huoshui.intake.files.types import Preview
from huoshui.intake.imports.actions import add_run, set_mapping, start, upload
from huoshui.intake.imports.after import after_settling
from huoshui.intake.imports.reads import preview, problem_file, problems, run_for, runs
from huoshui.intake.imports.runner import Busy, execute
from huoshui.intake.imports.types import Problem, Progress, RunView

__all__ = [
    "Busy",
    "Preview",
    "Problem",
    "Progress",
    "RunView",
    "add_run",
    "after_settling",
    "execute",
    "preview",
    "problem_file",
    "problems",
    "run_for",
    "runs",
    "set_mapping",
    "start",
    "upload",
]
