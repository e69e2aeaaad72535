"""Addresses of rules, points and partners."""

from __future__ import annotations

from django.urls import path

from huoshui.web.console.views import alliance, loyalty

urlpatterns = [
    path("people/<int:person_id>/points/", loyalty.points, name="person-points"),
    path("people/<int:person_id>/points/panel/", loyalty.points_panel, name="person-points-panel"),
    path("loyalty/", loyalty.loyalty, name="loyalty"),
    path("loyalty/panels/tiers/", loyalty.tier_counts, name="loyalty-tiers"),
    path("loyalty/rule/", loyalty.rule, name="loyalty-rule"),
    path("loyalty/rule/movers/", loyalty.rule_movers, name="loyalty-rule-movers"),
    path("loyalty/tiers/<int:rank>/", loyalty.tier, name="loyalty-tier"),
    path("loyalty/tiers/<int:rank>/movers/", loyalty.tier_movers, name="loyalty-tier-movers"),
    path("loyalty/bonuses/", loyalty.bonus, name="loyalty-bonus-new"),
    path("loyalty/bonuses/<str:code>/", loyalty.bonus, name="loyalty-bonus"),
    path("loyalty/bonuses/<str:code>/end/", loyalty.end_bonus, name="loyalty-bonus-end"),
    path("loyalty/offline/<str:kind>/", loyalty.offline_cap, name="offline-cap"),
    path("loyalty/adjustments/", loyalty.adjustments, name="adjustments"),
    path("loyalty/adjustments/<int:adjustment_id>/", loyalty.decide, name="adjustment"),
    path("alliance/", alliance.alliance, name="alliance"),
    path("alliance/new/", alliance.partner, name="alliance-new"),
    path("alliance/partners/<slug:code>/", alliance.partner, name="alliance-partner"),
    path("alliance/partners/<slug:code>/statement/", alliance.statement, name="alliance-statement"),
    path("alliance/partners/<slug:code>/statement.csv", alliance.statement_csv, name="alliance-csv"),
]
