"""Orders of django-oscar, placed one after another in this process the way its own checkout does.

    OSCAR_DATABASE_URL=… .bootstrap/oscar/bin/python -m benchmarks.oscar.orders [--orders 300] [--warm 30]

Prints JSON. Each order: a customer who is known, two products, a voucher that takes 10.00 off, once per customer, out
of an offer with a budget. No mail, no address, no session, no middleware: only what the order itself needs.
"""

from __future__ import annotations

import argparse
import json
import os
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import django

CODE = "TENOFF"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--orders", type=int, default=300)
    parser.add_argument("--warm", type=int, default=30)
    given = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.oscar.settings"
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    users, products = _a_shop(given.orders + given.warm)
    for number in range(given.warm):
        _order(users[number], products, number)
    seconds, begun, cpu = [], perf_counter(), _cpu_seconds()
    for number in range(given.warm, given.warm + given.orders):
        started = perf_counter()
        _order(users[number], products, number)
        seconds.append(perf_counter() - started)
    took, cpu = perf_counter() - begun, _cpu_seconds() - cpu
    told = {
        **_spread(seconds),
        "orders_per_second": round(given.orders / took, 1),
        "cpu_ms_per_order": round(1000 * cpu / given.orders, 2),
        **_books(),
    }
    print(json.dumps(told))


def _cpu_seconds() -> float:
    """Of this process and of its PostgreSQL backend, which is on this machine."""
    from django.db import connection

    backend = Path(f"/proc/{connection.connection.info.backend_pid}/stat").read_text()
    after_name = backend.rpartition(")")[2].split()
    return process_time() + (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def _a_shop(customers: int) -> tuple[list[Any], list[Any]]:
    from django.contrib.auth import get_user_model
    from django.contrib.sites.models import Site
    from django.utils.timezone import now
    from oscar.core.loading import get_model

    Site.objects.update_or_create(id=1, defaults={"domain": "shop.invalid", "name": "shop"})
    kind = get_model("catalogue", "ProductClass").objects.create(
        name="goods", requires_shipping=False, track_stock=True
    )
    partner = get_model("partner", "Partner").objects.create(name="warehouse")
    products = []
    for number in range(50):
        product = get_model("catalogue", "Product").objects.create(
            title=f"Product {number}", upc=f"P{number}", product_class=kind
        )
        product.stockrecords.create(
            partner=partner, partner_sku=f"P{number}", price=Decimal("60.00"), num_in_stock=1_000_000
        )
        products.append(product)
    whole = get_model("offer", "Range").objects.create(name="all", includes_all_products=True)
    offer = get_model("offer", "ConditionalOffer").objects.create(
        name="ten off",
        offer_type="Voucher",
        max_discount=Decimal("100000000.00"),
        condition=get_model("offer", "Condition").objects.create(
            range=whole, type="Value", value=Decimal(100)
        ),
        benefit=get_model("offer", "Benefit").objects.create(range=whole, type="Absolute", value=Decimal(10)),
    )
    voucher = get_model("voucher", "Voucher").objects.create(
        name="ten off",
        code=CODE,
        usage="Once per customer",
        start_datetime=now() - timedelta(days=1),
        end_datetime=now() + timedelta(days=10),
    )
    voucher.offers.add(offer)
    User = get_user_model()
    names = [f"customer-{number}" for number in range(customers)]
    User.objects.bulk_create(User(username=name, email=f"{name}@shop.invalid") for name in names)
    return list(User.objects.order_by("id")), products


def _order(user: Any, products: list[Any], number: int) -> None:
    """What BasketAddView, VoucherAddView and PaymentDetailsView.submit do, in their order."""
    from oscar.core.loading import get_class, get_model

    basket_model, voucher_model = get_model("basket", "Basket"), get_model("voucher", "Voucher")
    product_model, source_model = get_model("catalogue", "Product"), get_model("payment", "Source")
    basket, _ = basket_model.open.get_or_create(owner=user)
    basket.owner = user
    basket.strategy = get_class("partner.strategy", "Selector")().strategy(user=user)
    for place in (0, 1):
        chosen = products[(number + 7 * place) % len(products)]
        basket.add_product(product_model.objects.get(id=chosen.id), 1)
    voucher = voucher_model.objects.get(code=CODE)
    is_available, message = voucher.is_available_to_user(user)
    assert voucher.is_active() and is_available, message
    basket.vouchers.add(voucher)
    get_class("offer.applicator", "Applicator")().apply(basket, user)
    method = get_class("shipping.methods", "NoShippingRequired")()
    charge = method.calculate(basket)
    total = get_class("checkout.calculators", "OrderTotalCalculator")().calculate(basket, charge)
    order_number = get_class("order.utils", "OrderNumberGenerator")().order_number(basket)
    basket.freeze()
    till = get_class("checkout.mixins", "OrderPlacementMixin")()
    kind, _ = get_model("payment", "SourceType").objects.get_or_create(name="cash")
    till.add_payment_source(source_model(source_type=kind, currency="CNY", amount_debited=total.incl_tax))
    till.place_order(
        order_number=order_number,
        user=user,
        basket=basket,
        shipping_address=None,
        shipping_method=method,
        shipping_charge=charge,
        order_total=total,
        request=None,
    )
    basket.submit()


def _books() -> dict[str, Any]:
    """What is there now, so that an order that was not placed whole is not counted; and what one more costs."""
    from django.contrib.auth import get_user_model
    from django.db import connection
    from django.db.models import Sum
    from django.test.utils import CaptureQueriesContext
    from oscar.core.loading import get_model

    order, line = get_model("order", "Order"), get_model("order", "Line")
    found = {
        "orders": order.objects.count(),
        "lines": line.objects.count(),
        "vouchers": get_model("voucher", "VoucherApplication").objects.count(),
        "total": str(order.objects.aggregate(total=Sum("total_incl_tax"))["total"]),
    }
    one_more = get_user_model().objects.create(username="one more", email="more@shop.invalid")
    with CaptureQueriesContext(connection) as queries:
        _order(one_more, list(get_model("catalogue", "Product").objects.order_by("id")), 0)
    return {"books": found, "statements_per_order": len(queries)}


def _spread(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    at = {"p50": 0.5, "p90": 0.9, "p99": 0.99}
    return {f"{name}_ms": round(1000 * ordered[int(len(ordered) * part)], 2) for name, part in at.items()}


if __name__ == "__main__":
    main()
