"""支付宝 业务明细: GBK, four `#` lines above the header and two below the data, often inside a zip.

Whether a row is a payment or a refund is told by 业务类型; the sign of its amount is not to be relied on.
"""

from __future__ import annotations

from huoshui.intake.files.formats.base import Format, names
from huoshui.intake.files.kinds import PAYMENT_MADE, PAYMENT_REFUNDED

FORMATS = (
    Format(
        name="alipay",
        label="支付宝 业务明细",
        kind="bills",
        grade="A",
        fingerprints=(("支付宝交易号", "商户订单号", "业务类型"),),
        columns={
            "transaction_no": ("支付宝交易号",),
            "refund_no": ("退款批次号/请求号",),
            "order_no": ("商户订单号",),
            "happened_at": ("完成时间", "创建时间"),
            "store_code": ("门店编号", "门店名称"),
            "amount": ("订单金额（元）",),
            "fee": ("服务费（元）",),
            "row_type": ("业务类型",),
            "subject": ("商品名称",),
        },
        header=names(
            "支付宝交易号, 商户订单号, 业务类型, 商品名称, 创建时间, 完成时间, 门店编号, 门店名称, 操作员, "
            "终端号, 对方账户, 订单金额（元）, 商家实收（元）, 支付宝红包（元）, 集分宝（元）, "
            "支付宝优惠（元）, 商家优惠（元）, 券核销金额（元）, 券名称, 商家红包消费金额（元）, "
            "卡消费金额（元）, 退款批次号/请求号, 服务费（元）, 分润（元）, 备注"
        ),
        facts=(PAYMENT_MADE, PAYMENT_REFUNDED),
        scope="alipay",
        ends_at=r"^#",
    ),
)
