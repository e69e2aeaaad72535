"""京东: POP orders (a row per product, the order's money on each) and 京东小时达.

Paid is 应付金额 and what came from the JD balance (余额支付); both are the order's. 京东价 is a list price and weighs the
shares. Deleted orders are cancelled ones.
"""

from __future__ import annotations

from huoshui.core.facts.types import ORDER_COMPLETED
from huoshui.intake.files.formats.base import Format, names

FORMATS = (
    Format(
        name="jd_pop",
        label="京东 POP 订单",
        kind="sales",
        grade="A",
        fingerprints=(("京东价", "下单帐号", "订购数量"),),
        columns={
            "order_no": ("订单号",),
            "ordered_at": ("下单时间",),
            "paid_at": ("付款确认时间",),
            "account": ("下单帐号",),
            "receiver_phone": ("联系电话",),
            "sku_code": ("商家SKUID", "货号", "商品ID"),
            "product_name": ("商品名称",),
            "quantity": ("订购数量",),
            "unit_price": ("京东价",),
            "order_amount": ("应付金额",),
            "also_paid": ("余额支付",),
            "status": ("订单状态",),
            "guide_code": ("导购员账号",),
        },
        header=names(
            "订单号, 商品ID, 商品名称, 订购数量, 支付方式, 下单时间, 京东价, 订单金额, 结算金额, 余额支付, "
            "应付金额, 订单状态, 订单类型, 下单帐号, 客户姓名, 客户地址, 联系电话, 订单备注, 发票类型, "
            "发票抬头, 发票内容, 商家备注, 商家备注等级（等级1-5为由高到低）, 运费金额, 付款确认时间, "
            "增值税发票, 货号, 订单完成时间, 订单来源, 订单渠道, 送装服务, 服务费, 仓库id, 仓库名称, "
            "普通发票纳税编号, 商家SKUID, 是否为品牌商订单, 是否为toplife订单, 邮政编码, 邮箱地址, 商家应收, "
            "导购员账号"
        ),
        facts=(ORDER_COMPLETED,),
        shop="京东店",
        channel="京东",
        scope="jd",
        shared=frozenset({"order_amount", "also_paid"}),
        states=((r"^等待付款", "unpaid"), (r"^[（(]?删除", "closed")),
    ),
    Format(
        name="jd_hourly",
        label="京东小时达/到家 订单",
        kind="sales",
        grade="C",
        fingerprints=(("门店收单时间", "门店应收金额"),),
        columns={
            "order_no": ("订单编号",),
            "ordered_at": ("成交时间", "接单时间"),
            "store_code": ("门店ID", "门店名称"),
            "sku_code": ("商家sku", "UPC"),
            "quantity": ("商品数量",),
            "order_amount": ("门店应收金额",),
            "status": ("订单状态",),
        },
        header=names(
            "订单编号, 门店ID, 门店名称, 商家sku, UPC, 商品数量, 订单来源, 订单状态, 成交时间, 接单时间, "
            "门店收单时间, 门店应收金额"
        ),
        facts=(ORDER_COMPLETED,),
        channel="京东小时达",
        scope="jd",
        shared=frozenset({"order_amount"}),
        note="文件里没有顾客实付，按门店应收金额记；没有任何顾客的身份。",
    ),
)
