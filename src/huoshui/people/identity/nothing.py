"""Values that are typed, or exported, where there is none: as masks, which a house may change (`ruleset`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

OTHERS: Final = "other"
"""Blocked values of all kinds that are no numbers."""

_PHONES: Final = "13800138000 1?========= 12345678* 13?00000000 +863123456789 13123456789"
_EMAILS: Final = (
    "noemail@* no-email@* no_email@* nomail@* none@* null@* nan@* undefined@*"
    " test@test.* test@example.* abc@abc.com aaa@aaa.com 123@123.com xxx@xxx.com"
)
_OTHERS: Final = (
    r"null (null) none nil nan n/a na undefined unknown empty \N - -- / test"
    " 无 无卡 无会员 没有 暂无 空 未知 不详 测试 散客 散户 非会员 游客 匿名 0 00 000"
)
_OVER_AND_OVER: Final = [f"?{'=' * more}" for more in range(3, 20)]  # 0000, 99999, ----

MASKS: Final[Mapping[str, tuple[str, ...]]] = {
    "phone": tuple(_PHONES.split()),
    "email": tuple(_EMAILS.split()),
    OTHERS: (*_OTHERS.split(), *_OVER_AND_OVER),
}
