"""WooCommerce: it has no export of its own; these are the words of its common plugins."""

from __future__ import annotations

from huoshui.core.facts.types import ORDER_COMPLETED
from huoshui.intake.files.formats.base import Format, names

FORMATS = (
    Format(
        name="woocommerce",
        label="WooCommerce 订单（插件导出）",
        kind="sales",
        grade="C",
        fingerprints=(
            ("Order Number", "Order Status", "Billing Email"),
            ("Order Number", "Order Status", "Order Date"),
        ),
        columns={
            "order_no": ("Order Number",),
            "ordered_at": ("Order Date",),
            "phone": ("Billing Phone",),
            "email": ("Billing Email",),
            "sku_code": ("SKU", "Item SKU"),
            "product_name": ("Item Name",),
            "quantity": ("Item Quantity", "Quantity"),
            "unit_price": ("Item Cost", "Item Price"),
            "order_amount": ("Order Total Amount", "Order Total"),
            "refund_amount": ("Order Refund Amount",),
            "currency": ("Order Currency", "Currency"),
            "status": ("Order Status",),
        },
        header=names(
            "Order Number, Order Status, Order Date, Order Total, Order Total Amount, Billing First Name, "
            "Billing Last Name, Billing Email, Billing Phone, Billing Address 1, Item Name, Item Quantity, "
            "SKU, Item Cost, Order Currency, Order Refund Amount"
        ),
        facts=(ORDER_COMPLETED,),
        shop="WooCommerce 店",
        channel="WooCommerce",
        scope="woocommerce",
        shared=frozenset({"order_amount", "refund_amount"}),
        fills_down=names(
            "Order Total, Order Total Amount, Order Status, Order Date, Billing Email, Billing Phone, "
            "Order Refund Amount"
        ),
        states=((r"^pending|^on.?hold|^checkout", "unpaid"), (r"^failed|^trash", "closed")),
    ),
)
