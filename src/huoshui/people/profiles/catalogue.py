"""Attributes that have a name of their own; any other keeps the header it came with."""

from __future__ import annotations

import re
from typing import Any, Final

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
    "latitude": "住处纬度",
    "longitude": "住处经度",
}


SENSITIVE: Final = (
    "健康状况|病史|疾病|病情|慢性病|过敏|用药|怀孕|孕期|残疾|宗教|信仰|身份证|护照号|证件号"
    "|社保号|医保|银行卡|银行账号|指纹|人脸|虹膜"
    "|性取向|犯罪记录|health_condition|disease"
    "|medical|allerg|medication|pregnan|disab|religio|id_card|id_number"
    "|passport|biometric"
    "|bank_account|bank_card|sexual|criminal"
)
"""Names of attributes that are sensitive (PIPL art. 28), as a pattern for PostgreSQL and Python alike: kept only where the
house has turned it on and she has consented apart, never in the lake, and never on a guide's screen."""

_SENSITIVE = re.compile(SENSITIVE, re.IGNORECASE)


def is_sensitive(name: str) -> bool:
    return _SENSITIVE.search(name) is not None


def without_sensitive(told: Any) -> Any:
    """The same without what stands under a sensitive name, however deep. Pure."""
    if isinstance(told, dict):
        return {name: without_sensitive(one) for name, one in told.items() if not is_sensitive(name)}
    return [without_sensitive(one) for one in told] if isinstance(told, list) else told


def label(name: str) -> str:
    return LABELS.get(name, name)
