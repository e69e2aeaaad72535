"""The catalogue of measures with all that stands beside the lake: what screens, the API and exports ask."""

from __future__ import annotations

from collections.abc import Mapping

from huoshui.insight.api import metrics
from huoshui.intake.visitors import api as visitors
from huoshui.trade.commission import api as commission

BESIDE: Mapping[str, metrics.Beside] = {
    "footfall": visitors.footfall,
    "commission": commission.by_day_and_store,
}
