"""Every door the console goes through: one place tells what the screens depend on."""

from __future__ import annotations

from huoshui.brand import api as brand
from huoshui.core.facts import desk
from huoshui.core.ledger import api as ledger
from huoshui.core.ledger import explorer
from huoshui.engage.loyalty import api as loyalty
from huoshui.insight import api as insight
from huoshui.intake.imports import api as imports
from huoshui.intake.river import api as river
from huoshui.lake import api as lake
from huoshui.people import api as people
from huoshui.trade.sales import api as sales

__all__ = [
    "brand",
    "desk",
    "explorer",
    "imports",
    "insight",
    "lake",
    "ledger",
    "loyalty",
    "people",
    "river",
    "sales",
]
