"""Columns that several questions answer with, and mean the same by."""

from __future__ import annotations

from huoshui.insight.types import Column

WHO = (
    Column("people", "顾客数", "Customers", "count", opens=True),
    Column("share", "顾客占比", "Share of customers", "share"),
    Column("amount", "成交额", "Sales", "money"),
    Column("amount_share", "成交额占比", "Share of sales", "share"),
)
ORDERS_EACH = Column("orders_per_person", "人均单数", "Orders per customer", "ratio")
TICKET = Column("ticket", "客单价", "Ticket", "money")
