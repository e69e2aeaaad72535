"""有赞: orders, the lines of orders, customers.

Paid is 订单实付金额, of a line 商品实际成交金额. 买家手机号 is the buyer's own; 收货人/提货人 is the receiver's.
Customers have no number: one without a whole phone is told apart by nickname and first day, which joins him to nobody.
"""

from __future__ import annotations

from huoshui.core.facts.types import IDENTIFY, ORDER_COMPLETED
from huoshui.intake.files.formats.base import Format, names

_RECEIVER = ("收货人手机号/提货人手机号",)

FORMATS = (
    Format(
        name="youzan_orders",
        label="有赞 订单",
        kind="sales",
        grade="A",
        fingerprints=(("全部商品名称", "商品种类数"),),
        columns={
            "order_no": ("订单号",),
            "ordered_at": ("订单创建时间", "买家付款时间"),
            "paid_at": ("买家付款时间",),
            "store_code": ("下单网点", "归属店铺"),
            "phone": ("买家手机号",),
            "receiver_phone": _RECEIVER,
            "product_name": ("全部商品名称",),
            "quantity": ("商品数量",),
            "order_amount": ("订单实付金额",),
            "retail_discount": ("店铺优惠合计",),
            "platform_discount": ("支付优惠合计",),
            "status": ("订单状态",),
            "after_sale": ("订单退款状态",),
            "refund_amount": ("订单已退款金额",),
            "channel": ("销售渠道",),
            "guide_code": ("销售导购", "专属导购"),
        },
        header=names(
            "订单号, 销售渠道, 归属店铺, 订单类型, 订单状态, 推广方式, 订单来源, 订单创建时间, 买家付款时间, "
            "交易成功时间, 付款方式, 支付流水号, 商品金额合计, 运费, 店铺优惠合计, 应收订单金额, 订单实付金额, "
            "支付优惠合计, 订单实收金额, 订单抵用积分数, 店铺优惠方式, 支付优惠方式, 全部商品名称, 商品种类数, "
            "订单配送方式, 同城送达时间/提货时间, 收货人省份, 收货人城市, 收货人地区, 详细收货地址/提货地址, "
            "收货人/提货人, 收货人手机号/提货人手机号, 买家备注, 订单星级, 买家昵称, 买家是否会员, 买家手机号, "
            "下单网点, 收银员, 分销员, 销售导购, 专属导购, 订单退款状态, 订单已退款金额, 商家订单备注, 桌号, "
            "挂账主体, 挂账手机号, 团长订单, 订单风险标签, 分销员#2, 分销员手机号, 分销员所属店铺, "
            "分销员所属团队, 分销员所属分组, 分销员等级, 订单佣金类型, 订单佣金金额, 订单下级卖货提成类型, "
            "订单下级卖货提成金额, 优惠券码名称, 商品数量"
        ),
        facts=(ORDER_COMPLETED,),
        shop="有赞店",
        scope="youzan",
        is_whole_order=True,
        note="这份报表一行是一单。想看每件商品，请再导入同一时期的「订单商品」表，系统会自动合成一单，不会算两次。",
    ),
    Format(
        name="youzan_items",
        label="有赞 订单商品",
        kind="sales",
        grade="B",
        fingerprints=(("商品实际成交金额", "收货人/提货人"),),
        columns={
            "order_no": ("订单号",),
            "ordered_at": ("订单创建时间", "买家付款时间", "交易成功时间", "商品发货时间"),
            "receiver_phone": _RECEIVER,
            "sku_code": ("规格编码", "商品编码"),
            "product_name": ("商品名称",),
            "quantity": ("商品数量",),
            "amount": ("商品实际成交金额",),
            "retail_discount": ("店铺优惠（分摊）",),
            "status": ("订单商品状态",),
            "after_sale": ("商品退款状态",),
            "refund_amount": ("商品已退款金额",),
        },
        header=names(
            "订单号, 外部订单号, 订单商品状态, 交易成功时间, 商品名称, 商品类型, 商品类目, 商品规格, 规格编码, "
            "商品编码, 商品单价, 商品成本价, 商品优惠方式, 商品优惠后价格, 商品数量, 商品金额小计, "
            "店铺优惠（分摊）, 商品实际成交金额, 商品抵用积分数, 商品留言, 收货人/提货人, "
            "收货人手机号/提货人手机号, 收货人省份, 收货人城市, 收货人地区, 详细收货地址/提货地址, 买家备注, "
            "商品发货状态, 商品发货方式, 商品发货物流公司, 商品发货物流单号, 发货员工, 商品发货时间, "
            "商品退款状态, 商品已退款金额, 商家订单备注, 周期购信息"
        ),
        facts=(ORDER_COMPLETED,),
        shop="有赞店",
        scope="youzan",
        borrows_time=True,
        note="这份表没有下单时间。请先导入「订单」表：已经导入过的订单，时间和顾客都用它的。",
    ),
    Format(
        name="youzan_customers",
        label="有赞 客户",
        kind="people",
        grade="B",
        fingerprints=(("成为客户时间", "客户储值余额"),),
        columns={
            "phone": ("客户手机号",),
            "name": ("客户姓名", "客户昵称"),
            "gender": ("客户性别",),
            "birthday": ("客户生日",),
            "joined_at": ("成为会员时间", "成为客户时间"),
            "home_store": ("成为会员店铺",),
            "level": ("免费等级", "付费等级"),
        },
        header=names(
            "客户姓名, 客户昵称, 客户手机号, 客户生日, 客户性别, 标签, 是否会员, 成长值, 免费等级, 付费等级, "
            "权益卡, 客户积分, 客户储值余额, 消费次数, 消费金额, 累计退款金额, 累计退款订单数, 笔单价, "
            "上次消费时间, 分销员, 导购员, 企微好友, 来源渠道, 来源方式, 成为客户时间, 成为会员时间, "
            "成为会员店铺, 公众号, 公众号关注时间, 最近浏览时间, 微信地域, 所属区域, 指定时间消费次数, "
            "指定时间消费金额"
        ),
        facts=(IDENTIFY,),
        scope="youzan",
        alias=("客户昵称", "成为客户时间"),
        note="手机号打了星号、只有昵称的顾客会单独建档，不会和任何人合并。",
    ),
)
