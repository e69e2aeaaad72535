"""Every door the console goes through: one place tells what the screens depend on."""

from __future__ import annotations

from huoshui.brand import api as brand
from huoshui.engage.loyalty import api as loyalty
from huoshui.insight import api as insight
from huoshui.intake.imports import api as imports
from huoshui.lake import api as lake
from huoshui.people import api as people
from huoshui.trade.sales import api as sales

__all__ = ["brand", "imports", "insight", "lake", "loyalty", "people", "sales"]
