"""拼多多: a row is an order of one product.

Paid is 用户实付金额 (postage included). There is no refunded amount: 退款成功 means all of it. 商家实收 is not zeroed then.
The order number begins with the day, for rows that say no time at all.
"""

from __future__ import annotations

from huoshui.core.facts.types import ORDER_COMPLETED
from huoshui.intake.files.formats.base import Format, names

FORMATS = (
    Format(
        name="pinduoduo",
        label="拼多多 订单",
        kind="sales",
        grade="A",
        fingerprints=(("商家实收金额(元)", "样式ID"), ("用户实付金额(元)", "样式ID")),
        columns={
            "order_no": ("订单号",),
            "ordered_at": ("订单成交时间", "支付时间", "拼单成功时间"),
            "paid_at": ("支付时间",),
            "store_code": ("门店名称", "门店自定义编码"),
            "phone": ("用户购买手机号",),
            "receiver_phone": ("手机",),
            "sku_code": ("商家编码-规格维度", "商家编码-SKU维度", "商家编码-商品维度", "样式ID", "商品id"),
            "product_name": ("商品",),
            "quantity": ("商品数量(件)",),
            "amount": ("用户实付金额(元)",),
            "retail_discount": ("店铺优惠折扣(元)",),
            "platform_discount": ("平台优惠折扣(元)", "多多支付立减金额(元)"),
            "status": ("订单状态",),
            "after_sale": ("售后状态",),
        },
        header=names(
            "商品, 订单号, 订单状态, 商品总价(元), 店铺优惠折扣(元), 平台优惠折扣(元), 邮费(元), "
            "上门安装费(元), 送货入户费(元), 送货入户并安装费(元), 用户实付金额(元), 商家实收金额(元), "
            "商品数量(件), 身份证姓名, 身份证号码, 收货人, 手机, 是否审核中, 省, 市, 区, 街道, 支付时间, "
            "拼单成功时间, 订单确认时间, 承诺发货时间, 发货时间, 确认收货时间, 商品id, 商品规格, "
            "用户购买手机号, 样式ID, 商家编码-SKU维度, 商家编码-商品维度, 快递单号, 快递公司, 海淘清关订单号, "
            "支付ID, 支付方式, 是否抽奖或0元试用, 是否顺丰加价, 商家备注, 售后状态, 买家留言, 关联货品编码, "
            "货品名称, 货品类型, 子货品, 仓库名称, 仓库所在地址, 是否门店自提, 门店名称, 门店自定义编码, "
            "旅行类信息, 消费者资料, 承诺送达时间, 商品一级类目, 商品二级类目, 商品三级类目, 商品四级类目, "
            "商家编码-规格维度, 订单成交时间, 赠品名称, 赠品id, 赠品规格, 赠品数量, 团ID, 团身份, 配送状态, "
            "多多支付立减金额(元), 街道/镇, 是否直播间成交, 是否直播间引导成交, 是否分期, 分期期数, "
            "是否无痕发货, 订单来源, 是否社区团购"
        ),
        facts=(ORDER_COMPLETED,),
        shop="拼多多店",
        channel="拼多多",
        scope="pinduoduo",
        day_in_order_no=r"^(\d{6})-\d{15}$",
        states=((r"^已取消$|^未成交$", "closed"),),
    ),
)
