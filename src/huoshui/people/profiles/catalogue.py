"""Attributes that have a name of their own; any other keeps the header it came with."""

from __future__ import annotations

LABELS: dict[str, str] = {
    "name": "姓名",
    "gender": "性别",
    "birthday": "生日",
    "joined_at": "入会时间",
    "level": "原会员等级",
    "home_store": "归属门店",
    "age_band": "年龄段",
    "income_band": "家庭年收入",
    "home_ownership": "住房情况",
    "marital_status": "婚姻状况",
    "household_size": "家庭人数",
    "household_comp": "家庭构成",
    "kids_count": "孩子数",
    "city": "城市",
    "occupation": "职业",
    "phone_hint": "手机号（已打码）",
    "answered_at": "答题时间",
}


def label(name: str) -> str:
    return LABELS.get(name, name)
