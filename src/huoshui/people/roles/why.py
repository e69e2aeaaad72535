"""A role's reason in a sentence, for people."""

from __future__ import annotations

from huoshui.people.roles.types import Role

NAMES = {
    "fan": "粉丝",
    "member": "会员",
    "new": "新客",
    "returning": "回头客",
    "lapsed": "沉睡",
    "referrer": "推荐人",
    "super": "超级会员",
    "pro": "推荐合作人",
    "staff": "员工",
}

_SIGNS = {
    "openid": "有微信 OpenID",
    "unionid": "有微信 UnionID",
    "external_userid": "加了企业微信",
    "member_no": "有会员号",
    "card_no": "有会员卡",
    "joined_at": "会员名单写了入会时间",
    "Account Followed": "关注了公众号",
    "Contact Added": "加了企业微信",
    "Community Joined": "进了社群",
    "Member Joined": "自己入会",
}


def sentence(role: Role) -> str:
    why = role.why
    if role.name in ("fan", "member"):
        return _SIGNS.get(str(why.get("sign")), "记录里这样写")
    if role.name == "new":
        return "第一次买"
    if role.name == "returning":
        return f"已经在 {why['days']} 天买过"
    if role.name == "lapsed":
        return f"最后一次买以后 {why['days']} 天没有再买"
    if role.name == "referrer":
        return f"带来了 {why['brought']} 位顾客"
    if role.name == "super":
        return (
            f"{why['days']} 天里买了 {why['orders']} 次，"
            f"带来 {why['brought']} 位顾客，分享或评价 {why['shares']} 次"
        )
    if role.name == "pro":
        said = "有人登记" if "declared" in why else "资料里写的"
        return f"{said}：{why['detail']}"
    return f"有人登记：工号 {why['detail']}"
