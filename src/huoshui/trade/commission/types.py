from __future__ import annotations

from datetime import date
from typing import NamedTuple

from huoshui.core.errors import Refused

HEAD_OFFICE = 0
"""As a payer and employer."""


class Order(NamedTuple):
    """What bears on whom an order is credited to. `dealer_id` None: head office's own shop."""

    order_id: int
    position: int
    person_id: int | None
    store_id: int | None
    dealer_id: int | None
    guide_id: int | None
    business_day: date
    is_new: bool
    claim_fact_id: int | None = None
    """Of whoever claimed it by its receipt, where the till named nobody."""

    @property
    def employer_id(self) -> int:
        return self.dealer_id or HEAD_OFFICE


class Bringer(NamedTuple):
    """Who brought her: by a code, or as the one who has served her. `how`: 'code' or 'bond'."""

    how: str
    guide_id: int | None
    dealer_id: int | None
    fact_id: int

    @property
    def employer_id(self) -> int:
        return self.dealer_id or HEAD_OFFICE


class Recommender(NamedTuple):
    person_id: int
    by_person_id: int
    fact_id: int


class Decision(NamedTuple):
    """Who is to have an employer's commission after all: (staff, permille)."""

    employer_id: int
    shares: tuple[tuple[int, int], ...]
    fact_id: int


class Party(NamedTuple):
    payee_kind: str
    payee_id: int
    payer_id: int


class Credit(NamedTuple):
    role: str
    party: Party
    permille: int
    rule_version: int
    because_fact_id: int | None
    because: str
    buyer_id: int | None = None
    recommender_id: int | None = None

    @property
    def kind(self) -> str:
        return {"recommender": "reward", "fee": "fee", "area": "fee"}.get(self.role, "commission")


class Sold(NamedTuple):
    """What is left of an order's money for one product."""

    sku: str
    categories: tuple[str, ...]
    amount: int


class Due(NamedTuple):
    """What an order is worth to a payee, and the sales it is for. `release_days` after the order it is no longer frozen."""

    party: Party
    kind: str
    amount: int
    base: int
    rule_version: int
    release_days: int


class BadTerms(Refused):
    """提成规则填得不对。"""

    code = "bad_commission_rules"


class PyramidForbidden(Refused):
    """推荐奖励只能按被推荐人自己买的东西给推荐人一层。按拉来的人头，或者按下线的业绩给钱，是《禁止传销条例》第七条禁止的传销。"""

    code = "pyramid_forbidden"


class BadShares(Refused):
    """各人的份额加起来要正好是 100%，而且都是这家的员工。"""

    code = "bad_shares"


class PeriodOpen(Refused):
    """这个月还没有过完，不能关账。"""

    code = "period_open"


class SayWhy(Refused):
    """请写明哪里不对，或者为什么这样定。"""

    code = "say_why"
