"""Commands of tills and shops: quote, sale, refund, exchange, void, receipt."""

from __future__ import annotations

from huoshui.intake.river.api import Condition, CouponUse, Tender, Voucher
from huoshui.intake.tills.actions import claim_receipt, exchange, refund, sell, sell_one, void
from huoshui.intake.tills.claims import ReceiptClaim
from huoshui.intake.tills.quoting import NothingToQuote, quote
from huoshui.intake.tills.reads import receipt
from huoshui.intake.tills.rehearsal import CouponBack, Rehearsal, rehearse
from huoshui.intake.tills.types import (
    Basket,
    BasketLine,
    CouponApplied,
    CouponLine,
    CouponNotUsable,
    Exchange,
    Outcome,
    PointsOf,
    Quote,
    Receipt,
    ReceiptLine,
    Refund,
    RefundLine,
    Refusal,
    Sale,
    SaleLine,
    Till,
)

__all__ = [
    "Basket",
    "BasketLine",
    "Condition",
    "CouponApplied",
    "CouponBack",
    "CouponLine",
    "CouponNotUsable",
    "CouponUse",
    "Exchange",
    "NothingToQuote",
    "Outcome",
    "PointsOf",
    "Quote",
    "Receipt",
    "ReceiptClaim",
    "ReceiptLine",
    "Refund",
    "RefundLine",
    "Refusal",
    "Rehearsal",
    "Sale",
    "SaleLine",
    "Tender",
    "Till",
    "Voucher",
    "claim_receipt",
    "exchange",
    "quote",
    "receipt",
    "refund",
    "rehearse",
    "sell",
    "sell_one",
    "void",
]
