"""微盟: no export was ever seen, only the words of its screens; its columns are confirmed by hand."""

from __future__ import annotations

from huoshui.core.facts.types import IDENTIFY, ORDER_COMPLETED
from huoshui.intake.files.formats.base import Format, names

FORMATS = (
    Format(
        name="weimob_orders",
        label="微盟 订单",
        kind="sales",
        grade="D",
        fingerprints=(("订单编号", "WID"), ("订单编号", "微盟ID")),
        columns={
            "order_no": ("订单编号", "订单号"),
            "ordered_at": ("下单时间", "创建时间", "付款时间"),
            "paid_at": ("付款时间", "支付时间"),
            "store_code": ("门店编码", "门店名称", "归属门店"),
            "account": ("WID", "微盟ID"),
            "phone": ("客户手机号", "买家手机号"),
            "receiver_phone": ("收货人手机号", "收货人手机"),
            "sku_code": ("商品编码", "规格编码"),
            "product_name": ("商品名称",),
            "quantity": ("商品数量", "购买数量"),
            "amount": ("商品实付金额",),
            "order_amount": ("实付金额", "订单实付金额"),
            "status": ("订单状态",),
            "refund_amount": ("退款金额",),
        },
        header=names(
            "订单编号, WID, 微盟ID, 下单时间, 付款时间, 订单状态, 门店名称, 客户手机号, 商品名称, 商品编码, "
            "商品数量, 实付金额, 退款金额"
        ),
        facts=(ORDER_COMPLETED,),
        shop="微盟店",
        channel="微盟",
        scope="weimob",
    ),
    Format(
        name="weimob_members",
        label="微盟 会员",
        kind="people",
        grade="D",
        fingerprints=(("WID", "会员等级"), ("微盟ID", "会员等级"), ("WID", "手机号")),
        columns={
            "account": ("WID", "微盟ID"),
            "card_no": ("会员卡号",),
            "phone": ("手机号", "客户手机号"),
            "unionid": ("UnionID",),
            "name": ("姓名", "客户姓名", "昵称"),
            "gender": ("性别",),
            "birthday": ("生日",),
            "joined_at": ("注册时间", "成为会员时间"),
            "home_store": ("归属门店", "注册门店"),
            "level": ("会员等级",),
        },
        header=names(
            "WID, 微盟ID, 会员卡号, 手机号, UnionID, 姓名, 昵称, 性别, 生日, 注册时间, 归属门店, 会员等级, "
            "积分, 余额"
        ),
        facts=(IDENTIFY,),
        scope="weimob",
    ),
)
