"""Whom the tests of stock are about: a brand with a warehouse of its own, and two dealers with theirs."""

from __future__ import annotations

from dataclasses import dataclass

from huoshui.brand.catalog.models import Sku
from huoshui.brand.org.models import OrgUnit
from huoshui.core.actor import Actor
from huoshui.core.ledger.api import GoodsLine
from huoshui.core.tests.ground import number


@dataclass(frozen=True)
class Cast:
    headquarters: int
    own_store: int
    ann: int  # a dealer
    ann_east: int
    ann_west: int
    ben: int
    ben_store: int
    cap: int
    hat: int

    @property
    def of_ann(self) -> Actor:
        return dealer(self.ann)

    @property
    def of_ben(self) -> Actor:
        return dealer(self.ben)


def dealer(org_unit_id: int) -> Actor:
    return Actor("staff", org_unit_id, "经销商", frozenset({"dealer"}), frozenset({org_unit_id}))


def a_cast() -> Cast:
    headquarters = unit("headquarters", None)
    region = unit("region", headquarters)
    ann, ben = unit("dealer", region), unit("dealer", region)
    return Cast(
        headquarters=headquarters,
        own_store=unit("store", region),
        ann=ann,
        ann_east=unit("store", ann),
        ann_west=unit("store", ann),
        ben=ben,
        ben_store=unit("store", ben),
        cap=product("帽子", 10_000),
        hat=product("礼帽", 20_000),
    )


def unit(kind: str, parent_id: int | None) -> int:
    code = f"{kind} {number()}"
    return int(OrgUnit.objects.create(code=code, name=f"名 {code}", kind=kind, parent_id=parent_id).id)


def product(name: str, list_price: int) -> int:
    made = Sku.objects.create(code=f"K{number()}", name=name, list_price=list_price, category_1="服装")
    return int(made.id)


def lines(cast: Cast, *, cap: int = 0, hat: int = 0) -> list[GoodsLine]:
    told = {cast.cap: cap, cast.hat: hat}
    return [GoodsLine(sku_id, n * 1000) for sku_id, n in told.items() if n]
