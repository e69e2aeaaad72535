"""Tills: 银豹-like sales (a bill's columns on its first row only) and the members and sales of a chain's till.

Any other till's file goes by the words its headers have in common (catalogue/sales.toml).
"""

from __future__ import annotations

from huoshui.core.facts.types import IDENTIFY, ORDER_COMPLETED
from huoshui.intake.files.formats.base import Format, names

FORMATS = (
    Format(
        name="pospal",
        label="收银流水（银豹一类）",
        kind="sales",
        grade="C",
        fingerprints=(("流水号", "牌号", "实收金额"), ("流水号", "口味组", "实收金额")),
        columns={
            "order_no": ("流水号",),
            "ordered_at": ("日期",),
            "store_code": ("门店",),
            "member_no": ("会员",),
            "phone": ("电话",),
            "product_name": ("商品信息",),
            "quantity": ("商品数量",),
            "unit_price": ("商品原价",),
            "order_amount": ("实收金额",),
            "retail_discount": ("折让金额",),
            "status": ("状态",),
            "channel": ("渠道",),
        },
        header=names(
            "流水号, 日期, 门店, 牌号, 渠道, 配送方式, 状态, 支付方式, 会员, 姓名, 电话, 地址, 商品信息, "
            "口味组, 商品原价, 商品数量, 实收金额, 折让金额, 备注, 物流单号, 支付平台单号, 外卖平台单号"
        ),
        facts=(ORDER_COMPLETED,),
        shared=frozenset({"order_amount", "retail_discount"}),
        fills_down=names("流水号, 日期, 门店, 渠道, 状态, 会员, 电话, 实收金额, 折让金额"),
    ),
    Format(
        name="chain_members",
        label="连锁收银 会员",
        kind="people",
        grade="C",
        fingerprints=(("会员号", "首次消费门店", "最后消费门店"),),
        columns={
            "member_no": ("会员号",),
            "phone": ("手机号",),
            "unionid": ("UnionID",),
            "openid": ("OpenID",),
            "name": ("昵称",),
            "joined_at": ("会员注册完成时间", "加入时间"),
            "home_store": ("首次消费门店",),
        },
        header=names(
            "会员号, 手机号, UnionID, OpenID, 昵称, 标签, 首次消费门店, 最后消费门店, 加入时间, "
            "会员注册完成时间, 首次消费时间, 最后消费时间"
        ),
        facts=(IDENTIFY,),
    ),
)
