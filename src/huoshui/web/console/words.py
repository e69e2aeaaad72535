"""Screen words for the codes other rooms use."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

ROLES = {
    "boss": _("老板"),
    "operator": _("运营"),
    "analyst": _("分析"),
    "privacy_officer": _("隐私专员"),
    "auditor": _("审计"),
    "regional_manager": _("大区经理"),
    "dealer": _("经销商"),
    "manager": _("店长"),
    "guide": _("导购"),
}

# What the charts say; they are drawn by script, so the words travel as data.
CHART = {
    "actual": _("实际"),
    "expected": _("预期"),
    "range": _("正常范围"),
    "below": _("低于正常范围"),
    "above": _("高于正常范围"),
    "verdict": _("判断"),
    "normal": _("正常波动"),
    "date": _("日期"),
    "paid": _("实付"),
    "due": _("应在"),
    "likely": _("预计"),
    "today": _("今天"),
    "these": _("这群人"),
    "everyone": _("全部顾客"),
    "average": _("平均"),
    "customers": _("顾客"),
    "orders_a_year": _("一年几单"),
    "taken_off": _("让利"),
    "by_brand": _("品牌承担"),
    "by_dealer": _("经销商承担"),
    "uses": _("用了几张"),
    "came": _("进店"),
    "sold": _("成交单数"),
    "conversion": _("进店成交率"),
    "told": _("记下没买"),
}

GRADES = {"high": _("高"), "mid": _("中"), "growing": _("成长")}
GROUPS = {
    "high_high": _("高频高客单"),
    "low_high": _("低频高客单"),
    "high_low": _("高频低客单"),
    "low_low": _("低频低客单"),
}
SILENT = {30: _("30 天以上没来"), 60: _("60 天以上没来"), 90: _("90 天以上没来"), 180: _("半年以上没来")}

IDENTIFIER_ICONS = {
    "phone": "device-mobile",
    "unionid": "brand-wechat",
    "openid": "brand-wechat",
    "external_userid": "building-broadcast-tower",
    "pending_id": "building-broadcast-tower",
    "member_no": "id",
    "card_no": "id",
    "account": "shopping-bag",
    "email": "mail",
    "device_id": "device-desktop",
}
CHAIN_ICONS = {
    "source": "download",
    "person": "user-check",
    "sale": "receipt-2",
    "staff": "id-badge-2",
    "stock": "packages",
    "product": "basket",
    "points": "coins",
    "coupon": "ticket",
    "voucher": "discount-check",
    "tier": "medal",
    "refund": "receipt-refund",
    "revision": "refresh",
    "supplement": "plus",
    "exception": "alert-triangle",
}

# The layers that follow from a sale: whom one can reach, how to treat them, what they hold, what is left
ONWARD = {
    "reach": (_("触达"), "phone"),
    "strategy": (_("分层与策略"), "target"),
    "incentive": (_("激励"), "gift"),
    "supply": (_("供应"), "packages"),
    "assortment": (_("配货与搭配"), "layout-grid"),
    "loss": (_("流失"), "trending-down"),
}

UNITS = {
    "points": _("积分"),
    "budget": _("活动预算"),
    "prize": _("奖品预算"),
    "red_packet": _("红包资金"),
    "payable": _("应付款"),
}
UNIT_MEANS = {
    "points": _("发给顾客、还没用掉的积分"),
    "budget": _("给券留出来、还没花掉的钱"),
    "prize": _("给奖品留出来、还没花掉的钱"),
    "red_packet": _("给红包留出来、还没发掉的钱"),
    "payable": _("提成、服务费、推荐奖励里，还没付出去的钱"),
}
MONEY_UNITS = frozenset({"budget", "prize", "red_packet", "payable"})
OWNERS = {
    "person": _("顾客 {id}"),
    "issuer": _("品牌"),
    "expired": _("到期作废"),
    "spent": _("已使用"),
    "fund": _("品牌留出的钱"),
    "org_unit": _("机构 {id}"),
    "dealer": _("经销商 {id}"),
    "store": _("门店 {id}"),
    "staff": _("员工 {id}"),
    "campaign": _("营销活动 {id}"),
    "template": _("优惠 {id}"),
    "partner": _("异业合作方 {id}"),
    "payee": _("应付款 {id}"),
}
ANY_OWNER = _("账户 {id}")
DEBT = _("欠着的")
HELD = _("锁定中")
REASONS = {
    "earn": _("消费得积分"),
    "take_back": _("退货扣回"),
    "spend": _("积分抵现"),
    "spend_back": _("退货退还积分"),
    "expire": _("到期作废"),
    "adjust": _("手工调整"),
    "exchange_out": _("兑换成合作伙伴积分"),
    "exchange_in": _("用合作伙伴积分换入"),
    "partner_issue": _("合作伙伴发放"),
    "partner_out": _("兑换得到"),
    "partner_in": _("兑换用掉"),
    "settled": _("和合作伙伴结清"),
    "fund": _("拨入预算"),
    "fund_draw": _("发奖、发红包"),
    "fund_back": _("没有发出，退回预算"),
    "coupon_budget": _("券用掉预算"),
    "coupon_budget_back": _("退货退回预算"),
    "coupon_payable": _("垫付的券，记为应付"),
    "coupon_payable_back": _("退货冲回应付"),
}
ANY_REASON = _("其他变动")
FACTS = {
    "Order Completed": _("订单"),
    "Order Refunded": _("退货退款"),
    "Identify": _("顾客资料"),
    "Points Expiring": _("积分快到期"),
    "Points Expired": _("积分到期"),
    "Points Adjusted": _("手工调整"),
    "Points Exchanged": _("兑换积分"),
    "Goods Received": _("收货单"),
    "Goods Counted": _("盘点单"),
    "Goods Adjusted": _("调整单"),
    "Goods Damaged": _("报损单"),
    "Goods Sent": _("调拨发出"),
    "Goods Arrived": _("调拨收到"),
    "Goods Handed Over": _("缺货代发"),
    "Coupon Claimed": _("领券"),
    "Coupon Issued": _("发券"),
    "Coupon Expiring": _("券快到期"),
    "Coupon Expired": _("券到期"),
    "Coupon Transferred": _("转赠券"),
    "Budget Funded": _("拨入预算"),
    "Fund Drawn": _("发奖、发红包"),
    "Fund Put Back": _("没有发出，退回预算"),
    "Visit Ended Without Sale": _("进店没买"),
    "Visit Taken Back": _("没买的记录撤销"),
    "Basket Abandoned": _("购物车没付款"),
    "Scan Ended Without Sale": _("扫了商品没买"),
    "Abandonment Taken Back": _("后来买了"),
    "Fact Withdrawn": _("撤回的记录"),
}
# Reasons an installation begins with; a brand's own are shown as it wrote them
NOT_BOUGHT = (_("价格"), _("口味"), _("没货"), _("再比比"), _("先看看"))
ORDERS = frozenset({"Order Completed", "Order Refunded"})
# What people do, by its icon: the names that sites, shops and apps tell have in the e-commerce spec
DOINGS = {
    "Page": ("eye", _("看页面")),
    "Screen": ("eye", _("看页面")),
    "Identify": ("id", _("说明是谁")),
    "Alias": ("id", _("两个账号是同一个人")),
    "Group": ("users", _("加入一个组")),
    "Products Searched": ("search", _("搜索")),
    "Product List Viewed": ("list", _("看商品列表")),
    "Product List Filtered": ("filter", _("筛选商品")),
    "Product Clicked": ("click", _("点开商品")),
    "Product Viewed": ("eye", _("看商品")),
    "Product Added": ("shopping-cart-plus", _("放进购物车")),
    "Product Removed": ("shopping-cart-minus", _("从购物车拿掉")),
    "Product Added to Wishlist": ("heart", _("收藏商品")),
    "Product Shared": ("share", _("分享商品")),
    "Product Reviewed": ("message", _("评价商品")),
    "Cart Viewed": ("shopping-cart", _("看购物车")),
    "Cart Shared": ("share", _("分享购物车")),
    "Checkout Started": ("cash", _("去结算")),
    "Checkout Step Viewed": ("cash", _("看结算")),
    "Checkout Step Completed": ("cash", _("填好一步结算")),
    "Payment Info Entered": ("credit-card", _("选好付款方式")),
    "Promotion Viewed": ("eye", _("看活动")),
    "Promotion Clicked": ("click", _("点开活动")),
    "Coupon Entered": ("ticket", _("填券码")),
    "Coupon Applied": ("ticket", _("用上券")),
    "Coupon Denied": ("ticket-off", _("券没能用")),
    "Coupon Removed": ("ticket-off", _("取消用券")),
    "Body Measured": ("scale", _("量身体")),
    "Trend Noticed": ("bell", _("有变化")),
    "Sample Claimed": ("gift", _("领试用装")),
    "Sample Dispensed": ("gift", _("拿到试用装")),
    "Sample Stuck": ("gift", _("试用装没出来")),
    "Sample Follow Up Due": ("bell", _("试用装该跟进")),
    "Device Given": ("scale", _("拿到一台秤")),
    "Device Taken Back": ("scale", _("还回一台秤")),
    "Tag Given": ("tag", _("打上了标签")),
    "Tag Taken": ("tag-off", _("拿掉了标签")),
    "Segment Entered": ("users-plus", _("进了人群")),
    "Segment Left": ("users-minus", _("离开了人群")),
    "Consent Given": ("shield-check", _("同意了")),
    "Consent Withdrawn": ("shield-x", _("撤回了同意")),
    "Person Referred": ("user-plus", _("别人推荐来的")),
    "Relation Declared": ("users", _("说明了和谁的关系")),
    "Account Followed": ("brand-wechat", _("关注了公众号")),
    "Contact Added": ("brand-wechat", _("加了企业微信")),
    "Community Joined": ("users", _("进了社群")),
    "Member Joined": ("id-badge-2", _("入会")),
    "Membership Ended": ("id-off", _("退会")),
    "Account Unfollowed": ("brand-wechat", _("取消关注公众号")),
    "Contact Removed": ("brand-wechat", _("删了企业微信")),
    "Segment Consent Preference Updated": ("shield-check", _("改了授权同意")),
    "Person Corrected": ("id", _("按顾客要求改了资料")),
    "Code Scanned": ("qrcode", _("扫码")),
    "Bond Assigned": ("link", _("总部指定了归属")),
    "Bond Transferred": ("link", _("归属转让给别家")),
    "Bond Wished": ("link", _("自己选了由谁服务")),
    "Bond Released": ("unlink", _("放弃归属")),
    "Bond Handed Over": ("link", _("顾客交接")),
    "Bond Dispute Granted": ("link", _("归属申诉成立")),
    "Bond Dispute Refused": ("link", _("归属申诉不成立")),
    "Tier Reached": ("medal", _("升到会员等级")),
    "Tier Left": ("medal", _("会员等级到期")),
    "Coupon Received": ("ticket", _("领券")),
    "Coupon Used": ("ticket", _("用券")),
    "Payment Made": ("credit-card", _("付款")),
    "Payment Refunded": ("credit-card", _("退款")),
    "Payment Cancelled": ("credit-card", _("取消付款")),
    "Content Shared": ("share", _("分享内容")),
    "Product Scanned": ("scan", _("扫了商品")),
    "Screen Touched": ("hand-click", _("点了门店屏幕")),
}
ANY_DOING = "point"

# What could not be had: in short, and what it means with what to do about it
EXCEPTIONS = {
    "reader_unreadable": (
        _("有一条记录读不懂"),
        _("这条记录里有读不懂的内容，没有照它办，其余记录不受影响；请让来源改好后重新上报"),
    ),
    "parent_unknown": (
        _("退货找不到原订单"),
        _("等了两个星期，原订单还没有来；请查一下原订单号"),
    ),
    "points_short": (
        _("积分不够扣"),
        _("退货要扣回的积分已经用掉了，记为欠积分"),
    ),
    "points_owed": (
        _("积分不够扣"),
        _("要扣的积分不够，记为欠积分，下次得积分时先还"),
    ),
    "shared_identifier": (
        _("一个账号被很多人共用"),
        _("这个账号被很多人共用，不再用它认人"),
    ),
    "number_recycled": (
        _("号码可能换了人用"),
        _("这个号码很久没有用过，现在和别的账号一起出现，可能换了人用；没有合并，请看看"),
    ),
    "too_many_of_one": (
        _("一个人的账号太多"),
        _("合并以后一个人的账号会太多，没有合并，请看看是不是同一人"),
    ),
    "unionid_differs": (
        _("一个 OpenID 有两个 UnionID"),
        _(
            "一个微信 OpenID 只属于一个 UnionID，这笔数据里的却和先前登记的不一样：两笔里有一笔导错了，多半是 OpenID "
            "取自另一个小程序或公众号。没有合并，请在微信后台核对这个 OpenID，再改正导错的那一笔"
        ),
    ),
    "parted_again": (
        _("分开的两位顾客又出现在一起"),
        _("有人确认过这是两位顾客，这笔数据里却同时有两边的账号；没有合并，请看看账号有没有记错人"),
    ),
    "budget_short": (_("活动预算不够"), _("这个活动的预算用完了，多给的记在欠款里；请补预算或停掉活动")),
    "balance_short": (_("账户余额不够"), _("付出去的比账户里的多，差额记在欠款里")),
}
# Of codes whose sentence their own room says: what kind of thing it is about, by how they begin
EXCEPTION_FAMILIES = {
    "coupon": _("券用得不对"),
    "points": _("积分对不上"),
    "refund": _("退货对不上"),
    "order": _("订单对不上"),
    "stock": _("库存对不上"),
    "tenders": _("金额对不上"),
    "amount": _("金额对不上"),
    "discount": _("金额对不上"),
}
ANY_EXCEPTION = _("有一处没有办成")
FACT_STATES = {"settled": _("已入账"), "waiting": _("等原订单"), "received": _("还没处理")}
TRAIL = {
    "exception.mended": _("标记已处理"),
    "exception.retried": _("重新处理"),
    "exception.retold": _("这一单后来又报了一次，以新的为准"),
}

KINDS = {
    "sales": _("销售明细"),
    "people": _("顾客"),
    "products": _("商品"),
    "stores": _("门店"),
    "staff": _("员工"),
    "dealers": _("经销商"),
    "stock": _("门店库存"),
    "dealer_purchases": _("经销商进货"),
    "dealer_payments": _("经销商回款"),
    "dealer_stock": _("经销商库存"),
    "survey": _("问卷与访谈"),
    "coupons": _("优惠券"),
    "bills": _("收款账单"),
    "footfall": _("进店客流"),
    "targets": _("目标"),
    "market": _("市场与竞品数据"),
    "promotion": _("推广报表"),
    "groups": _("客户群"),
    "campaigns": _("营销活动"),
}
MODES = {"live": _("现在的数据"), "history": _("过去的数据")}
MODE_MEANS = {
    "live": _("照常发积分、扣库存、升等级"),
    "history": _("只记账和认人，计入等级；不发积分、不扣库存、不发消息"),
}
RUN_STATES = {
    "uploaded": _("等您确认"),
    "queued": _("排队中"),
    "running": _("进行中"),
    "tried": _("已试算，未生效"),
    "done": _("已完成"),
    "failed": _("没有完成"),
    "interrupted": _("停在半路"),
}
UNDO_STATES = {
    "asked": _("撤销等批准"),
    "queued": _("撤销中"),
    "running": _("撤销中"),
    "done": _("已撤销"),
    "failed": _("撤销没有做完"),
}
UNDO_MEANS = {
    "asked": _("等另一位同事批准，现在什么都没有变。"),
    "queued": _("正在撤回；打开看进展。"),
    "running": _("正在撤回；打开看进展。"),
    "done": _("做了什么、还留下什么，打开看。同一份文件可以再导入。"),
    "failed": _("停在了半路；打开接着撤销。"),
}
QUARANTINE_STATES = {
    "marked": _("要先隔离"),
    "held": _("隔离中"),
    "asked": _("等批准放行"),
    "released": _("已放行"),
    "rejected": _("已拒绝"),
}
QUARANTINE_MEANS = {
    "marked": _("导入后先放进隔离，等人放行才入账。"),
    "held": _("没有入账：查不到这些人，不发积分，不算进任何数字，也不能联系他们。"),
    "asked": _("等另一位同事同意；现在什么都没有入账。"),
    "released": _("这批数据是别人给的，已经放行入账。"),
    "rejected": _("文件已删除，什么都没有入账；只留下来历、行数和理由。"),
}
RELATIONS = {"acquired": _("收购来的"), "partner": _("合作方给的")}
LEGAL_BASES = {
    "transfer": _("合并、收购随业务转来，已告知本人接收方（个保法第二十二条）"),
    "separate_consent": _("本人单独同意对方提供给我们（个保法第二十三条）"),
    "consent": _("本人同意我们处理（个保法第十三条第一项）"),
    "contract": _("与本人订立、履行合同所必需（个保法第十三条第二项）"),
    "duty": _("履行法定义务所必需（个保法第十三条第三项）"),
}
PROVENANCE = {
    "relation": _("怎么来的"),
    "from_whom": _("从谁那里来"),
    "obtained_on": _("哪天拿到的"),
    "contract": _("合同编号或文件"),
    "legal_basis": _("法律依据"),
    "notice_version": _("告知书版本"),
}
OVERLAPS = {
    "phone": _("手机号"),
    "email": _("邮箱"),
    "card_no": _("会员卡号"),
    "member_no": _("会员号"),
    "unionid": _("微信 UnionID"),
}
LISTS = {
    "sku": _("商品"),
    "org_unit": _("门店和机构"),
    "staff": _("员工"),
    "placement": _("员工的门店"),
    "staff_identifier": _("员工的手机号"),
    "dealer": _("经销商"),
    "dealer_purchase": _("经销商进货"),
    "dealer_payment": _("经销商回款"),
    "dealer_stock": _("经销商库存"),
    "context_figure": _("目标和市场数据"),
    "context_event": _("活动日历"),
}
# In the order they are shown
COUNTS = {
    "rows": _("行"),
    "orders": _("订单"),
    "lines": _("商品行"),
    "people": _("顾客"),
    "no_sales": _("没付款或已取消，不算成交"),
    "new": _("新增"),
    "known": _("和以前一样，跳过"),
    "changed": _("新增或更新"),
    "waiting": _("等原订单的退货"),
    "tags_given": _("给了标签"),
    "tags_refused": _("没有同意，没给标签"),
    "problems": _("要改的行"),
}

COUPON_KINDS = {
    "amount_off": _("减钱"),
    "percent_off": _("打折"),
    "gift": _("送赠品"),
    "fixed_price": _("特价或打包价"),
    "nth_item": _("第几件便宜"),
}
COUPON_REFUNDS = {
    "give_back": _("还给顾客"),
    "give_back_if_valid": _("没过期才还"),
    "keep": _("不还"),
}
COUPON_STATES = {"draft": _("草稿"), "live": _("进行中"), "paused": _("已暂停"), "ended": _("已结束")}
COUPON_TONES = {"draft": "", "live": "water", "paused": "clay", "ended": ""}
WEEKDAYS = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))
# What tills say of a change of an order
CHANGES = {"refunded": _("退货退款"), "exchange": _("换货"), "void": _("作废")}
DOCUMENT_STATES = {
    "booked": _("已入账"),
    "on_its_way": _("在路上"),
    "matches": _("数目对得上"),
    "differs": _("数目有差"),
}

CONDITIONS = {"sellable": _("完好，可再卖"), "damaged": _("残损，不上架"), "not_returned": _("没有退回来")}

# How an order was paid, by the names tills use
TENDERS = {
    "cash": _("现金"),
    "wechat": _("微信支付"),
    "alipay": _("支付宝"),
    "card": _("银行卡"),
    "voucher": _("代金券"),
    "points": _("积分抵扣"),
}
COUPON_DONE = {
    "saved": _("已存好。"),
    "publish": _("已发布，顾客现在可以领了。"),
    "pause": _("已暂停：现在领不了，顾客手里的照常能用。"),
    "end": _("已结束：不再发，顾客手里的用到过期为止。"),
    "fund": _("预算已拨入。"),
    "share": _("通用码已经建好，现在就能用。"),
    "void": _("作废了 {n} 张。"),
    "void_some": _("作废了 {n} 张；另外 {left} 个不是这张券的，或者已经用掉、作废，没有动。"),
}
