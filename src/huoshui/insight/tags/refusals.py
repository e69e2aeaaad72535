"""What is refused, under codes that stay the same: programs read those, people the sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from huoshui.core.errors import Refused

SENTENCES: Final[Mapping[str, str]] = {
    "tag_text_wrong": "{what}要写，最多 {most} 个字。",
    "tag_name_wrong": "标签的名字里不要有英文句点。",
    "tag_category_deep": "分类最多 4 层，例如：生活阶段/母婴。",
    "tag_key_wrong": "标签的代号用小写英文字母开头，只含字母、数字和下划线，例如 baby_stage。",
    "tag_kind_unknown": "没有这种标签。",
    "tag_two_ways": "一个标签或者按规则给，或者按信号推算，不能两样都有。",
    "tag_value_twice": "同一个值写了两遍：{value}。",
    "tag_values_too_many": "一个标签最多 {most} 个值。",
    "tag_flag_value": "“是否”类标签只有一个值：是。",
    "tag_signals_missing": "“{value}”还没有信号。",
    "tag_weight_wrong": "“{value}”的信号，分值要在 1 到 1000 之间。",
    "tag_enough_wrong": "“{value}”要 {enough} 分才算，可是所有信号加起来也不到。",
    "tag_measure_unknown": "没有“{measure}”这种算法。",
    "tag_value_no_number": "这个标签的值是数字，看不懂“{value}”。",
    "tag_value_unknown": "这个标签没有“{value}”这个值，可以用：{known}。",
    "tag_lifetime_wrong": "有效期要在 1 到 {most} 天之间；一直有效就不写。",
    "tag_archived": "这个标签已经归档，不能再改，也不能再启用。请新建一个。",
    "tag_off": "标签“{name}”没有打开，先打开才能给。",
    "tag_by_machine": "这是规则给的标签，不能单独拿掉。请改规则，或者手工给另一个值。",
    "tag_ended": "这个标签已经拿掉了。",
    "tag_taken": "已经有一个同名或同代号的标签，请换一个。",
    "tag_version_old": "这个标签刚被别人改过。请刷新页面，看过新的内容再改。",
    "tag_needs_consent": "这是敏感标签：要顾客单独同意“使用敏感信息”，才能给。",
}

WHAT: Final[Mapping[str, str]] = {
    "name": "标签的名字",
    "category": "分类",
    "value": "标签的值",
    "reason": "依据",
}


class TagRefused(Refused):
    """这个标签不能这样改。"""

    # `detail` holds the figures of the sentence
    def __init__(self, code: str, **detail: Any) -> None:
        told = detail | ({"what": WHAT[detail["field"]]} if "field" in detail else {})
        super().__init__(SENTENCES[code].format_map(told))
        self.code = code
        self.detail = detail


class TagTaken(TagRefused):
    """已经有一个同名或同代号的标签，请换一个。"""

    def __init__(self) -> None:
        super().__init__("tag_taken")


class TagVersionOld(TagRefused):
    """这个标签刚被别人改过。请刷新页面，看过新的内容再改。"""

    def __init__(self) -> None:
        super().__init__("tag_version_old")


class TagNeedsConsent(TagRefused):
    """这是敏感标签：要顾客单独同意“使用敏感信息”，才能给。"""

    def __init__(self) -> None:
        super().__init__("tag_needs_consent")


class TagKeyReused(Refused):
    """这个编号已经用于另一个内容不同的请求。"""

    code = "key_reused"
