"""微信支付 交易账单: one row per payment or refund, each cell behind a backtick; a summary of two lines ends the file.

Amounts are 应结订单金额 of a payment and 退款金额 of a refund. 用户标识 is the openid under 公众账号ID.
"""

from __future__ import annotations

from huoshui.intake.files.formats.base import Format, names
from huoshui.intake.files.kinds import PAYMENT_MADE, PAYMENT_REFUNDED

FORMATS = (
    Format(
        name="weixin_pay",
        label="微信支付 交易账单",
        kind="bills",
        grade="A",
        fingerprints=(("公众账号ID", "商户订单号", "微信订单号"),),
        columns={
            "transaction_no": ("微信订单号",),
            "refund_no": ("微信退款单号",),
            "order_no": ("商户订单号",),
            "happened_at": ("退款成功时间", "交易时间"),
            "openid": ("用户标识",),
            "appid": ("公众账号ID",),
            "amount": ("应结订单金额", "总金额"),
            "refund_amount": ("退款金额",),
            "fee": ("手续费",),
            "status": ("交易状态",),
            "refund_status": ("退款状态",),
            "subject": ("商品名称",),
            "merchant_no": ("商户号",),
        },
        header=names(
            "交易时间, 公众账号ID, 商户号, 特约商户号, 设备号, 微信订单号, 商户订单号, 用户标识, 交易类型, "
            "交易状态, 付款银行, 货币种类, 应结订单金额, 代金券金额, 微信退款单号, 商户退款单号, 退款金额, "
            "充值券退款金额, 退款类型, 退款状态, 商品名称, 商户数据包, 手续费, 费率, 订单金额, 申请退款金额, "
            "费率备注, 子商户号, 总金额, 企业红包金额, 代金券或立减优惠金额, 退款申请时间, 退款成功时间"
        ),
        facts=(PAYMENT_MADE, PAYMENT_REFUNDED),
        scope="weixin_pay",
        ends_at=r"^`?(总交易单数|资金流水总笔数)",
    ),
)
