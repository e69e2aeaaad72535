"""Every address of the API: importing these declares them."""

from __future__ import annotations

from huoshui.web.api import customers, exchanges, pages, segments, shelves, stock, views, visits

__all__ = ["customers", "exchanges", "pages", "segments", "shelves", "stock", "views", "visits"]
