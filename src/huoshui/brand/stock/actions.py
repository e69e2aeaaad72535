"""Writes of stock on behalf of somebody: each checks whose shelf it is, and the ledger does the rest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NotRequired, TypedDict, Unpack

from huoshui.brand.catalog.models import Sku
from huoshui.brand.stock.tree import the_tree
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.core.ledger import api as ledger
from huoshui.core.ledger.goods import WHOLE_STORE
from huoshui.core.ledger.goods_types import GoodsLine, Policy


class Told(TypedDict):
    """A document of one store. `key` is its number there: the same again is the same document, KeyTaken for another."""

    key: str
    org_unit_id: int
    lines: Sequence[GoodsLine]
    actor: Actor


class Reported(Told):
    occurred_at: NotRequired[datetime | None]


class Reasoned(Reported):
    reason: str


class Sent(Reported):
    to_org_unit_id: int
    reason: NotRequired[str]


def receive_stock(*, reason: str = "", **told: Unpack[Reported]) -> int:
    """Goods that came; `reason`: from whom. Returns the document's fact, as all of these do."""
    _check(told["actor"], told["org_unit_id"], told["lines"])
    return ledger.receive_goods(reason=reason, **told)


def count_stock(*, reason: str = "", **told: Unpack[Told]) -> int:
    """What a stock-take found; quantities are what was counted."""
    _check(told["actor"], told["org_unit_id"], told["lines"])
    return ledger.count_goods(reason=reason, **told)


def adjust_stock(**told: Unpack[Reasoned]) -> int:
    """Put the books right; quantities are differences either way."""
    _check(told["actor"], told["org_unit_id"], told["lines"])
    return ledger.adjust_goods(**told)


def damage_stock(**told: Unpack[Reasoned]) -> int:
    _check(told["actor"], told["org_unit_id"], told["lines"])
    return ledger.damage_goods(**told)


def send_stock(**told: Unpack[Sent]) -> int:
    """The first half of a transfer; StockShort where a strict shelf has less. The goods may go to any unit there is."""
    _check(told["actor"], told["org_unit_id"], told["lines"])
    if told["to_org_unit_id"] not in the_tree().units:
        raise NotFound
    return ledger.send_goods(**told)


def take_in_stock(
    *, key: str, sent_fact_id: int, lines: Sequence[GoodsLine], actor: Actor, reason: str = ""
) -> int:
    """The second half, by whoever the goods were sent to: what has come. What is not named did not."""
    sent = ledger.goods_document(sent_fact_id)
    if sent.other_org_unit_id is None:
        raise NotFound
    _check(actor, sent.other_org_unit_id, lines)
    return ledger.take_in_goods(key=key, sent_fact_id=sent_fact_id, lines=lines, actor=actor, reason=reason)


def set_stock_policy(
    *,
    org_unit_id: int,
    sku_id: int | None = None,
    policy: Policy | None,
    floor_milli: int = 0,
    actor: Actor,
) -> None:
    """Of the whole store or of one product. 'strict': what is not there is not sold; 'open': it is, and shown; None: as
    is set more widely."""
    _check(actor, org_unit_id, [] if sku_id is None else [GoodsLine(sku_id, 0)])
    ledger.set_policy(
        org_unit_id=org_unit_id,
        sku_id=WHOLE_STORE if sku_id is None else sku_id,
        policy=policy,
        floor_milli=floor_milli,
        actor=actor,
    )


def _check(actor: Actor, org_unit_id: int, lines: Sequence[GoodsLine]) -> None:
    the_tree().must_see(actor, org_unit_id)
    sku_ids = {line.sku_id for line in lines}
    if sku_ids and Sku.objects.filter(id__in=sku_ids).count() < len(sku_ids):
        raise NotFound("单据里有商品清单里没有的商品。")
