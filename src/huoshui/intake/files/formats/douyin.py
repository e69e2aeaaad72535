"""抖音: 抖店 orders and 本地生活 (vouchers used in stores).

抖店 writes a row per sub-order, or one per order with its sub-orders joined by `;`: a joined code is no product's, so the
line goes by its title. Paid is 订单应付金额. Receivers are encrypted (##…, $$…) and name nobody. There is no refunded
amount: 售后状态 退款成功 means all of it.
"""

from __future__ import annotations

from huoshui.core.facts.types import ORDER_COMPLETED
from huoshui.intake.files.formats.base import Format, names

FORMATS = (
    Format(
        name="douyin_shop",
        label="抖店 订单",
        kind="sales",
        grade="A",
        fingerprints=(("主订单编号", "选购商品"),),
        columns={
            "order_no": ("主订单编号",),
            "line_no": ("子订单编号",),
            "ordered_at": ("订单提交时间", "支付完成时间"),
            "paid_at": ("支付完成时间",),
            "store_code": ("所属门店ID",),
            "receiver_phone": ("收件人手机号",),
            "sku_code": ("商家编码", "货号", "商品ID"),
            "product_name": ("选购商品",),
            "quantity": ("商品数量",),
            "amount": ("订单应付金额",),
            "retail_discount": ("商家优惠", "达人优惠"),
            "platform_discount": ("平台优惠", "支付优惠"),
            "status": ("订单状态",),
            "after_sale": ("售后状态",),
        },
        header=names(
            "主订单编号, 子订单编号, 支付方式, 选购商品, 货号, 商品ID, 商家编码, 商品数量, 商品金额, "
            "订单提交时间, 支付完成时间, 订单完成时间, 承诺发货时间, 预约发货时间, 买家留言, 旗帜颜色, "
            "商家备注, APP渠道, 订单状态, 取消原因, 售后状态, 订单类型, 发货时间, 车型, 是否是以旧换新, "
            "换新额外补贴, 换新额外补贴发放状态, 订单应付金额, 运费, 优惠总金额, 平台优惠, 商家优惠, 达人优惠, "
            "商家改价, 支付优惠, 手续费, 红包抵扣, 降价类优惠, 平台实际承担优惠金额, 商家实际承担优惠金额, "
            "达人实际承担优惠金额, 收件人, 收件人手机号, 省, 市, 区, 街道, 详细地址, 是否修改过地址, 快递信息, "
            "序列号, 达人ID, 达人昵称, 拼团订单团编号, 商品单价是否含税, 税费, 鲁班落地页ID, 所属门店ID, "
            "流量来源, 仓库ID, 仓库名称, 是否安心购, 广告渠道, 流量类型, 流量体裁, 流量渠道, 发货主体, "
            "发货主体明细, 教育优惠, 预计送达时间, 是否平台仓自流转, 是否是渠道商品, 预约送达时间, "
            "建议发货时间（起）, 建议发货时间（止）, 商品规格, 商家收入金额, 商品单价"
        ),
        facts=(ORDER_COMPLETED,),
        shop="抖店",
        joined_by=";",
        channel="抖音",
        scope="douyin",
    ),
    Format(
        name="douyin_local",
        label="抖音本地生活 核销明细",
        kind="sales",
        grade="D",
        fingerprints=(("券码", "核销时间", "核销门店"), ("订单编号", "核销时间", "核销门店")),
        columns={
            "order_no": ("订单编号", "订单号", "券码"),
            "line_no": ("券码",),
            "ordered_at": ("核销时间",),
            "store_code": ("核销门店ID", "核销门店"),
            "sku_code": ("商品ID",),
            "product_name": ("商品名称", "商品"),
            "quantity": ("核销数量", "数量"),
            "amount": ("用户实付金额", "实付金额", "订单实收", "商家应得"),
            "status": ("订单状态", "券状态"),
        },
        header=names(
            "券码, 订单编号, 订单号, 商品ID, 商品名称, 核销时间, 核销门店, 核销门店ID, 核销数量, 用户实付金额, "
            "商家应得, 券状态"
        ),
        facts=(ORDER_COMPLETED,),
        channel="抖音本地生活",
        scope="douyin",
    ),
)
