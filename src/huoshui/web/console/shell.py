"""What stands around every page: side bar, search, the person signed in."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huoshui.core.actor import Actor
from huoshui.web.console import numbers, words
from huoshui.web.console.contexts import rooms

LANGUAGES = (("zh-hans", "简体中文"), ("zh-hant", "繁體中文"), ("en", "English"))

DATA = gettext_lazy("数据")
# (section title, ((url name, icon, title), …)); a page is listed only once it exists
NAV = (
    ("", (("today", "sun-high", gettext_lazy("今日")),)),
    (
        gettext_lazy("顾客"),
        (("people", "user", gettext_lazy("顾客")), ("groups", "users-group", gettext_lazy("人群"))),
    ),
    (DATA, (("imports", "database-import", gettext_lazy("数据接入")),)),
)


@dataclass(frozen=True)
class NavItem:
    url: str
    icon: str
    title: str
    is_current: bool


@dataclass(frozen=True)
class Shell:
    brand: str
    is_demo: bool
    sections: tuple[tuple[str, tuple[NavItem, ...]], ...]
    name: str
    initial: str
    roles: str
    language: str
    languages: tuple[tuple[str, str], ...]
    chart_words: dict[str, str]
    query: str


def shell_for(actor: Actor, *, current: str, query: str = "") -> Shell:
    sections = tuple(
        (
            str(title),
            tuple(NavItem(reverse(f"console:{n}"), icon, str(text), n == current) for n, icon, text in items),
        )
        for title, items in NAV
        if title != DATA or rooms.imports.may_import(actor)
    )
    return Shell(
        brand=getattr(settings, "HUOSHUI_BRAND", ""),
        is_demo=getattr(settings, "HUOSHUI_DEMO", False),
        sections=sections,
        name=actor.name,
        initial=actor.name[:1],
        roles=_("、").join(str(words.ROLES.get(role, role)) for role in sorted(actor.roles)),
        language=numbers.language(),
        languages=LANGUAGES,
        chart_words={key: str(word) for key, word in words.CHART.items()},
        query=query,
    )


def page(
    request: HttpRequest, actor: Actor, template: str, context: object, *, current: str, status: int = 200
) -> HttpResponse:
    """A whole page; `context` is the page's one dataclass, called `page` in its template."""
    shell = shell_for(actor, current=current, query=request.GET.get("q", "") if current == "people" else "")
    return render(request, template, {"page": context, "shell": shell}, status=status)


def fragment(request: HttpRequest, template: str, context: object, *, status: int = 200) -> HttpResponse:
    """A part of a page, for htmx; the template reads the same `page`."""
    return render(request, template, {"page": context}, status=status)
