"""One customer before her: who she is, what to say, what she took, and three taps."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from urllib.parse import urlencode

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.core.errors import Refused
from huoshui.intake.wecom.api import may_add
from huoshui.people.api import Card
from huoshui.trade.service import api as service
from huoshui.web.console import numbers
from huoshui.web.console.contexts import rooms
from huoshui.web.console.contexts.people import Choice
from huoshui.web.console.contexts.visitors_rows import reason_word
from huoshui.web.guide import known, notes
from huoshui.web.guide.contexts import words

_CARE_DAYS = 5


@dataclass(frozen=True)
class BoughtRow:
    name: str
    says: str


@dataclass(frozen=True)
class Offer:
    name: str
    why: str


@dataclass(frozen=True)
class Taps:
    """`key` is the form's own: sent twice, it counts once."""

    key: str
    steps: str
    stores: tuple[Choice, ...]


@dataclass(frozen=True)
class Head:
    """Who she is. `url` is what tells whether that has changed since."""

    face: str
    title: str
    tier: str
    says: str
    url: str


@dataclass(frozen=True)
class PersonPage:
    who: str
    person_id: int
    title: str
    head: Head
    say: str
    offer: Offer | None
    likes: list[str]
    noted: list[str]
    rows: list[BoughtRow]
    purpose: str
    can_dial: bool
    can_add: bool
    taps: Taps
    said: str
    error: str


def person(actor: Actor, person_id: int, *, said: str = "", error: str = "") -> PersonPage:
    """Raises NotFound."""
    return page_of(actor, rooms.people.card_for(words.server(actor), person_id), said=said, error=error)


def page_of(actor: Actor, card: Card, *, said: str = "", error: str = "") -> PersonPage:
    """Of a card the actor may see."""
    person_id = card.person_id
    taken, is_free, noted = service.before(rooms.people.kin_of([person_id])[person_id])
    goods = known.goods({p.sku_id for p in taken})
    names = {i: good.name for i, good in goods.items() if service.may_be_shown(good.name)}
    today = clock.today()
    due = service.next_product(taken, names, today=today) if is_free else None
    stores = known.stores_of(actor)
    is_fresh = bool(taken) and (today - max(p.day for p in taken)).days <= _CARE_DAYS
    return PersonPage(
        who=str(actor),
        person_id=person_id,
        title=words.title(card),
        head=_head(card),
        say=_sentence(taken, names, due, today, is_free=is_free),
        offer=_offer(taken, names, due, today) if is_free else None,
        likes=_likes(taken, goods, names) if is_free else [],
        noted=_noted(noted),
        rows=_bought_rows(taken, names, today),
        purpose="service" if is_fresh else "marketing",
        can_dial=bool(card.phone_tail4) and rooms.people.dialling.may_dial(actor),
        can_add=may_add(actor),
        taps=_taps(stores, card.home_org_unit_id),
        said=said,
        error=error,
    )


def news(actor: Actor, person_id: int, *, since: str) -> Head | None:
    """Her head anew, if her card has been written since; one row read by its key while it has not. Raises NotFound."""
    at = rooms.people.changed_at(words.server(actor), person_id)
    if at.isoformat() == since:
        return None
    return _head(rooms.people.card_for(actor, person_id))


def _head(card: Card) -> Head:
    since = urlencode({"since": card.updated_at.isoformat()})
    return Head(
        face=words.face(card),
        title=words.title(card),
        tier=_(card.tier) if card.tier else "",
        says=words.seen(card),
        url=f"{reverse('console:guide-news', args=[card.person_id])}?{since}",
    )


def _likes(
    taken: Sequence[service.Purchase], goods: Mapping[int, known.Good], names: Mapping[int, str]
) -> list[str]:
    """The categories she buys most often; where products have none, the products."""
    return service.likes(taken, {i: good.category or names.get(i, "") for i, good in goods.items()})


def _noted(noted: Sequence[tuple[str, str]]) -> list[str]:
    """What guides tapped and what has not faded; other tags stay in the office."""
    told = []
    for key, value in noted:
        if key == service.TOOK.key:
            told.append(_("下次再买"))
        elif service.may_be_shown(value):
            told.append(_answer(value) if key == service.WHOM.key else value)
    return told


def _answer(value: str) -> str:
    return {"自己": _("自己"), "家人": _("家人"), "送礼": _("送礼")}.get(value, value)


def _offer(
    taken: Sequence[service.Purchase], names: Mapping[int, str], due: service.Due | None, today: date
) -> Offer | None:
    if due:
        left = due.days_left(today)
        why = (
            _("她买过 {times} 天，大约 {days} 天买一次；上次是 {gone} 天前。")
            if left > 0
            else _("她买过 {times} 天，大约 {days} 天买一次；上次是 {gone} 天前，该用完了。")
        )
        gone = (today - due.last_on).days
        return Offer(names[due.sku_id], why.format(times=due.times, days=due.every_days, gone=gone))
    often = service.often(taken, names)
    if often is None:
        return None
    days = len({p.day for p in taken if p.sku_id == often})
    return Offer(names[often], _("她买过 {times} 天，是买得最勤的一样。").format(times=days))


def _sentence(
    taken: Sequence[service.Purchase],
    names: Mapping[int, str],
    due: service.Due | None,
    today: date,
    *,
    is_free: bool,
) -> str:
    """One sentence to say aloud."""
    last = next((names[p.sku_id] for p in taken if p.sku_id in names), "")
    if due:
        return _("您上次带的{name}差不多用完了吧，今天要不要再带一份？").format(name=names[due.sku_id])
    if last and taken and (today - taken[0].day).days <= 30:
        return _("上次带的{name}还合适吗？有什么想换的，我帮您看看。").format(name=last)
    often = service.often(taken, names) if is_free else None
    if often is not None:
        return _("好久不见，您常买的{name}还在，今天想看点什么？").format(name=names[often])
    return _("您好，今天想看点什么？我陪您看看。")


def _bought_rows(taken: Sequence[service.Purchase], names: Mapping[int, str], today: date) -> list[BoughtRow]:
    shown = [p for p in taken if p.sku_id in names][:4]
    units = known.unit_names()
    return [
        BoughtRow(
            names[p.sku_id],
            " · ".join(
                part for part in (numbers.day(p.day, near=today), units.get(p.org_unit_id or 0, "")) if part
            ),
        )
        for p in shown
    ]


def _taps(stores: Mapping[int, str], home_id: int | None) -> Taps:
    chosen = home_id if home_id in stores else next(iter(stores), None)
    return Taps(
        key=uuid.uuid4().hex,
        steps=_steps(
            get_language() or "",
            tuple(notes.looked_at()),
            tuple((r.code, reason_word(r.label)) for r in known.reasons()) if stores else (),
        ),
        stores=tuple(Choice(str(i), name, i == chosen) for i, name in stores.items()),
    )


@lru_cache(maxsize=64)
def _steps(language: str, looked: tuple[str, ...], reasons: tuple[tuple[str, str], ...]) -> str:
    """The chips are every customer's: to draw them anew each time took as long as all that is read of her."""
    choices = {
        "whom": [Choice(code, _answer(word), False) for code, word in service.WHOM.values.items()],
        "looked": [Choice(name, name, False) for name in looked],
        "took": [Choice("yes", _("带走了"), False), Choice("later", _("下次再买"), False)],
        "reasons": [Choice(code, word, False) for code, word in reasons],
    }
    return render_to_string("guide/steps.html", {"taps": choices})


def dial(actor: Actor, person_id: int, *, purpose: str) -> str:
    """The number of her newest phone. Raises NotFound, Refused."""
    card = rooms.people.card_for(words.server(actor), person_id)
    phones = [i for i in rooms.people.identifiers_for(actor, card.person_id) if i.kind == "phone"]
    able = [i for i in phones if i.can_reveal or i.can_ask]
    if not able:
        raise Refused(_("没有可以拨打的电话。"))
    newest = max(able, key=lambda i: (i.since, i.id))
    return rooms.people.dialling.dial(actor, card.person_id, newest.id, purpose=purpose)
