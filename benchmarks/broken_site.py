"""The product's application with the lock out that BENCH_BROKEN names. Only `benchmarks.broken` serves it."""

from __future__ import annotations

import os

from benchmarks.broken import KINDS
from huoshui.project.wsgi import application

__all__ = ["application"]

KINDS[os.environ["BENCH_BROKEN"]]()
