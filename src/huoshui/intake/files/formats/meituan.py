"""美团外卖: the bill and the list of products. Neither names a customer; the bill has rows that are no orders."""

from __future__ import annotations

from huoshui.core.facts.types import ORDER_COMPLETED
from huoshui.intake.files.formats.base import Format, names

FORMATS = (
    Format(
        name="meituan_bill",
        label="美团外卖 账单",
        kind="sales",
        grade="C",
        fingerprints=(("交易类型", "商家应收款", "商家活动总支出"), ("账单日期", "商家应收款", "配送服务费")),
        columns={
            "order_no": ("订单号",),
            "ordered_at": ("下单时间", "账单日期"),
            "store_code": ("门店id", "门店名称"),
            "amount": ("商家应收款",),
            "status": ("订单状态",),
        },
        header=names(
            "门店id, 门店名称, 物理城市, 账单日期, 交易类型, 交易描述, 订单号, 下单时间, 订单状态, 商家应收款, "
            "商品总价, 用户支付配送费, 餐盒费, 打包袋, 商家活动总支出, 公益捐款, 佣金, 配送方式, 配送服务费"
        ),
        facts=(ORDER_COMPLETED,),
        channel="美团外卖",
        only={"交易类型": "外卖订单"},
        is_whole_order=True,
        note="文件里没有顾客实付，按商家应收款记；广告、保险、调账等不是外卖订单的行不导入。",
    ),
    Format(
        name="meituan_items",
        label="美团外卖 商品明细",
        kind="sales",
        grade="C",
        fingerprints=(("部分退款商品数量", "商品销售数量"),),
        columns={
            "order_no": ("订单编号",),
            "ordered_at": ("下单时间",),
            "store_code": ("商家ID", "商家名称"),
            "sku_code": ("店内码/货号", "UPC码"),
            "product_name": ("商品名称",),
            "quantity": ("商品销售数量",),
            "refund_quantity": ("部分退款商品数量",),
            "amount": ("实付金额", "商品实付金额"),
            "status": ("订单状态",),
        },
        header=names(
            "订单编号, 下单时间, 订单完成时间, 商家名称, 商家ID, 商家所在城市, 订单状态, UPC码, 店内码/货号, "
            "商品销售数量, 部分退款商品数量"
        ),
        facts=(ORDER_COMPLETED,),
        channel="美团外卖",
        note="这份明细没有金额列，单独导入不了；请和账单核对后指出金额是哪一列。",
    ),
)
