"""CRM systems' lists of customers: who looks after them, how far they are, where they came from, when last spoken to.

No export of one vendor was opened: these are the names that open CRM systems give the columns of this list, which agree on
most of them, and each user picks his own. Owner, stage, source, last contact and notes become attributes under one name
whatever a system calls them.
"""

from __future__ import annotations

from huoshui.core.facts.types import IDENTIFY
from huoshui.intake.files.formats.base import Format, names

FORMATS = (
    Format(
        name="crm_customers",
        label="CRM 客户表",
        kind="people",
        grade="C",
        fingerprints=(
            ("客户名称", "负责人", "客户来源"),
            ("客户名称", "负责人", "最后跟进时间"),
            ("客户名称", "客户来源", "最后跟进时间"),
            ("客户姓名", "负责人", "客户来源"),
            ("客户姓名", "负责人", "最后跟进时间"),
            ("客户姓名", "跟进人", "跟进阶段"),
        ),
        columns={
            "member_no": ("客户编号", "客户编码"),
            "phone": ("手机", "手机号", "手机号码", "电话", "联系电话"),
            "email": ("邮箱", "电子邮箱"),
            "name": ("客户名称", "客户姓名"),
            "gender": ("性别",),
            "birthday": ("生日",),
            "joined_at": ("创建时间",),
            "home_store": ("所属门店",),
            "level": ("客户级别", "客户等级"),
            "tags": ("客户标签", "标签"),
        },
        header=names(
            "客户编号, 客户名称, 客户姓名, 性别, 生日, 手机, 电话, 邮箱, 微信, 客户来源, 客户级别, 客户行业, "
            "客户状态, 跟进阶段, 跟进状态, 成交状态, 锁定状态, 客户标签, 下次联系时间, 备注, 地址, 详细地址, 负责人, "
            "跟进人, 所属部门, 所属门店, 负责人获取客户时间, 最后跟进时间, 最后跟进记录, 更新时间, 创建时间, 创建人, "
            "距进入公海天数"
        ),
        facts=(IDENTIFY,),
        scope="crm",
        alias=("客户名称", "负责人", "创建时间"),
        renames=(
            (r"^(跟进人|归属人|所属销售)$", "负责人"),
            (r"^(跟进阶段|跟进状态|客户状态|商机阶段)$", "客户阶段"),
            (r"^(来源|线索来源|客户渠道)$", "客户来源"),
            (r"^(最后|最近)(跟进|联系)(时间|日期)$", "最后联系时间"),
            (r"^(客户备注|备注信息|描述)$", "备注"),
        ),
        note="各家 CRM 的导出不一样，每一列请看一眼再导入。没有手机号和客户编号的顾客会单独建档，不会和任何人合并。",
    ),
)
