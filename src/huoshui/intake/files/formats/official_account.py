"""公众号 followers: the console exports none; these are the names under which WeChat's API tells of a follower."""

from __future__ import annotations

from huoshui.core.facts.types import IDENTIFY
from huoshui.intake.files.formats.base import Format, names

FORMATS = (
    Format(
        name="official_account",
        label="公众号 粉丝（接口导出）",
        kind="people",
        grade="D",
        fingerprints=(("openid", "subscribe_time"), ("openid", "关注时间")),
        columns={
            "openid": ("openid",),
            "unionid": ("unionid",),
            "name": ("nickname", "昵称", "remark"),
            "gender": ("sex", "性别"),
            "joined_at": ("subscribe_time", "关注时间"),
        },
        header=names(
            "openid, unionid, nickname, sex, city, province, country, subscribe, subscribe_time, "
            "subscribe_scene, groupid, tagid_list, remark, language, headimgurl, qr_scene, qr_scene_str, "
            "关注时间, 昵称, 性别"
        ),
        facts=(IDENTIFY,),
        scope="official_account",
    ),
)
