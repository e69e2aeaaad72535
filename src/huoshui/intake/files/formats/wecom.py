"""企业微信: customers (a row per customer and colleague) and groups.

The customer list has no id: one without a phone is told apart by name, colleague and time, which joins him to nobody.
Tag groups are headed 标签组1(组名) and become attributes under the group's own name.
"""

from __future__ import annotations

from huoshui.core.facts.types import IDENTIFY
from huoshui.intake.files.formats.base import Format, names

FORMATS = (
    Format(
        name="wecom_customers",
        label="企业微信 客户列表",
        kind="people",
        grade="B",
        fingerprints=(("客户名称", "添加人", "添加人所属部门"),),
        columns={
            "phone": ("手机", "电话"),
            "email": ("邮箱",),
            "name": ("客户名称",),
            "joined_at": ("添加时间",),
        },
        header=names(
            "客户名称, 描述, 添加人, 添加人帐号, 添加人所属部门, 添加时间, 来源, 手机, 企业, 邮箱, 地址, 职务, "
            "电话"
        ),
        facts=(IDENTIFY,),
        scope="wecom",
        alias=("客户名称", "添加人", "添加时间"),
        renames=((r"^标签组\d*[（(](.+)[)）]$", r"\1"),),
        note="没有手机号的好友会单独建档，不会和任何人合并。",
    ),
    Format(
        name="wecom_groups",
        label="企业微信 客户群",
        kind="groups",
        grade="C",
        fingerprints=(("群名字", "群主名字", "群人数"),),
        columns={
            "subject": ("群名字",),
            "owner": ("群主名字",),
            "day": ("统计日期", "日期"),
            "group_size": ("群人数",),
            "joined_today": ("今日进群人数",),
            "left_today": ("今日退群人数",),
        },
        header=names("群名字, 群主名字, 群主所属部门, 群人数, 今日进群人数, 今日退群人数, 群标签, 创建时间"),
        facts=(),
    ),
)
