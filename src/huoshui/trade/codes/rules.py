"""What a code must say. Pure."""

from __future__ import annotations

from huoshui.trade.codes.types import KINDS, BadCode

_TITLE = 40


def checked_title(title: str) -> str:
    found = " ".join(title.split())
    if not found or len(found) > _TITLE:
        raise BadCode(f"请给这个码起个名字，最多 {_TITLE} 个字。")
    return found


def check(
    *, kind: str, store_id: int | None, guide_id: int | None, person_id: int | None, template_id: int | None
) -> None:
    if kind not in KINDS:
        raise BadCode("没有这一种活码。")
    if kind == "guide" and (guide_id is None or store_id is None):
        raise BadCode("专属码要选门店和导购。")
    if kind in ("store", "shelf") and store_id is None:
        raise BadCode("门店码和货架码要选门店。")
    if kind == "campaign" and template_id is None:
        raise BadCode("活动码要选一张优惠券。")
    if (kind == "recommender") != (person_id is not None):
        raise BadCode("推荐码要写明是哪位顾客的，别的码不写。")
    if kind != "guide" and guide_id is not None:
        raise BadCode("只有专属码记在导购名下。")
