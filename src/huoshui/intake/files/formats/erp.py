"""ERPs that gather orders from shops: 聚水潭 and 旺店通.

A row per product, identical rows are real (an order sent in two parcels). Their own number tells an order; the shop's is
in 线上订单号 or 子单原始单号. Import an order from its shop or from the ERP, not from both.
"""

from __future__ import annotations

from huoshui.core.facts.types import ORDER_COMPLETED
from huoshui.intake.files.formats.base import Format, names

_TWICE = "同一笔订单请只从一处导入：要么从店铺后台，要么从这里，两处都导入会算两次。"

FORMATS = (
    Format(
        name="jushuitan",
        label="聚水潭 订单",
        kind="sales",
        grade="B",
        fingerprints=(("内部订单号", "线上订单号"),),
        never=("售后单号",),
        columns={
            "order_no": ("内部订单号",),
            "ordered_at": ("下单时间", "付款日期"),
            "store_code": ("店铺名称", "店铺简称"),
            "receiver_phone": ("手机",),
            "sku_code": ("商品编码",),
            "product_name": ("商品名称",),
            "quantity": ("数量",),
            "line_value": ("商品金额",),
            "unit_price": ("商品单价",),
            "amount": ("买家实付",),
            "order_amount": ("已付金额", "应付金额"),
            "status": ("状态",),
            "channel": ("平台站点",),
        },
        header=names(
            "内部订单号, 线上订单号, 店铺名称, 下单时间, 应付金额, 已付金额, 状态, 快递单号, 订单类型, 旗帜, "
            "平台站点, 子订单编号, 线上子订单编号, 原始线上订单号, 商品编码, 商品名称, 数量, 商品单价, "
            "商品金额, 原价, 买家实付, 收入运费, 支出运费, 成本价, 店铺简称, 店铺分组, 店铺主账号, 付款日期, "
            "收货人, 省份, 城市, 区县, 地址(包含省市区), 手机, 买家留言, 订单备注, 供应商, 颜色及规格, 快递公司"
        ),
        facts=(ORDER_COMPLETED,),
        shop="聚水潭店铺",
        scope="jushuitan",
        shared=frozenset({"order_amount"}),
        note=_TWICE,
    ),
    Format(
        name="wangdiantong",
        label="旺店通 订单/出库明细",
        kind="sales",
        grade="B",
        fingerprints=(("子单原始单号", "客户网名"), ("子单原始单号", "货品名称")),
        columns={
            "order_no": ("订单编号",),
            "ordered_at": ("交易时间", "付款时间", "支付时间", "发货时间"),
            "store_code": ("店铺",),
            "account": ("客户网名",),
            "receiver_phone": ("收件人手机",),
            "sku_code": ("商家编码", "规格码", "货品编号", "条码"),
            "product_name": ("货品名称",),
            "quantity": ("实发数量", "货品数量"),
            "amount": ("分摊后总价", "货品成交总价"),
            "status": ("订单状态", "出库单状态"),
            "after_sale": ("订单退款状态",),
            "channel": ("订单来源",),
        },
        header=names(
            "订单编号, 店铺, 订单来源, 仓库, 子单原始单号, 订单状态, 订单类型, 货到付款, 订单退款状态, "
            "交易时间, 付款时间, 客户网名, 收件人, 收货地区, 收货地址, 收件人手机, 收件人电话, 邮编, 区域, "
            "物流公司, 物流单号, 买家留言, 客服备注, 打印备注, 货品名称, 实发数量, 分摊后总价, 原始单号, "
            "原始子单号, 订单类别, 支付账号, 出库单编号, 出库单状态, 出库状态, 商家编码, 货品编号, 货品简称, "
            "品牌, 分类, 规格码, 规格名称, 条码, 货品数量, 货品原单价, 货品原总金额, 订单总优惠, 订单邮费, "
            "分摊邮费, 货品成交价, 货品成交总价, 货品总优惠, 货到付款金额, 应收金额, 收货人, 支付时间, "
            "发货时间, 赠品方式"
        ),
        facts=(ORDER_COMPLETED,),
        shop="旺店通店铺",
        scope="wangdiantong",
        note=_TWICE,
    ),
)
