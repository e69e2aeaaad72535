"""What demo mode adds to every page, and to the sign-in page alone."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import HttpRequest


def demo(request: HttpRequest) -> dict[str, object]:
    """For all templates: whether what they show is invented."""
    return {"is_demo_mode": getattr(settings, "HUOSHUI_DEMO", False)}


def logins() -> list[tuple[str, str, str]]:
    """(role, account, password) of the demo's logins that exist here; nothing outside of demo mode."""
    shown = getattr(settings, "HUOSHUI_DEMO_LOGINS", ()) if getattr(settings, "HUOSHUI_DEMO", False) else ()
    there = set(
        get_user_model()
        .objects.filter(username__in=[account for _, account, _ in shown], is_active=True)
        .values_list("username", flat=True)
    )
    return [(role, account, password) for role, account, password in shown if account in there]


def phones() -> list[tuple[str, str]]:
    """(role, phone) of the demo's people who sign in by phone; nothing outside of demo mode."""
    there = {account for _, account, _ in logins()}
    shown = getattr(settings, "HUOSHUI_DEMO_PHONES", ())
    return [(role, phone) for role, account, phone in shown if account in there]
