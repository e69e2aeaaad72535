"""快手小店: a row per line of an order. Paid is 实付款; subsidies of platform and host are not the buyer's money."""

from __future__ import annotations

from huoshui.core.facts.types import ORDER_COMPLETED
from huoshui.intake.files.formats.base import Format, names

FORMATS = (
    Format(
        name="kuaishou",
        label="快手小店 订单",
        kind="sales",
        grade="A",
        fingerprints=(("CPS达人ID", "成交数量"),),
        columns={
            "order_no": ("订单号",),
            "ordered_at": ("订单创建时间", "订单支付时间"),
            "paid_at": ("订单支付时间",),
            "store_code": ("服务门店ID", "服务门店名称"),
            "receiver_phone": ("收货人电话",),
            "sku_code": ("SKU编码", "商品ID"),
            "product_name": ("商品名称",),
            "quantity": ("成交数量",),
            "amount": ("实付款",),
            "retail_discount": ("店铺优惠",),
            "platform_discount": ("平台补贴", "主播补贴", "支付优惠", "混资活动优惠"),
            "status": ("订单状态",),
            "after_sale": ("售后状态",),
        },
        header=names(
            "订单号, 赠品订单号, 活动订单编号, 订单创建时间, 订单支付时间, 预售定金支付时间, 订单状态, 实付款, "
            "快递费, 店铺优惠, 平台补贴, 主播补贴, 混资活动优惠, 支付优惠, 支付方式, 成交数量, 买家留言, "
            "账号类型, 账号明细, 订单备注, 旗帜颜色, 售后状态, 活动订单, 预售/承诺发货时间, 订单载体, "
            "商品名称, 商品ID, 商品规格, SKU编码, 商品单价, 渠道, CPS达人ID, CPS达人昵称, 预估推广佣金, "
            "预估推广者分佣比例, 团长ID, 团长昵称, 快赚客ID, 快赚客昵称, 授权推广者ID, 授权推广者昵称, "
            "收货人姓名, 收货人电话, 收货地址-省, 收货地址-市, 收货地址-区, 收货地址-街道, 收货地址, 发货时间, "
            "快递公司, 快递单号, 物流信息, 集运类型, 直邮类型, 仓库名称, 仓库地址, 实名姓名, 服务门店ID, "
            "服务门店名称, 服务门店地址, 国补/类国补/消费券"
        ),
        facts=(ORDER_COMPLETED,),
        shop="快手小店",
        channel="快手",
        scope="kuaishou",
    ),
)
