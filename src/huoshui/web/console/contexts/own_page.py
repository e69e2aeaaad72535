"""自助页面: what she allows, in her words and one tap each; and the address of it, for staff to show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import segno
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huoshui.core.actor import Actor
from huoshui.people.api import own_links
from huoshui.people.api import own_page as room
from huoshui.web.console.contexts import parties, rooms
from huoshui.web.console.contexts import rights_words as words

Opened = own_links.Opened

_ABOUT = {
    "marketing": gettext_lazy("新品、优惠和活动的消息"),
    "profiling": gettext_lazy("按您买过的东西，推荐合适的、提醒快用完的"),
    "head_office": gettext_lazy(
        "让品牌总部看到您的姓名和联系方式，用来做售后和会员服务；平时只有为您服务的经销商看得到"
    ),
    "sensitive": gettext_lazy("身体数据这类敏感信息"),
    "minor": gettext_lazy("监护人同意我们为未成年人服务"),
    "processing": gettext_lazy("撤回以后只保存、不再使用您的资料；订单和售后照常"),
}
_ASKED = (
    ("copy", gettext_lazy("要一份我的资料")),
    ("correct", gettext_lazy("资料不对，要改")),
    ("erase", gettext_lazy("注销并删除我的资料")),
)
_DONE = {
    "given": gettext_lazy("好的，记下了您的同意。随时可以收回。"),
    "withdrawn": gettext_lazy("已经收回，从现在起不再这样做。"),
    "asked": gettext_lazy("收到了。我们会核实是您本人，15 个工作日内答复。"),
}


@dataclass(frozen=True)
class Row:
    key: str
    name: str
    about: str
    stands: bool | None
    at: datetime | None
    may_give: bool
    is_channel: bool


@dataclass(frozen=True)
class CaseRow:
    kind: str
    state: str
    asked_at: datetime
    due_on: object
    is_open: bool


@dataclass(frozen=True)
class OwnPage:
    brand: str
    rows: list[Row]
    cases: list[CaseRow]
    asked: list[tuple[str, str, bool]]
    expires_at: datetime
    is_child: bool
    done: str
    error: str
    said: str


@dataclass(frozen=True)
class Shown:
    person_id: int
    url: str
    code: SafeString
    living: list[tuple[str, datetime, datetime, datetime | None]]


def own_page(token: str, *, done: str = "", error: str = "", said: str = "") -> OwnPage:
    """Raises NotFound for an address that does not open."""
    found = rooms.people.own_page.page(rooms.people.own_links.find(token))
    waiting = {case.kind for case in found.cases if case.is_open}
    return OwnPage(
        brand=settings.HUOSHUI_BRAND,
        rows=[_row(row) for row in found.rows],
        cases=[
            CaseRow(str(words.KINDS[c.kind]), str(words.STATES[c.state]), c.asked_at, c.due_on, c.is_open)
            for c in found.cases
        ],
        asked=[(kind, str(label), kind in waiting) for kind, label in _ASKED],
        expires_at=found.expires_at,
        is_child=found.is_child,
        done=str(_DONE.get(done, "")),
        error=error,
        said=said,
    )


def _row(row: room.Row) -> Row:
    is_channel = bool(row.channel)
    return Row(
        key=f"{row.purpose}/{row.channel}",
        name=str(words.CHANNELS[row.channel] if is_channel else words.PURPOSES[row.purpose]),
        about="" if is_channel else str(_ABOUT[row.purpose]),
        stands=row.stands,
        at=row.at,
        may_give=row.may_give,
        is_channel=is_channel,
    )


def shown(actor: Actor, person_id: int, *, url: str = "") -> Shown:
    """The address as text and as a code; it stands on this page only, and is nowhere kept as it is."""
    return Shown(
        person_id=person_id,
        url=url,
        code=_code(url) if url else SafeString(),
        living=[
            (parties.who(actor, one.made_by), one.made_at, one.expires_at, one.opened_at)
            for one in rooms.people.own_links.living(actor, person_id)
        ],
    )


def _code(url: str) -> SafeString:
    drawn = segno.make(url, error="m", micro=False).svg_inline(
        scale=5, border=4, dark="#000", light="#fff", omitsize=True, title=_("自助页面的二维码")
    )
    return mark_safe(drawn)
