"""Every door the console goes through: one place tells what the screens depend on."""

from __future__ import annotations

from huoshui.brand import api as brand
from huoshui.core.facts import api as facts
from huoshui.core.facts import desk
from huoshui.core.ledger import api as ledger
from huoshui.core.ledger import explorer
from huoshui.engage.campaigns import api as campaigns
from huoshui.engage.loyalty import api as loyalty
from huoshui.insight import api as insight
from huoshui.intake.devices import api as devices
from huoshui.intake.imports import api as imports
from huoshui.intake.pickup import api as pickup
from huoshui.intake.river import api as river
from huoshui.intake.scans import api as scans
from huoshui.intake.tills import api as tills
from huoshui.intake.tracking import api as tracking
from huoshui.intake.trust import api as trust
from huoshui.intake.visitors import api as visitors
from huoshui.lake import api as lake
from huoshui.people import api as people
from huoshui.trade.bonds import api as bonds
from huoshui.trade.codes import api as codes
from huoshui.trade.commission import api as commission
from huoshui.trade.conduct import api as conduct
from huoshui.trade.leads import api as leads
from huoshui.trade.protection import api as protection
from huoshui.trade.sales import api as sales
from huoshui.web.console import orders

__all__ = [
    "bonds",
    "brand",
    "campaigns",
    "codes",
    "commission",
    "conduct",
    "desk",
    "devices",
    "explorer",
    "facts",
    "imports",
    "insight",
    "lake",
    "leads",
    "ledger",
    "loyalty",
    "orders",
    "people",
    "pickup",
    "protection",
    "river",
    "sales",
    "scans",
    "tills",
    "tracking",
    "trust",
    "visitors",
]
