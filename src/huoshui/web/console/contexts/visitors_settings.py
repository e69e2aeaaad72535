"""没买的原因: which reasons a guide may tap, and how long one waits before something counts as not bought."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.web.console.contexts import rooms
from huoshui.web.console.contexts.visitors import may_set
from huoshui.web.console.contexts.visitors_rows import reason_word


@dataclass(frozen=True)
class ReasonLine:
    code: str
    label: str
    is_listed: bool
    is_about_stock: bool


@dataclass(frozen=True)
class VisitorSettings:
    reasons: list[ReasonLine]
    basket_hours: int
    scan_hours: int
    return_days: int
    error: str
    done: str


def settings(actor: Actor, *, error: str = "", done: str = "") -> VisitorSettings:
    require(actor)
    patience = rooms.visitors.patience()
    return VisitorSettings(
        reasons=[
            ReasonLine(r.code, reason_word(r.label), r.is_listed, r.is_about_stock)
            for r in rooms.visitors.reasons()
        ],
        basket_hours=int(patience.basket.total_seconds()) // 3600,
        scan_hours=int(patience.scan.total_seconds()) // 3600,
        return_days=patience.back.days,
        error=error,
        done=done,
    )


def require(actor: Actor) -> None:
    if not may_set(actor):
        raise NotFound


def change(actor: Actor, said: Mapping[str, str]) -> str:
    """What was done, in words. Raises Refused."""
    require(actor)
    act, code = said.get("act", ""), said.get("code", "")
    if act == "add":
        about_stock = said.get("is_about_stock") == "1"
        rooms.visitors.add_reason(said.get("label", ""), is_about_stock=about_stock, actor=actor)
        return _("加好了，导购刷新页面就能点。")
    if act in ("hide", "show"):
        rooms.visitors.change_reason(code, is_listed=act == "show", actor=actor)
        return _("已保存")
    if act == "rename":
        rooms.visitors.change_reason(code, label=said.get("label", ""), actor=actor)
        return _("已保存")
    if act == "patience":
        hours = {name: _whole(said.get(name, "")) for name in ("basket_hours", "scan_hours", "return_days")}
        rooms.visitors.change_patience(**hours, actor=actor)
        return _("已保存，从下一次判断开始照它来。")
    raise Refused(_("没有这个操作。"))


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
