"""How far the data can be trusted, and where each number comes from."""

from __future__ import annotations

from huoshui.intake.trust.access import may_act, may_see, sees_all, source_labels, sources_for, units_for
from huoshui.intake.trust.figures import FIGURES, Figure
from huoshui.intake.trust.fold import fold
from huoshui.intake.trust.lineage import PAGE, lineage, origin_of, rows_in_file, runs_of, sku_of, unit_of
from huoshui.intake.trust.mending import Swap, Told, mend_rows, settle_again, tell_events
from huoshui.intake.trust.reads import DAYS_SHOWN, RUNS_COUNTED, coverage, newest_day, overview, source_trust
from huoshui.intake.trust.rejected import bad_rows, causes
from huoshui.intake.trust.types import (
    FEEDS,
    STAGES,
    Asked,
    BadRow,
    Cause,
    FactOrigin,
    Fault,
    FieldShare,
    FigureTrust,
    FileRow,
    FoldReport,
    Lag,
    Lineage,
    LineageRow,
    Origin,
    Overview,
    SourceTrust,
    StoreCoverage,
    Volume,
)

__all__ = [
    "DAYS_SHOWN",
    "FEEDS",
    "FIGURES",
    "PAGE",
    "RUNS_COUNTED",
    "STAGES",
    "Asked",
    "BadRow",
    "Cause",
    "FactOrigin",
    "Fault",
    "FieldShare",
    "Figure",
    "FigureTrust",
    "FileRow",
    "FoldReport",
    "Lag",
    "Lineage",
    "LineageRow",
    "Origin",
    "Overview",
    "SourceTrust",
    "StoreCoverage",
    "Swap",
    "Told",
    "Volume",
    "bad_rows",
    "causes",
    "coverage",
    "fold",
    "lineage",
    "may_act",
    "may_see",
    "mend_rows",
    "newest_day",
    "origin_of",
    "overview",
    "rows_in_file",
    "runs_of",
    "sees_all",
    "settle_again",
    "sku_of",
    "source_labels",
    "source_trust",
    "sources_for",
    "tell_events",
    "unit_of",
    "units_for",
]
