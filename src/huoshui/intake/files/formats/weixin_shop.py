"""微信小店 and 视频号小店: a row per product, the order's money on each.

Paid is 订单实际支付金额, shared by what each product came to; 商品已退款金额 is each product's own. A sale through a guide
carries her 企微工号 and the customer's 企业微信加密id.
"""

from __future__ import annotations

from huoshui.core.facts.types import ORDER_COMPLETED
from huoshui.intake.files.formats.base import Format, names

FORMATS = (
    Format(
        name="weixin_shop",
        label="微信小店/视频号 订单",
        kind="sales",
        grade="A",
        fingerprints=(("商品编码(平台)", "商品编码(自定义)"),),
        columns={
            "order_no": ("订单号",),
            "ordered_at": ("订单下单时间", "下单时间", "支付时间"),
            "paid_at": ("支付时间",),
            "external_userid": ("企业微信加密id",),
            "receiver_phone": ("收件人手机",),
            "sku_code": ("SKU编码(自定义)", "商品编码(自定义)", "商品编码(平台)"),
            "product_name": ("商品名称",),
            "quantity": ("商品数量",),
            "line_value": ("商品实际价格(总共)",),
            "unit_price": ("商品价格(单件)", "商品价格"),
            "order_amount": ("订单实际支付金额",),
            "refund_amount": ("商品已退款金额",),
            "platform_discount": ("商品平台券优惠",),
            "status": ("订单状态",),
            "guide_code": ("企微工号",),
        },
        header=names(
            "订单号, 订单下单时间, 订单发货时间, 订单确认收货时间, 订单完成结算时间, 订单状态, 发货方式, "
            "收件人姓名, 收件人地址, 省, 市, 区, 收件人手机, 买家备注, 商家备注, 打标颜色, 商品总价, "
            "订单实际支付金额, 订单实际收款金额, 订单运费, 商品优惠, 跨店优惠, 商品改价, 积分抵扣, 支付方式, "
            "支付时间, 交易单号, 物流公司, 快递单号, 技术服务费, 技术服务费（将以人气卡形式返还）, "
            "运费险预计投保费用, 带货方式, 带货账号类型, 带货账号昵称, 带货ID, 带货费用渠道, 带货费用类型, "
            "带货费用, 带货佣金率, 企微企业ID, 企微工号, 导购最近分享时间, 企业微信加密id, 企微备注, 礼物单号, "
            "商品名称, 商品编码(平台), 商品编码(自定义), SKU编码(自定义), 商品属性, 商品价格(单件), "
            "商品实际价格(单件), 商品实际价格(总共), 是否预售, 商品数量, 商品平台券优惠, 商品平均运费, "
            "活动商家补贴, 定制信息, 定制预览图, 商品发货, 商品售后, 商品已退款金额, 下单时间, 带货人昵称, "
            "授权号, 预估佣金, 实际佣金, 实际服务费, 商品价格"
        ),
        facts=(ORDER_COMPLETED,),
        shop="微信小店",
        channel="微信小店",
        scope="weixin_shop",
        shared=frozenset({"order_amount"}),
    ),
)
