from __future__ import annotations

from django.urls import path
from django.views.i18n import set_language

from huoshui.web.console.views import (
    auth,
    exceptions,
    groups,
    imports,
    ledger,
    people,
    products,
    sales,
    today,
)

app_name = "console"

urlpatterns = [
    path("", today.today, name="today"),
    path("today/<slug:dimension>/", today.breakdown, name="breakdown"),
    path("people/", people.people, name="people"),
    path("people/<int:person_id>/", people.person, name="person"),
    path("people/<int:person_id>/timeline/", people.timeline, name="timeline"),
    path("people/<int:person_id>/contacts/<int:identifier_id>/", people.reveal, name="reveal"),
    path("people/<int:person_id>/sales/<int:fact_id>/", people.chain, name="chain"),
    path("behind/<slug:question>/", people.behind, name="behind"),
    path("groups/", groups.groups, name="groups"),
    path("groups/portrait/", groups.groups_portrait, name="groups-portrait"),
    path("groups/<slug:name>/", groups.groups_panel, name="groups-panel"),
    path("sales/<int:fact_id>/", sales.sale, name="sale"),
    path("products/", products.products, name="products"),
    path("products/<int:sku_id>/", products.product, name="product"),
    path("products/<int:sku_id>/stores/", products.stores, name="product-stores"),
    path("ledger/", ledger.ledger, name="ledger"),
    path("ledger/panels/units/", ledger.units, name="ledger-units"),
    path("ledger/panels/audit/", ledger.audit, name="ledger-audit"),
    path("ledger/accounts/<int:account_id>/", ledger.account, name="ledger-account"),
    path("ledger/<str:unit>/", ledger.unit, name="ledger-unit"),
    path("exceptions/", exceptions.exceptions, name="exceptions"),
    path("exceptions/<int:exception_id>/", exceptions.case, name="exception"),
    path("exceptions/<int:exception_id>/mend/", exceptions.mend, name="exception-mend"),
    path("exceptions/<int:exception_id>/retry/", exceptions.retry, name="exception-retry"),
    path("imports/", imports.imports, name="imports"),
    path("imports/<int:run_id>/", imports.run, name="import"),
    path("imports/<int:run_id>/start/", imports.start, name="import-start"),
    path("imports/<int:run_id>/problems.csv", imports.problems, name="import-problems"),
    path("login/", auth.Login.as_view(), name="login"),
    path("logout/", auth.Logout.as_view(), name="logout"),
    path("language/", set_language, name="language"),
]
