"""The doors the API goes through, in one place."""

from __future__ import annotations

from huoshui.brand import api as brand
from huoshui.core.facts import api as facts
from huoshui.engage.campaigns import api as campaigns
from huoshui.engage.loyalty import api as loyalty
from huoshui.insight.api import metrics, segments, tags
from huoshui.intake.river import api as river
from huoshui.intake.tills import api as tills
from huoshui.intake.visitors import api as visitors
from huoshui.people import api as people
from huoshui.trade.leads import api as leads
from huoshui.trade.sales import api as sales

__all__ = [
    "brand",
    "campaigns",
    "facts",
    "leads",
    "loyalty",
    "metrics",
    "people",
    "river",
    "sales",
    "segments",
    "tags",
    "tills",
    "visitors",
]
