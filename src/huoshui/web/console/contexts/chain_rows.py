"""What a sale did to points and coupons, told by what is in the books: each movement by its own reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from huoshui.core.actor import Actor
from huoshui.core.ledger.types import DEBT_BUCKET, POINTS
from huoshui.engage.campaigns.api import Held, RedemptionView
from huoshui.trade.sales.api import Chain, ChainRow
from huoshui.web.console import words
from huoshui.web.console.contexts import coupon_form, parties, rooms

SAME_MOMENT, AFTER = "same_moment", "after"
CHANGES = frozenset({"refund", "revision", "supplement"})


@dataclass(frozen=True)
class Told:
    """A row, and the coupon it is about, if any."""

    row: ChainRow
    template_id: int | None = None


def rows(actor: Actor, found: Chain) -> list[Told]:
    """The rows of a chain with points told by their reasons, and the coupons after them."""
    facts = [found.sale.fact_id, *(int(r.ref) for r in found.rows if r.step in CHANGES and r.ref)]
    mine = [*_points(facts), *_coupons(actor, facts)]
    others = [Told(_with_status(row)) for row in found.rows if row.step != "points"]
    place = next(
        (n for n, told in enumerate(others) if told.row.step in {"tier", *CHANGES, "exception"}), len(others)
    )
    return [*others[:place], *mine, *others[place:]]


def _with_status(row: ChainRow) -> ChainRow:
    """What tills call a change is told in words; what a file says is said already."""
    said = words.CHANGES.get(row.detail.removeprefix("状态：")) if row.step in CHANGES else None
    return replace(row, detail=str(said)) if said else row


def _points(facts: Sequence[int]) -> Iterator[Told]:
    for t in rooms.ledger.transfers_of(facts):
        if t.unit != POINTS:
            continue
        when = SAME_MOMENT if t.fact_id == facts[0] else AFTER
        title, detail = _said(t.reason, t.amount, t.from_bucket, t.to_bucket)
        yield Told(ChainRow(when, "points", title, detail, t.posted_at))


def _said(reason: str, amount: int, from_bucket: str, to_bucket: str) -> tuple[str, str]:
    n = f"{amount:,}"
    if reason == "earn":
        when = parties.bucket_name(to_bucket) if to_bucket != DEBT_BUCKET else _("先还了欠着的积分")
        return _("加 {n} 积分").format(n=n), when
    if reason == "spend":
        return _("用掉 {n} 积分").format(n=n), str(words.REASONS["spend"])
    if reason == "spend_back":
        return _("还回 {n} 积分").format(n=n), str(words.REASONS["spend_back"])
    if reason == "take_back":
        owed = from_bucket == DEBT_BUCKET
        said = _("积分已用掉，记为欠积分") if owed else str(words.REASONS["take_back"])
        return _("减 {n} 积分").format(n=n), said
    return _("{n} 积分变动").format(n=n), str(words.REASONS.get(reason, words.ANY_REASON))


def _coupons(actor: Actor, facts: Sequence[int]) -> Iterator[Told]:
    redeemed = rooms.campaigns.redemptions_of(facts)
    if not redeemed:
        return
    held: list[Held] = rooms.campaigns.find([r.code for r in redeemed])
    sees = coupon_form.may_see(actor)
    for r, coupon in zip(redeemed, held, strict=True):
        when = SAME_MOMENT if r.fact_id == facts[0] else AFTER
        template_id = coupon.template_id if sees else None
        title = _("用券：{title}").format(title=r.title)
        yield Told(ChainRow(when, "coupon", title, _bears(r), r.redeemed_at, amount=-r.amount), template_id)
        if r.taken_back_at is not None:
            back = _("券退回：{title}") if _is_given_back(r, coupon) else _("券不还：{title}")
            said = _("整单退了，可以再用") if _is_given_back(r, coupon) else _("整单退了，按券的规则不还")
            yield Told(
                ChainRow(AFTER, "coupon", back.format(title=r.title), said, r.taken_back_at), template_id
            )


def _bears(r: RedemptionView) -> str:
    """The code, and what of it the brand owes the dealer now."""
    if not r.payable:
        return _("券码 {code}").format(code=r.code)
    return _("券码 {code}，品牌应付经销商 {amount}").format(
        code=r.code, amount=parties.amount("payable", r.payable)
    )


def _is_given_back(r: RedemptionView, coupon: Held) -> bool:
    """As its rule had it when the order was taken back."""
    policy = coupon.rule.on_refund.value if coupon.rule else "keep"
    if policy == "give_back_if_valid":
        return bool(coupon.valid_until and r.taken_back_at and coupon.valid_until > r.taken_back_at)
    return policy == "give_back"
