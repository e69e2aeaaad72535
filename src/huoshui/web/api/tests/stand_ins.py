"""A small shop behind the API's doors: what the real rooms would answer, without them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from msgspec import structs

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.engage.campaigns import api as campaigns
from huoshui.engage.campaigns.api import ClaimVerdict, Held
from huoshui.intake.tills import api as t

NOT_FOUND = t.Refusal("not_found", "找不到。")


@dataclass
class Tills:
    """Keeps what it was told; a till sees orders of its own source and of its stores only."""

    sold: dict[tuple[int, str], t.Sale] = field(default_factory=dict)
    seen: dict[tuple[int, str], tuple[Any, t.Outcome]] = field(default_factory=dict)
    fail_with: Exception | None = None
    refuse_with: tuple[t.Refusal, ...] = ()
    asked: list[Any] = field(default_factory=list)

    def quote(self, till: t.Till, basket: t.Basket, *, lock_for: str = "", minutes: int = 10) -> t.Quote:
        self._asked((basket, lock_for, minutes))
        total = sum(line.amount for line in basket.lines)
        unusable = tuple(t.CouponNotUsable(c, "券", "points_short", "积分不够。") for c in basket.coupons)
        return t.Quote(total, 0, total, (), unusable, 10, 0, 0, total // 100, None, "")

    def sell(self, till: t.Till, sales: Sequence[t.Sale]) -> list[t.Outcome]:
        self._asked(list(sales))
        return [self._once(till, sale.key, sale, lambda s=sale: self._sell(till, s)) for sale in sales]

    def sell_one(self, till: t.Till, sale: t.Sale) -> t.Outcome:
        return self.sell(till, [sale])[0]

    def _sell(self, till: t.Till, sale: t.Sale) -> t.Outcome:
        if any(line.sku_code == "BROKEN" for line in sale.lines):
            raise RuntimeError("broken")
        self.sold[till.source_id, sale.order_key] = sale
        amount = sum(line.amount for line in sale.lines)
        return t.Outcome(sale.key, "settled", 1, sale.order_key, amount, points=t.PointsOf(1, 0, 0, 0, 1))

    def refund(self, till: t.Till, refunds: Sequence[t.Refund]) -> list[t.Outcome]:
        self._asked(list(refunds))
        return [self._once(till, r.key, r, lambda r=r: self._refund(till, r)) for r in refunds]

    def refund_of_other(self, till: t.Till, refund: t.Refund) -> t.Outcome:
        [outcome] = self.refund(till, [refund])
        return outcome

    def _refund(self, till: t.Till, refund: t.Refund) -> t.Outcome:
        if (till.source_id, refund.order_key) not in self.sold:
            return t.Outcome(refund.key, "waiting", 2, refund.order_key)
        if not self._may_see(till, refund.order_key):
            return t.Outcome(refund.key, "refused", refusals=(NOT_FOUND,))
        return t.Outcome(refund.key, "settled", 2, refund.order_key, -100, lines=(t.CouponLine(1, -100),))

    def exchange(self, till: t.Till, command: t.Exchange) -> list[t.Outcome]:
        self._asked(command)
        if not self._may_see(till, command.order_key):
            return [t.Outcome(command.key, "refused", refusals=(NOT_FOUND,))] * 2
        back = t.Outcome(command.key, "settled", 3, command.order_key, -100)
        return [back, self.sell(till, [command.sale])[0]]

    def claim_receipt(self, till: t.Till, claim: t.ReceiptClaim) -> t.Outcome:
        self._asked(claim)
        if not self._may_see(till, claim.order_key):
            return t.Outcome(claim.key, "refused", refusals=(NOT_FOUND,))
        return t.Outcome(claim.key, "settled", 5, claim.order_key, 100)

    def void(self, till: t.Till, *, key: str, order_key: str, at: datetime) -> t.Outcome:
        self._asked((key, order_key, at))
        if not self._may_see(till, order_key):
            return t.Outcome(key, "refused", refusals=(NOT_FOUND,))
        return self._once(till, key, at, lambda: t.Outcome(key, "settled", 4, order_key, -100))

    def receipt(self, till: t.Till, order_key: str) -> t.Receipt:
        self._asked(order_key)
        if not self._may_see(till, order_key):
            raise NotFound
        sale = self.sold[till.source_id, order_key]
        lines = tuple(t.ReceiptLine(x.name, x.sku_code, x.quantity_milli, x.amount, 0) for x in sale.lines)
        amount = sum(x.amount for x in sale.lines)
        return t.Receipt(
            order_key, sale.store_code, sale.at, lines, amount, 0, 0, sale.tenders, None, "BIND-1"
        )

    def receipt_of_other(self, till: t.Till, order_key: str, sold_at: str) -> t.Receipt:
        self._asked(sold_at)
        return self.receipt(till, order_key)

    def _may_see(self, till: t.Till, order_key: str) -> bool:
        sale = self.sold.get((till.source_id, order_key))
        return sale is not None and (not till.store_codes or sale.store_code in till.store_codes)

    def _asked(self, what: Any) -> None:
        self.asked.append(what)
        if self.fail_with:
            raise self.fail_with

    def _once(self, till: t.Till, key: str, told: Any, act: Any) -> t.Outcome:
        if self.refuse_with:
            return t.Outcome(key, "refused", refusals=self.refuse_with)
        earlier = self.seen.get((till.source_id, key))
        if earlier is None:
            outcome: t.Outcome = act()
            self.seen[till.source_id, key] = (told, outcome)
            return outcome
        if earlier[0] != told:
            return t.Outcome(key, "refused", refusals=(t.Refusal("key_reused", "键用过了。"),))
        return structs.replace(earlier[1], is_repeat=True)


@dataclass
class Campaigns:
    """One template, 7, of which there is one coupon each."""

    taken: dict[str, tuple[campaigns.Claim, str]] = field(default_factory=dict)
    held: list[Held] = field(default_factory=list)
    given: dict[str, int] = field(default_factory=dict)
    Claim = campaigns.Claim

    def held_by(self, person_ids: Sequence[int]) -> list[Held]:
        return [h for h in self.held if h.owner_id in person_ids]

    def claim(self, claims: Sequence[campaigns.Claim], *, actor: Actor) -> list[ClaimVerdict]:
        return [self._claim(c) for c in claims]

    def _claim(self, asked: campaigns.Claim) -> ClaimVerdict:
        if asked.client_key in self.taken:
            earlier, code = self.taken[asked.client_key]
            if earlier != asked:
                return ClaimVerdict(asked.client_key, refusal="coupon_key_reused")
            return ClaimVerdict(asked.client_key, code, 1, 1, is_repeat=True)
        if asked.template_id != 7:
            return ClaimVerdict(asked.client_key, refusal="coupon_unknown", detail={"code": "x"})
        if any(c.person_id == asked.person_id for c, _ in self.taken.values()):
            return ClaimVerdict(asked.client_key, refusal="points_short")
        self.taken[asked.client_key] = (asked, f"C{len(self.taken)}")
        return ClaimVerdict(asked.client_key, self.taken[asked.client_key][1], 1, 1)

    def transfer(
        self, *, code: str, from_person_id: int, to_person_id: int, key: str, actor: Actor
    ) -> campaigns.Transferred:
        is_repeat = self.given.get(code) == to_person_id
        self.given[code] = to_person_id
        return campaigns.Transferred(code, 9, is_repeat)
