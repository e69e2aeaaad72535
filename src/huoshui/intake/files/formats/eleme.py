"""饿了么 (淘宝闪购): a row per product, the order's 商户应收金额 on each. No customer is named."""

from __future__ import annotations

from huoshui.core.facts.types import ORDER_COMPLETED
from huoshui.intake.files.formats.base import Format, names

FORMATS = (
    Format(
        name="eleme",
        label="饿了么/淘宝闪购 订单",
        kind="sales",
        grade="C",
        fingerprints=(("商户应收金额", "商品自定义ID"), ("订单序号", "商户应收金额")),
        columns={
            "order_no": ("订单编号",),
            "ordered_at": ("下单时间",),
            "store_code": ("门店ID", "商户名称"),
            "sku_code": ("商品自定义ID", "商品条形码"),
            "product_name": ("商品名称",),
            "quantity": ("购买数量",),
            "order_amount": ("商户应收金额",),
            "status": ("订单状态",),
            "after_sale": ("退款状态",),
        },
        header=names(
            "订单来源, 订单编号, 订单序号, 城市, 商户名称, 门店ID, 订单状态, 退款状态, 下单时间, 商品自定义ID, "
            "商品条形码, 购买数量, 商户应收金额, 平台佣金"
        ),
        facts=(ORDER_COMPLETED,),
        channel="饿了么",
        shared=frozenset({"order_amount"}),
        note="文件里没有顾客实付，按商户应收金额记；没有任何顾客的身份。",
    ),
)
