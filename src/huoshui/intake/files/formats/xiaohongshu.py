"""小红书 (千帆): a row per product. Paid is 用户应付金额; 用户编号 is the only word on who bought."""

from __future__ import annotations

from huoshui.core.facts.types import ORDER_COMPLETED
from huoshui.intake.files.formats.base import Format, names

FORMATS = (
    Format(
        name="xiaohongshu",
        label="小红书 订单",
        kind="sales",
        grade="A",
        fingerprints=(("商家应收金额(元)（支付金额）", "SKU件数"), ("小红书编码", "SKU件数")),
        columns={
            "order_no": ("订单号",),
            "ordered_at": ("订单创建时间", "支付时间"),
            "paid_at": ("支付时间",),
            "store_code": ("店铺名称",),
            "account": ("用户编号",),
            "receiver_phone": ("收件人电话",),
            "sku_code": ("商家编码", "条形码", "规格ID", "小红书编码"),
            "product_name": ("SKU名称", "商品名称"),
            "quantity": ("SKU件数",),
            "amount": ("用户应付金额(元)",),
            "retail_discount": ("店铺优惠(元)",),
            "platform_discount": ("平台优惠(元)", "支付渠道优惠(元)"),
            "status": ("订单状态",),
            "after_sale": ("售后状态",),
        },
        header=names(
            "订单号, 订单状态, 售后状态, 订单类型, 订单标记, 收件人姓名, 收件人电话, 收件人地址, 省, 市, 区, "
            "区域编码, 小红书编码, 条形码, 规格ID, 达人ID, 达人名称, SKU名称, SKU规格, SKU件数, 是否为赠品, "
            "发票/Invoice, 商品总价(元), 用户应付金额(元), 平台优惠(元), 店铺优惠(元), 支付渠道优惠(元), "
            "SKU商家改价(元), 商家应收金额(元)（支付金额）, 支付方式, 支付渠道订单号, 支付期数, 利息费用, "
            "手续费承担方, 支付时间, sku净重(kg), 包裹总净重(kg), 包裹总运费(元), 快递公司, 快递单号, "
            "发货链接, 大头笔/Paint Marker, 集包地/Express Extend 1, 三段码/Express Extend 2, "
            "订购人身份证姓名/ID Name, 订购人身份证号/ID Number, 收件人身份证姓名, 收件人身份证号, "
            "订单创建时间, 预售订单开始发货时间, 预售订单截止发货时间, 承诺发货时间, 订单发货时间, "
            "订单完成时间, 发货仓库, 确认收货类型, 是否延迟收货, 用户备注, 包裹备注标记, 包裹备注信息, "
            "异常原因, 店铺名称, 用户编号, 运费模版名称, 物流方案名称, 第三方机构订单号, 国补模式, 供应商id, "
            "供应商名称, 商家编码, 商品ID, 商品名称"
        ),
        facts=(ORDER_COMPLETED,),
        shop="小红书店",
        channel="小红书",
        scope="xiaohongshu",
    ),
)
