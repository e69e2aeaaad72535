from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from huoshui.core.actor import Actor
from huoshui.web.console import shell
from huoshui.web.console.contexts import products as contexts
from huoshui.web.console.views.access import panel, staff_only, wants_fragment


@staff_only
def products(request: HttpRequest, actor: Actor) -> HttpResponse:
    query = request.GET.dict()
    context = contexts.products(actor, query)
    if wants_fragment(request):
        part = "more" if query.get("after") else "found"
        return shell.fragment(request, f"console/parts/products_{part}.html", context)
    return shell.page(request, actor, "console/products.html", context, current="products")


@staff_only
def product(request: HttpRequest, actor: Actor, sku_id: int) -> HttpResponse:
    return shell.page(
        request, actor, "console/product.html", contexts.product(actor, sku_id), current="products"
    )


@staff_only
@panel
def stores(request: HttpRequest, actor: Actor, sku_id: int) -> HttpResponse:
    return shell.fragment(request, "console/parts/product_stores.html", contexts.stores(actor, sku_id))
