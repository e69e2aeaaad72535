"""Plain words for what matching holds back."""

from __future__ import annotations

from typing import Final

HELD: Final = {
    "household": "名字不同，像是一家人",
    "surname": "姓不同",
    "no_name": "不知道全名，别的依据不够",
    "only_name": "除了名字，没有别的依据",
    "birthday": "生日不同，别的依据不够",
    "decided": "有人判断过不是同一人",
    "identifier": "各有各的微信或企微账号",
    "too_many": "清单已满，先核对前面的",
}

TOLD: Final = {
    "wecom": "有人扫了店员为其中一位生成的企业微信码，用的微信却是另一位的，或者和她已有的不是同一个",
}
"""Why a pair waits that no comparing has found."""
