"""Every address of the API: importing these declares them."""

from __future__ import annotations

from huoshui.web.api import (
    customers,
    exchanges,
    leads,
    metrics,
    pages,
    segment_schedule,
    segments,
    shelves,
    stock,
    tags,
    views,
    visits,
)

__all__ = [
    "customers",
    "exchanges",
    "leads",
    "metrics",
    "pages",
    "segment_schedule",
    "segments",
    "shelves",
    "stock",
    "tags",
    "views",
    "visits",
]
