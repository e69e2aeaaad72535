"""淘宝 and 天猫 (千牛): orders, the lines of orders, refunds.

Paid is what the buyer paid, postage included (买家实付金额): 总金额 may be the list total before discounts. After a refund
it may already be net. A file since 2023 knows no buyer; his address, phone and name are the receiver's and masked.
"""

from __future__ import annotations

from huoshui.core.facts.types import ORDER_COMPLETED, ORDER_REFUNDED
from huoshui.intake.files.formats.base import Format, names

_ORDER = {
    "order_no": ("订单编号",),
    "ordered_at": ("订单创建时间", "订单付款时间"),
    "paid_at": ("订单付款时间",),
    "store_code": ("店铺名称", "店铺Id"),
    "account": ("买家会员名",),
    "receiver_phone": ("联系手机", "联系电话"),
    "product_name": ("宝贝标题", "商品标题"),
    "quantity": ("宝贝总数量",),
    "order_amount": ("买家实付金额", "买家实际支付金额"),
    "coupon_discount": ("天猫卡券抵扣",),
    "platform_discount": ("集分宝抵扣",),
    "status": ("订单状态",),
    "refund_amount": ("退款金额",),
}
_SHOP = "淘宝/天猫店"

FORMATS = (
    Format(
        name="taobao_orders",
        label="淘宝/天猫 订单报表",
        kind="sales",
        grade="A",
        fingerprints=(
            ("买家支付宝账号", "买家应付邮费"),
            ("订单编号", "支付单号", "买家应付邮费", "买家实付金额"),
        ),
        never=("子订单编号", "买家公司名", "货品总价(元)"),
        columns=_ORDER,
        header=names(
            "订单编号, 买家会员名, 买家支付宝账号, 支付单号, 支付详情, 买家应付货款, 买家应付邮费, "
            "买家支付积分, 总金额, 返点积分, 买家实际支付金额, 买家实际支付积分, 订单状态, 买家留言, "
            "收货人姓名, 收货地址, 运送方式, 联系电话, 联系手机, 虚拟号过期时间, 订单创建时间, 订单付款时间, "
            "宝贝标题, 宝贝种类, 物流单号, 物流公司, 订单备注, 宝贝总数量, 店铺Id, 店铺名称, 订单关闭原因, "
            "卖家服务费, 买家服务费, 发票抬头, 是否手机订单, 分阶段订单信息, 特权订金订单id, 是否上传合同照片, "
            "是否上传小票, 是否代付, 定金排名, 修改后的sku, 修改后的收货地址, 异常信息, 天猫卡券抵扣, "
            "集分宝抵扣, 是否是O2O交易, 满返红包金额, 新零售交易类型, 新零售导购门店名称, 新零售导购门店id, "
            "新零售发货门店名称, 新零售发货门店id, 退款金额, 预约门店, 确认收货时间, 打款商家金额, "
            "含应开票给个人的个人红包, 是否信用购, 体验期结束时间, 前N有礼, 配送类型, 直播返现状态, 返现金额, "
            "延迟发货自动赔付金额, 新零售成交门店昵称, 新零售成交门店id, 新零售成交经销商id, 预售订单, "
            "发货时间, 商家备忘, 主订单编号, 买家实付金额, 商品标题, 备注标签, 商家备注, 开票信息, 手机订单, "
            "商品属性SKU, 确认收货打款金额, 含应开票给个人红包, 总金额(旧版), C2B小额收款, 是否主动赔付, "
            "主动赔付金额, 主动赔付出账时间, 应发货时间"
        ),
        facts=(ORDER_COMPLETED,),
        shop=_SHOP,
        channel="淘宝/天猫",
        scope="taobao",
        is_whole_order=True,
        paid_may_be_net=True,
        note="这份报表一行是一单。想看每件商品，请再导入同一时期的「宝贝报表」，系统会自动合成一单，不会算两次。",
    ),
    Format(
        name="taobao_items",
        label="淘宝/天猫 宝贝报表",
        kind="sales",
        grade="A",
        fingerprints=(
            ("主订单编号", "子订单编号", "外部系统编号"),
            ("主订单编号", "子订单编号", "商品属性"),
            ("子订单编号", "主订单编号", "子单实际支付金额"),
        ),
        never=("选购商品",),
        columns={
            "order_no": ("主订单编号",),
            "line_no": ("子订单编号",),
            "ordered_at": ("订单创建时间", "订单付款时间"),
            "paid_at": ("订单付款时间",),
            "store_code": ("店铺名称", "店铺ID"),
            "account": ("买家会员名",),
            "receiver_phone": ("联系手机",),
            "sku_code": ("商家编码", "外部系统编号", "商品ID", "商品编码"),
            "product_name": ("商品标题", "标题", "宝贝标题"),
            "quantity": ("购买数量", "宝贝数量"),
            "amount": ("买家实付金额", "子单实际支付金额", "买家应付货款"),
            "status": ("订单状态",),
            "after_sale": ("退款状态",),
            "refund_amount": ("退款金额",),
        },
        header=names(
            "子订单编号, 主订单编号, 标题, 价格, 购买数量, 外部系统编号, 商品属性, 订单状态, 商家编码, "
            "买家应付货款, 退款状态, 退款金额, 订单创建时间, 商品标题, 商品价格, 商品ID, 买家实付金额, "
            "订单付款时间, 发货时间, 确认收货时间, 物流单号, 买家会员名, 买家会员ID, 支付单号, 买家应付邮费, "
            "总金额, 买家实际支付金额, 子单实际支付金额, 收件人姓名, 收货地址, 联系手机, 宝贝标题, 宝贝数量, "
            "物流公司, 店铺ID, 店铺名称, 供应商ID, 供应商名称, 仓发类型, 颜色/尺码, 商品编码, 套餐信息, 备注"
        ),
        facts=(ORDER_COMPLETED,),
        shop=_SHOP,
        channel="淘宝/天猫",
        scope="taobao",
        paid_may_be_net=True,
    ),
    Format(
        name="taobao_refunds",
        label="淘宝/天猫 退款",
        kind="sales",
        grade="B",
        fingerprints=(
            ("订单编号", "退款编号", "退款状态"),
            ("订单编号", "退款单编号", "退款状态"),
        ),
        columns={
            "order_no": ("退款编号", "退款单编号"),
            "original_order_no": ("订单编号",),
            "ordered_at": ("退款完结时间", "完结时间", "退款申请时间"),
            "amount": ("买家退款金额", "退款总额", "退给买家金额"),
            "status": ("退款状态",),
        },
        header=names(
            "订单编号, 退款编号, 退款单编号, 支付宝交易号, 订单付款时间, 退款申请时间, 退款完结时间, 完结时间, "
            "退款状态, 退款类型, 售后类型, 货物状态, 发货状态, 买家退款金额, 退款总额, 退给买家金额, "
            "退给平台金额, 买家退款原因, 是否需要退货, 退款操作人"
        ),
        facts=(ORDER_REFUNDED,),
        shop=_SHOP,
        channel="淘宝/天猫",
        scope="taobao",
        is_refunds=True,
        states=((r"^退款成功|^退款完结", "paid"), (r".", "unpaid")),
        note="退款会等它的订单：先导入或后导入订单报表都可以，来源要选同一个。",
    ),
)
