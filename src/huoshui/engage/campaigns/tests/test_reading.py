"""A rule as it is written: read strictly, told in one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from huoshui.engage.campaigns.reading import read_rule
from huoshui.engage.campaigns.saying import sentence
from huoshui.engage.campaigns.types import BadRule

FULL: Mapping[str, Any] = {
    "benefit": {"kind": "amount_off", "amount": 20_00},
    "threshold": {"amount": 200_00},
    "scope": {"include": {"categories": ["护肤"]}, "exclude": {"skus": ["P9"]}},
    "org_units": [3],
    "tiers": {"min_rank": 1},
    "channels": ["门店"],
    "times": {"weekdays": [6, 7], "hours": [["10:00", "22:00"]]},
    "validity": {"days": 30},
    "stacking": {"group": "新客", "max_per_order": 2},
    "per_person": 1,
    "total_count": 500,
    "has_budget": True,
    "transferable": True,
    "refund": {"policy": "give_back", "extend_days": 7},
    "bearers": {"brand": 700, "dealer": 300},
}


def test_the_rule_in_one_sentence() -> None:
    plain = {k: FULL[k] for k in ("benefit", "threshold", "validity", "per_person")}
    assert sentence(read_rule(plain)) == (
        "满 200 元减 20 元，领取后 30 天内有效，每人限领 1 张，可与其他券同用，整单退货还券"
    )
    assert sentence(read_rule(FULL), names={3: "一店"}) == (
        "满 200 元减 20 元，限护肤类，商品 P9除外，限一店使用，限门店渠道，限等级 1 及以上的会员，限星期六、日，"
        "限 10:00–22:00，领取后 30 天内有效，每人限领 1 张，共 500 张，每单最多用 2 张，不可与“新客”组的其他券同用，"
        "可转赠，整单退货还券，至少再用 7 天，费用品牌承担 70%，经销商承担 30%"
    )


@pytest.mark.parametrize(
    ("benefit", "said"),
    [
        ({"kind": "percent_off", "permille": 150, "cap": 50_00}, "打 8.5 折，最多减 50 元"),
        ({"kind": "gift", "sku": "P1"}, "送 P1 1 件"),
        ({"kind": "fixed_price", "price": 9_90, "pieces": 2}, "每件 9.90 元，限 2 件"),
        ({"kind": "nth_item", "nth": 2, "permille": 500}, "第 2 件半价"),
    ],
)
def test_each_kind_in_words(benefit: dict[str, Any], said: str) -> None:
    assert sentence(read_rule({"benefit": benefit, "validity": {"days": 1}})).startswith(said)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"colour": 1}, "colour"),
        ({"benefit": {"kind": "magic"}}, "benefit.kind"),
        ({"benefit": {"kind": "amount_off", "amount": 0}}, "benefit.amount"),
        ({"benefit": {"kind": "amount_off", "amount": True}}, "benefit.amount"),
        ({"benefit": {"kind": "amount_off", "amount": 1, "cap": 2}}, "benefit.cap"),
        ({"benefit": {"kind": "fixed_price", "price": 1}, "threshold": None}, "threshold"),
        ({"scope": {"include": {"sku": ["x"]}}}, "scope.include.sku"),
        ({"scope": {"include": {"skus": []}}}, "scope.include.skus"),
        ({"scope": {"only": {}}}, "scope.only"),
        ({"validity": {}}, "validity"),
        ({"validity": {"first": "2026-02-02", "last": "2026-01-01"}}, "validity.last"),
        ({"validity": {"last": "soon"}}, "validity.last"),
        ({"times": {"weekdays": [8]}}, "times.weekdays[0]"),
        ({"times": {"hours": [["9", "10:00"]]}}, "times.hours[0][0]"),
        ({"bearers": {"brand": 900}}, "bearers"),
        ({"refund": {"policy": "burn"}}, "refund.policy"),
        ({"refund": {"policy": "keep", "extend_days": 3}}, "refund.extend_days"),
        ({"per_person": -1}, "per_person"),
        ({"stacking": "no"}, "stacking"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(change: dict[str, Any], place: str) -> None:
    with pytest.raises(BadRule) as error:
        read_rule({**FULL, **change})
    assert error.value.place == place
    assert str(error.value).startswith(f"优惠券规则 {place}：")
