"""企业微信: the code that one customer scans, and what the house is known by there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.intake.wecom import api as wecom
from huoshui.web.console import numbers
from huoshui.web.console.contexts import rooms
from huoshui.web.console.retell import retell

_SLOW: Final = 20
"""Seconds after which a code that is not there yet is said to be late."""

OUTCOMES: Final[Mapping[str, object]] = {
    "linked": gettext_lazy("她扫好了，已经记在她名下。"),
    "known": gettext_lazy("她扫好了，这个微信本来就是她的。"),
    "review": gettext_lazy(
        "有人扫好了，但这个微信可能是别人的，没有记在她名下。请总部到“疑似同一人”里看一眼。"
    ),
    "late": gettext_lazy("有人扫了，但码已经过期，没有记在她名下。需要的话再生成一个。"),
    "nobody": gettext_lazy("有人扫了，没有记在谁名下。"),
}


@dataclass(frozen=True)
class CodePage:
    """`again` is seconds after which the page looks anew; 0: it is as it will stay."""

    back_url: str
    again_url: str
    staff: str
    image: str
    until: str
    again: int
    is_late: bool
    done: str
    error: str


@dataclass(frozen=True)
class Field:
    name: str
    label: str
    where: str
    value: str
    is_secret: bool


@dataclass(frozen=True)
class Trial:
    url: str
    is_asked: bool
    is_late: bool
    tried_at: datetime | None
    said: str
    is_ok: bool


@dataclass(frozen=True)
class SettingsPage:
    fields: list[Field]
    is_set: bool
    set_at: datetime | None
    callback: str
    verified_at: datetime | None
    heard_at: datetime | None
    strangers: int
    trial: Trial
    done: str
    error: str


def require_server(actor: Actor) -> None:
    """Raises NotFound for who serves nobody in a store, as the other pages of the guide's phone do."""
    if not rooms.visitors.may_tell(actor):
        raise NotFound


def code(actor: Actor, person_id: int, way_id: int, *, on_phone: bool) -> CodePage:
    """Raises NotFound, Refused."""
    way = wecom.way_for(actor, person_id, way_id)
    waits = way.status == wecom.ASKED
    is_over = way.until_at <= clock.now()
    error = ""
    if way.status == wecom.FAILED:
        error = retell(wecom.sentence(way.fault, way.said))
    elif is_over and not way.outcome:
        error = _("这个码过期了，请再生成一个。")
    # Somebody may scan it while it is shown: the page then says what came of it
    looks = 1 if waits else 5
    return CodePage(
        **_urls(person_id, on_phone=on_phone),
        staff=actor.name,
        image="" if error or way.outcome else way.image,
        until=numbers.local(way.until_at).strftime("%H:%M"),
        again=0 if error or way.outcome else looks,
        is_late=waits and (clock.now() - way.made_at).total_seconds() > _SLOW,
        done=str(OUTCOMES[way.outcome]) if way.outcome else "",
        error=error,
    )


def refused(person_id: int, error: str, *, on_phone: bool) -> CodePage:
    return CodePage(
        **_urls(person_id, on_phone=on_phone), staff="", image="", until="", again=0, is_late=False, done="",
        error=error,
    )  # fmt: skip


def _urls(person_id: int, *, on_phone: bool) -> dict[str, str]:
    names = ("guide-person", "guide-wecom") if on_phone else ("person", "wecom-add")
    back, again = (reverse(f"console:{name}", args=[person_id]) for name in names)
    return {"back_url": back, "again_url": again}


# ---- settings ------------------------------------------------------------------------------------------------


def settings(
    actor: Actor, *, root: str, done: str = "", error: str = "", said: Mapping[str, str] | None = None
) -> SettingsPage:
    """Raises NotFound."""
    now = wecom.standing(actor)
    told = said or {}
    return SettingsPage(
        fields=[
            Field(
                "corp_id",
                _("企业 ID"),
                _("管理后台 → 我的企业 → 企业信息，最下面一行。"),
                told.get("corp_id", now.corp_id),
                is_secret=False,
            ),
            Field(
                "secret",
                "Secret",
                _(
                    "应用管理 → 自建应用 → Secret；再到 客户联系 → 客户 → API，把这个应用加进“可调用接口的应用”。"
                ),
                "",
                is_secret=True,
            ),
            Field(
                "token",
                "Token",
                _("客户联系 → 客户 → API → 接收事件服务器，点“随机获取”。"),
                "",
                is_secret=True,
            ),
            Field("aes_key", "EncodingAESKey", _("和 Token 在同一页，点“随机获取”。"), "", is_secret=True),
        ],
        is_set=now.is_set,
        set_at=now.set_at,
        callback=f"{root}{reverse('console:wecom-callback')}",
        verified_at=now.verified_at,
        heard_at=now.heard_at,
        strangers=now.strangers,
        trial=_trial(now),
        done=done,
        error=error,
    )


def trial(actor: Actor) -> Trial:
    """For the panel that asks again until there is an answer. Raises NotFound."""
    return _trial(wecom.standing(actor))


def _trial(now: wecom.Standing) -> Trial:
    asked = now.trial_asked_at
    is_ok = now.trial == "ok"
    said = _("通了，有 {n} 位员工可以加客户。").format(n=now.said) if is_ok else ""
    if now.trial and not is_ok:
        said = retell(wecom.sentence(now.trial, now.said))
    return Trial(
        url=reverse("console:wecom-trial"),
        is_asked=asked is not None,
        is_late=asked is not None and (clock.now() - asked).total_seconds() > _SLOW,
        tried_at=now.tried_at,
        said=said,
        is_ok=is_ok,
    )
