"""What a coupon's number states, and that the rule written from it is one the engine reads and gives."""

from __future__ import annotations

from datetime import date

import pytest

from huoshui.engage.campaigns import api as campaigns
from huoshui.project.sample import coupons
from huoshui.project.sample.coupons import Offer

A_DAY, A_YEAR_END = date(2017, 3, 3), date(2017, 12, 31)


@pytest.mark.parametrize(
    ("upc", "offer"),
    [
        (51111073935, Offer(35)),
        (52100026076, Offer(100)),
        (54300016033, Offer(100, 2)),
        (51380041013, Offer(100, 4)),
        (51111000014, Offer(None, 2)),
        (51111000001, Offer(None)),
        (51111000000, None),  # the cashier decides
        (10000085479, None),  # the retailer's own
        (5111107393, None),
    ],
)
def test_the_number_states_the_offer(upc: int, offer: Offer | None) -> None:
    assert coupons.stated(upc) == offer


@pytest.mark.parametrize(
    ("amount", "match"), [(20, 20), (50, 50), (55, 45), (75, 25), (99, 1), (100, 0), (200, 0)]
)
def test_the_retailer_matches_up_to_a_dollar(amount: int, match: int) -> None:
    assert Offer(amount).match == match
    assert Offer(amount, is_matched=False).match == 0


def test_no_code_states_two_things() -> None:
    tables = [coupons._PLAIN, coupons._ONE_PIECE, coupons._SEVERAL, coupons._FREE]
    codes = [code for table in tables for code in table]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    ("offer", "said"),
    [
        (Offer(55), "减 0.55 元"),
        (Offer(100, 2), "满 2 件减 1 元"),
        (Offer(None), "每件 0 元，限 1 件"),
        (Offer(None, 2), "满 2 件第 2 件免费"),
    ],
)
def test_the_rule_is_one_the_engine_reads(offer: Offer, said: str) -> None:
    told = coupons.rule(offer, skus=["2", "1"], first=A_DAY, last=A_YEAR_END)
    assert campaigns.sentence(campaigns.read_rule(told)).startswith(f"{said}，限商品 1、2")


def test_the_match_is_on_the_same_goods() -> None:
    told = coupons.rule(Offer(55), skus=["1"], first=A_DAY, last=A_YEAR_END)
    matched = campaigns.read_rule(coupons.match_rule(told, Offer(55)))
    assert campaigns.sentence(matched).startswith("减 0.45 元，限商品 1")
    assert matched.include == campaigns.read_rule(told).include
