"""Shopify: orders and customers.

A row per product; the order's own columns stand on its first row only. Total is what was paid, shipping and taxes
included, shared by price. Only 人民币 is taken; times carry their zone.
"""

from __future__ import annotations

from huoshui.core.facts.types import IDENTIFY, ORDER_COMPLETED
from huoshui.intake.files.formats.base import Format, names

_PLACE = "Name, Street, Address1, Address2, Company, City, Zip, Province, Country, Phone, Province Name"
_PLACES = tuple(f"{of} {part}" for of in ("Billing", "Shipping") for part in _PLACE.split(", "))
_TAXES = tuple(f"Tax {n} {part}" for n in range(1, 6) for part in ("Name", "Value"))

FORMATS = (
    Format(
        name="shopify_orders",
        label="Shopify 订单",
        kind="sales",
        grade="A",
        fingerprints=(("Financial Status", "Lineitem quantity", "Lineitem price"),),
        columns={
            "order_no": ("Name",),
            "ordered_at": ("Created at", "Paid at"),
            "paid_at": ("Paid at",),
            "store_code": ("Location",),
            "phone": ("Phone",),
            "receiver_phone": ("Shipping Phone",),
            "email": ("Email",),
            "sku_code": ("Lineitem sku",),
            "product_name": ("Lineitem name",),
            "quantity": ("Lineitem quantity",),
            "unit_price": ("Lineitem price",),
            "order_amount": ("Total",),
            "retail_discount": ("Discount Amount",),
            "refund_amount": ("Refunded Amount",),
            "currency": ("Currency",),
            "status": ("Financial Status",),
            "guide_code": ("Employee",),
            "channel": ("Source",),
        },
        header=(
            *names(
                "Name, Email, Financial Status, Paid at, Fulfillment Status, Fulfilled at, Accepts Marketing, "
                "Currency, Subtotal, Shipping, Taxes, Total, Discount Code, Discount Amount, Shipping Method, "
                "Created at, Lineitem quantity, Lineitem name, Lineitem price, Lineitem compare at price, "
                "Lineitem sku, Lineitem requires shipping, Lineitem taxable, Lineitem fulfillment status, "
                "Notes, Note Attributes, Cancelled at, Payment Method, Payment Reference, Refunded Amount, "
                "Vendor, Outstanding Balance, Employee, Location, Device ID, Id, Tags, Risk Level, Source, "
                "Lineitem discount, Phone, Receipt Number, Duties, Payment ID, Payment Terms Name, "
                "Next Payment Due At, Payment References"
            ),
            *_PLACES,
            *_TAXES,
        ),
        facts=(ORDER_COMPLETED,),
        shop="Shopify 店",
        channel="Shopify",
        scope="shopify",
        shared=frozenset({"order_amount", "retail_discount", "refund_amount"}),
        fills_down=(
            *names(
                "Email, Financial Status, Paid at, Currency, Total, Discount Amount, Created at, "
                "Refunded Amount"
            ),
            *names("Employee, Location, Source, Phone, Shipping Phone"),
        ),
        states=((r"^pending$|^authorized$", "unpaid"), (r"^voided$", "closed")),
    ),
    Format(
        name="shopify_customers",
        label="Shopify 客户",
        kind="people",
        grade="B",
        fingerprints=(("First Name", "Last Name", "Total Spent", "Total Orders"),),
        columns={
            "account": ("Customer ID",),
            "phone": ("Phone", "Default Address Phone"),
            "email": ("Email",),
            "name": ("First Name",),
        },
        header=names(
            "Customer ID, First Name, Last Name, Email, Accepts Email Marketing, Default Address Company, "
            "Default Address Address1, Default Address Address2, Default Address City, "
            "Default Address Province Code, Default Address Country Code, Default Address Zip, "
            "Default Address Phone, Phone, Accepts SMS Marketing, Total Spent, Total Orders, Note, Tax Exempt, "
            "Tags, Accepts Marketing, Address1, Province"
        ),
        facts=(IDENTIFY,),
        scope="shopify",
    ),
)
