"""Relations between people: who brought whom, who lives or works with whom, who serves whom (ADR 0024)."""

from __future__ import annotations

from huoshui.people.relations.actions import decide, declare, end
from huoshui.people.relations.proposing import propose
from huoshui.people.relations.reading import read, rebuild
from huoshui.people.relations.reads import (
    brought_of,
    counts,
    edges_of,
    most_bringing,
    open_proposals,
    proposals_of,
    reach,
)
from huoshui.people.relations.rules import KINDS, MOST_DEEP
from huoshui.people.relations.types import Brought, Edge, Kind, Proposal, Reach

__all__ = [
    "KINDS",
    "MOST_DEEP",
    "Brought",
    "Edge",
    "Kind",
    "Proposal",
    "Reach",
    "brought_of",
    "counts",
    "decide",
    "declare",
    "edges_of",
    "end",
    "most_bringing",
    "open_proposals",
    "proposals_of",
    "propose",
    "reach",
    "read",
    "rebuild",
]
