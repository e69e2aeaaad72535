"""What WeCom's refusals mean for whoever reads them, and what to do. Codes: https://developer.work.weixin.qq.com/document/path/90313"""

from __future__ import annotations

from typing import Final

STALE: Final = frozenset({"40001", "40014", "42001"})
"""The token is no good, or no longer: fetched anew, once."""

NO_ANSWER, NO_IMAGE, NO_USER, NOT_SET = "no_answer", "no_image", "no_user", "not_set"
PASSING: Final = STALE | {NO_ANSWER, NOT_SET, "-1", "45009", "45033", "40013", "48002", "60020"}
"""Says nothing of what was asked for: another time it may go well."""

_SECRET = "企业微信不认这个 Secret。请到“客户联系 → API”重新复制 Secret，填在“企业微信”页，再点“试一下”。"
_NO_SUCH_USER = (
    "企业微信里没有这个员工账号，可能写错了或者已经离职。"
    "请在“员工与岗位”里核对他的企业微信账号（通讯录里的“账号”，不是姓名）。"
)
_LIMIT = "企业微信说今天或这一分钟用得太多。请过几分钟再点；一直这样，请到管理后台删掉不用的“联系我”二维码。"

WORDS: Final = {
    "40001": _SECRET,
    "40014": _SECRET,
    "42001": _SECRET,
    "40013": "企业 ID 不对。请到管理后台“我的企业 → 企业信息”最下面复制，填在“企业微信”页。",
    "40003": _NO_SUCH_USER,
    "60111": _NO_SUCH_USER,
    "40098": "这位员工还没有实名认证，不能加客户。请他在手机企业微信里完成实名认证，再点一次。",
    "41054": "这位员工还没有激活企业微信。请他先登录一次，再点一次。",
    "84074": "这位员工没有外部联系人的权限。请到“客户联系 → 权限配置”把他加进使用范围。",
    "48002": "这个 Secret 没有“客户联系”的权限。请到“客户联系 → API → 可调用接口的应用”加上这个应用，再点“试一下”。",
    "60020": "企业微信不认这台服务器的地址。请到应用的“企业可信 IP”加上：{said}",
    "45009": _LIMIT,
    "45033": _LIMIT,
    "-1": "企业微信那边正忙。请过一会儿再点一次。",
    NO_ANSWER: "企业微信没有回应。请看看服务器能不能上网，过一会儿再点一次。",
    NO_IMAGE: "二维码做好了，但图片没有取到。请再点一次。",
    NO_USER: "这位员工还没有登记企业微信账号。请在“员工与岗位”里填上。",
    NOT_SET: "还没有接上企业微信。请老板到“企业微信”页填写。",
}

OTHER: Final = "企业微信没有答应（错误码 {code}）。请把这个号码告诉管理员，到企业微信的“错误码查询”里看原因。"


def sentence(code: str, said: str = "") -> str:
    """In plain Chinese, with what to do."""
    return WORDS[code].format(said=said) if code in WORDS else OTHER.format(code=code)
