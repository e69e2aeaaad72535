"""The guide's first page: today's tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.trade.service import api as service
from huoshui.web.console.contexts import rooms
from huoshui.web.guide.contexts import words


@dataclass(frozen=True)
class TaskRow:
    url: str
    title: str
    says: str
    icon: str
    is_done: bool


@dataclass(frozen=True)
class Home:
    who: str
    name: str
    stores: str
    rows: list[TaskRow]
    done: int
    rush_until: str
    earned: int
    can_claim: bool


def home(actor: Actor) -> Home:
    words.server(actor)
    today = clock.today()
    rush = _rush_until()
    doing = [] if rush else service.today(actor)
    earned = rooms.commission.earned(actor, first=today, last=today)
    return Home(
        who=str(actor),
        name=actor.name,
        stores=_("、").join(list(rooms.visitors.stores_of(actor).values())[:2]),
        rows=_task_rows(actor, doing),
        done=sum(one.is_done for one in doing),
        rush_until=rush,
        earned=sum(one.amount for one in earned),
        can_claim=rooms.commission.may_claim(actor),
    )


def _rush_until() -> str:
    now = clock.now().astimezone(clock.brand_zone())
    for span in rooms.brand.rush_hours():
        if service.is_rush(now, [span]):
            return f"{span[1] // 60:02d}:{span[1] % 60:02d}"
    return ""


_ICONS = {"due": "repeat", "care": "heart", "silent": "chat"}


def _task_rows(actor: Actor, doing: Sequence[service.Doing]) -> list[TaskRow]:
    cards = {c.person_id: c for c in rooms.people.cards_for(actor, [d.task.person_id for d in doing])}
    names = words.names_of(sorted({d.task.sku_id for d in doing if d.task.sku_id is not None}))
    return [
        TaskRow(
            url=reverse("console:guide-person", args=[one.task.person_id]),
            title=words.title(cards[one.task.person_id]),
            says=_task_words(one.task, names),
            icon=_ICONS[one.task.kind],
            is_done=one.is_done,
        )
        for one in doing
    ]


def _task_words(task: service.Task, names: Mapping[int, str]) -> str:
    name = names.get(task.sku_id or 0, "")
    if task.kind == "due":
        if not name:
            return _("常买的快用完了")
        return _("{name}快用完了，大约 {days} 天买一次").format(name=name, days=task.every_days)
    if task.kind == "care":
        if not name:
            return _("买了 {days} 天，问一声好不好用").format(days=task.days)
        return _("{name}买了 {days} 天，问一声好不好用").format(name=name, days=task.days)
    return _("有一阵没见了，问一声好")
