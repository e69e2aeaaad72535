"""Frozen values of coupons. Money in minor units, quantities in thousandths, shares in permille."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from types import MappingProxyType
from typing import Any, NamedTuple

from huoshui.core.errors import Refused
from huoshui.core.ledger.types import Movement
from huoshui.core.unmet import Unmet, sentence

WHOLE = 1000  # permille
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class BadRule(Refused):
    """优惠券规则写得不对。"""

    code = "bad_rule"

    def __init__(self, place: str, what: str) -> None:
        super().__init__(f"优惠券规则 {place}：{what}" if place else f"优惠券规则：{what}")
        self.place = place


# ── what is given ────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class AmountOff:
    amount: int


@dataclass(frozen=True)
class PercentOff:
    permille: int
    """How much is taken off: 200 is 八折."""
    cap: int | None = None


@dataclass(frozen=True)
class Gift:
    """Pieces of one product in the basket cost nothing."""

    sku: str
    pieces: int = 1


@dataclass(frozen=True)
class FixedPrice:
    """`price` for each of up to `pieces` pieces, the dearest first; with no `pieces`, for all that is in scope together."""

    price: int
    pieces: int | None = None


@dataclass(frozen=True)
class NthItem:
    """Pieces in order of price, dearest first: of each full `nth` the last is cheaper, at most `times` times."""

    nth: int
    permille: int
    times: int = 1


Benefit = AmountOff | PercentOff | Gift | FixedPrice | NthItem

# ── for whom, where, when ────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Goods:
    """Any of these. A category is the beginning of a path, 护肤/面霜."""

    skus: frozenset[str] = frozenset()
    categories: tuple[tuple[str, ...], ...] = ()
    brands: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.skus or self.categories or self.brands)


@dataclass(frozen=True)
class Threshold:
    amount: int = 0
    pieces: int = 0


@dataclass(frozen=True)
class Tiers:
    min_rank: int | None = None
    names: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return self.min_rank is not None or bool(self.names)


@dataclass(frozen=True)
class Times:
    """ISO weekdays, and minutes of the day [from, to); one that ends before it begins runs past midnight."""

    weekdays: frozenset[int] = frozenset()
    hours: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Validity:
    """Days of the brand, first and last included. `days` whole days after the day of issue, which begins it unless it
    begins `after_days` later. Where both are given, the narrower holds."""

    first: date | None = None
    last: date | None = None
    days: int | None = None
    after_days: int = 0


@dataclass(frozen=True)
class Stacking:
    """Two templates of one group do not go together; an exclusive one goes with no other template."""

    group: str = ""
    exclusive: bool = False
    max_per_order: int = 1


class OnRefund(Enum):
    """What becomes of the coupon when its order is wholly taken back."""

    GIVE_BACK = "give_back"
    GIVE_BACK_IF_VALID = "give_back_if_valid"
    KEEP = "keep"


@dataclass(frozen=True)
class Rule:
    benefit: Benefit
    validity: Validity
    threshold: Threshold = Threshold()
    include: Goods = Goods()
    exclude: Goods = Goods()
    org_units: frozenset[int] = frozenset()
    tiers: Tiers = Tiers()
    channels: frozenset[str] = frozenset()
    times: Times = Times()
    stacking: Stacking = Stacking()
    per_person: int | None = None
    total_count: int | None = None
    has_budget: bool = False
    """Whether what it gives away is taken out of money set aside for it (`fund`)."""
    transferable: bool = False
    on_refund: OnRefund = OnRefund.GIVE_BACK
    extend_days: int = 0
    """What is given back can be used for so many days at least."""
    brand_permille: int = WHOLE
    """What the brand bears of the discount; the dealer whose till gave it bears the rest."""

    @property
    def names_products(self) -> bool:
        """Whether lines have to be looked at: their product, category or brand."""
        return bool(self.include or self.exclude) or isinstance(self.benefit, Gift)


# ── a basket, and what coupons give on it ────────────────────────────────────────────────────────────────────────


class BasketLine(NamedTuple):
    """`amount` is after the till's own discount and before coupons."""

    line_no: int
    sku_id: int
    sku_code: str
    quantity_milli: int
    amount: int
    categories: tuple[str, ...] = ()
    """The path, from the top."""
    brand: str = ""


class Basket(NamedTuple):
    """`org_unit_ids` is the store and all above it. `at` is aware; `rules` read weekday and hour off it as it is, so
    `api.best` first brings it to the brand's zone. `order_key` names the order whose lock counts as our own."""

    lines: tuple[BasketLine, ...]
    at: datetime
    org_unit_ids: tuple[int, ...] = ()
    channel: str = ""
    person_id: int | None = None
    tier_rank: int | None = None
    tier: str = ""
    source_id: int = 0
    order_key: str = ""


class Held(NamedTuple):
    """A coupon as somebody holds it, or knows its code. `rule` is the one it was issued under, None for a code that
    is nobody's. `owner_id` is canonical; `problem` is what speaks against it whatever the basket."""

    code: str
    rule: Rule | None
    title: str = ""
    template_id: int = 0
    coupon_id: int = 0
    owner_id: int | None = None
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    locked_for: str | None = None
    """`lock_key` of an order; None also when the lock has run out."""
    budget_left: int | None = None
    problem: str = ""
    detail: Mapping[str, Any] = _NOTHING


class LineShare(NamedTuple):
    line_no: int
    amount: int


class Applied(NamedTuple):
    held: Held
    amount: int
    lines: tuple[LineShare, ...]


class NotUsable(NamedTuple):
    """`reason` is a code of `core.unmet`, `detail` fills its sentence."""

    held: Held
    reason: str
    detail: Mapping[str, Any] = _NOTHING


class Proposal(NamedTuple):
    """In the order in which the coupons are applied."""

    applied: tuple[Applied, ...] = ()
    not_usable: tuple[NotUsable, ...] = ()

    @property
    def amount(self) -> int:
        return sum(a.amount for a in self.applied)


class CouponRefused(Refused):
    """这张券现在不能这样用。"""

    def __init__(self, code: str, detail: Mapping[str, Any] | None = None) -> None:
        super().__init__(sentence(code, detail))
        self.code = code
        self.detail = dict(detail or {})


# ── commands and answers ─────────────────────────────────────────────────────────────────────────────────────────


class Transferred(NamedTuple):
    code: str
    fact_id: int
    is_repeat: bool = False


class Claim(NamedTuple):
    """`client_key` is the caller's own and makes the claim once."""

    template_id: int
    person_id: int
    client_key: str


@dataclass(frozen=True)
class ClaimVerdict:
    """Either a code, or why not: a code of `core.unmet`."""

    client_key: str
    code: str = ""
    coupon_id: int = 0
    fact_id: int = 0
    refusal: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)
    is_repeat: bool = False


class LockFailure(NamedTuple):
    code: str
    reason: str


@dataclass(frozen=True)
class TemplateView:
    id: int
    title: str
    state: str
    version: int
    rule: Rule
    sentence: str
    issued_count: int
    redeemed_count: int
    given_amount: int
    """What it has given away, less what was taken back."""
    total_count: int | None
    budget_left: int | None
    changed_at: datetime


@dataclass(frozen=True)
class Redeemed:
    """What the river posts, and what could not be had. `shown`: what asked refunds found wrong with the coupons of their
    orders, which is no wish of theirs and refuses nobody his money."""

    movements: Sequence[Movement] = ()
    unmet: Sequence[Unmet] = ()
    shown: Sequence[Unmet] = ()


@dataclass(frozen=True)
class RedemptionView:
    fact_id: int
    coupon_id: int
    code: str
    title: str
    amount: int
    brand_permille: int
    payable: int
    """What the brand owes the dealer for it now."""
    redeemed_at: datetime
    taken_back_at: datetime | None
    lines: tuple[LineShare, ...]


# ── what the world around a sale knows ───────────────────────────────────────────────────────────────────────────


class Product(NamedTuple):
    code: str
    categories: tuple[str, ...]
    brand: str


class Place(NamedTuple):
    """A store: itself and the units above it, and its dealer, if it has one."""

    org_unit_ids: tuple[int, ...]
    dealer_id: int | None


class Tier(NamedTuple):
    """As `loyalty` ranks them."""

    rank: int
    name: str


# ── what a template offers ───────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Offer:
    """A template as a claim finds it, under lock."""

    id: int
    title: str
    state: str
    version: int
    rule: Rule
    issued_count: int
    budget_left: int | None
