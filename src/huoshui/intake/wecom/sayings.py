"""Every sentence of this room that a page may tell in another language."""

from __future__ import annotations

from typing import Final

from huoshui.intake.wecom import faults
from huoshui.intake.wecom.types import StaffUnknown, WecomMissing

CORP: Final = "企业 ID 不对：它以 ww 开头，在管理后台“我的企业”最下面。"
SECRET: Final = "Secret 不对：请从应用页整段复制，前后不要空格。"
TOKEN: Final = "Token 不对：三十二个以内的字母和数字，点“随机获取”就有。"
AES_KEY: Final = "EncodingAESKey 不对：四十三个字母和数字，点“随机获取”就有。"

SAID: Final = (
    CORP,
    SECRET,
    TOKEN,
    AES_KEY,
    str(WecomMissing()),
    str(StaffUnknown()),
    faults.OTHER,
    *dict.fromkeys(faults.WORDS.values()),
)
