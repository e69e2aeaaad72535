"""Commands of tills and shops: quote, sale, refund, exchange, void, receipt."""

from __future__ import annotations

from huoshui.intake.river.api import Condition, CouponUse, Tender, Voucher
from huoshui.intake.tills.actions import (
    claim_receipt,
    exchange,
    refund,
    refund_of_other,
    sell,
    sell_one,
    void,
)
from huoshui.intake.tills.claims import ReceiptClaim
from huoshui.intake.tills.desk import (
    RefundChanged,
    WaitingRefund,
    give_back,
    needs_second,
)
from huoshui.intake.tills.desk import (
    alone_upto as refund_alone_upto,
)
from huoshui.intake.tills.desk import (
    approve as approve_refund,
)
from huoshui.intake.tills.desk import (
    find_waiting as find_waiting_refund,
)
from huoshui.intake.tills.desk import (
    limits as refund_limits,
)
from huoshui.intake.tills.desk import (
    reject as reject_refund,
)
from huoshui.intake.tills.desk import (
    set_limit as set_refund_limit,
)
from huoshui.intake.tills.desk import (
    waiting as waiting_refunds,
)
from huoshui.intake.tills.elsewhere import receipt as receipt_of_other
from huoshui.intake.tills.quoting import NothingToQuote, quote
from huoshui.intake.tills.reads import receipt, repeated
from huoshui.intake.tills.rehearsal import CouponBack, Rehearsal, rehearse
from huoshui.intake.tills.types import (
    Basket,
    BasketLine,
    CouponApplied,
    CouponLine,
    CouponNotUsable,
    Earned,
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
    "Earned",
    "Exchange",
    "NothingToQuote",
    "Outcome",
    "PointsOf",
    "Quote",
    "Receipt",
    "ReceiptClaim",
    "ReceiptLine",
    "Refund",
    "RefundChanged",
    "RefundLine",
    "Refusal",
    "Rehearsal",
    "Sale",
    "SaleLine",
    "Tender",
    "Till",
    "Voucher",
    "WaitingRefund",
    "approve_refund",
    "claim_receipt",
    "exchange",
    "find_waiting_refund",
    "give_back",
    "needs_second",
    "quote",
    "receipt",
    "receipt_of_other",
    "refund",
    "refund_alone_upto",
    "refund_limits",
    "refund_of_other",
    "rehearse",
    "reject_refund",
    "repeated",
    "sell",
    "sell_one",
    "set_refund_limit",
    "void",
    "waiting_refunds",
]
