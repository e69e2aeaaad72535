"""活码: which codes there are, what came by each, and a new one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.trade.codes.api import KINDS, CodeView, Draft
from huoshui.trade.codes.api import printing as drawing
from huoshui.web.console.contexts import cards, rooms
from huoshui.web.console.markup import bold

_SHOWN = 200
_AT_STORE = re.compile(r"(?:(\d{1,9})@)?(\d{1,9})")

KIND_WORDS = {
    "guide": gettext_lazy("专属码"),
    "store": gettext_lazy("门店码"),
    "campaign": gettext_lazy("活动码"),
    "shelf": gettext_lazy("货架码"),
    "parcel": gettext_lazy("包裹码"),
    "partner": gettext_lazy("合作码"),
    "recommender": gettext_lazy("推荐码"),
}


@dataclass(frozen=True)
class CodeRow:
    id: int
    title: str
    kind: str
    where: str
    is_live: bool
    scans: int
    people: int
    last_at: datetime | None


@dataclass(frozen=True)
class CodesPage:
    sentence: SafeString
    rows: list[CodeRow]
    can_make: bool
    kinds: list[tuple[str, str, bool]]
    places: list[tuple[str, str, bool]]
    coupons: list[tuple[str, str, bool]]
    said: Mapping[str, str]
    can_send: bool
    error: str
    done: str


@dataclass(frozen=True)
class CodePage:
    row: CodeRow
    url: str
    drawn: SafeString
    coupon: str
    made_at: datetime
    can_make: bool


class _Names(NamedTuple):
    units: dict[int, str]
    staff: dict[int, str]
    persons: dict[int, str]


def page(
    actor: Actor, *, said: Mapping[str, str] | None = None, error: str = "", done: str = ""
) -> CodesPage:
    found = rooms.codes.codes(actor, limit=_SHOWN)
    can_make = rooms.codes.may_make(actor)
    given = said or {}
    return CodesPage(
        sentence=_sentence(found),
        rows=_rows(actor, found),
        can_make=can_make,
        kinds=[(kind, str(KIND_WORDS[kind]), given.get("kind") == kind) for kind in KINDS],
        places=_places(actor, given.get("place", "")) if can_make else [],
        coupons=_coupons(actor, given.get("coupon", "")) if can_make else [],
        said=given,
        can_send=rooms.codes.sending.is_open(),
        error=error,
        done=done,
    )


def _sentence(found: list[CodeView]) -> SafeString:
    if not found:
        return format_html("{}", _("还没有码：给每位导购、每家店做一个，贴出去，扫码就入会。"))
    return format_html(
        _("{codes} 个码，扫过 {scans} 次，带来 {people} 位认得的顾客。"),
        codes=bold(len(found)),
        scans=bold(sum(v.scans for v in found)),
        people=bold(sum(v.people for v in found)),
    )


def _rows(actor: Actor, found: list[CodeView]) -> list[CodeRow]:
    names = _names(actor, found)
    return [
        CodeRow(
            v.code.id,
            v.code.title,
            str(KIND_WORDS[v.code.kind]),
            _where(v, names),
            v.code.is_live,
            v.scans,
            v.people,
            v.last_at,
        )
        for v in found
    ]


def _names(actor: Actor, found: list[CodeView]) -> _Names:
    units = {i for v in found for i in (v.code.store_id, v.code.dealer_id) if i is not None}
    staff = {v.code.guide_id for v in found if v.code.guide_id is not None}
    born = sorted({v.code.person_id for v in found if v.code.person_id is not None})
    heads = rooms.people.canonical_ids(born) if born else {}
    known = {
        c.person_id: cards.name_of(c) for c in rooms.people.cards_for(actor, sorted(set(heads.values())))
    }
    return _Names(
        rooms.brand.unit_names(sorted(units)),
        rooms.brand.staff_names(sorted(staff)),
        {own: known[head] for own, head in heads.items() if head in known},
    )


def _where(v: CodeView, names: _Names) -> str:
    words = [
        names.staff.get(v.code.guide_id or 0, ""),
        names.persons.get(v.code.person_id or 0, ""),
        names.units.get(v.code.store_id or v.code.dealer_id or 0, ""),
    ]
    return " · ".join(word for word in words if word) or _("总部")


def _places(actor: Actor, chosen: str) -> list[tuple[str, str, bool]]:
    """'store' and 'guide@store', as far as the actor sees them."""
    units = [u for u in rooms.brand.org_units_table().to_pylist() if u["kind"] == "store"]
    branches = rooms.brand.branches_of([u["org_unit_id"] for u in units])
    seen = [
        u
        for u in units
        if actor.sees_whole_brand or actor.org_unit_ids & set(branches[u["org_unit_id"]].path)
    ]
    names = {u["org_unit_id"]: u["name"] or u["code"] for u in seen}
    made = [(str(i), name) for i, name in names.items()]
    for one in rooms.brand.staff_at(sorted(names)):
        made.append((f"{one.staff_id}@{one.org_unit_id}", f"{one.name} · {names[one.org_unit_id]}"))
    return [(value, label, value == chosen) for value, label in made]


def _coupons(actor: Actor, chosen: str) -> list[tuple[str, str, bool]]:
    return [
        (str(t.id), t.title, str(t.id) == chosen)
        for t in rooms.campaigns.templates_for(actor)
        if t.state == "live"
    ]


def make(actor: Actor, said: Mapping[str, str]) -> int:
    """Raises NotFound, Refused."""
    kind, place = said.get("kind", ""), _AT_STORE.fullmatch(said.get("place", ""))
    guide_id, store_id = (place[1], place[2]) if place else (None, None)
    coupon = said.get("coupon", "")
    return rooms.codes.make(
        Draft(
            kind,
            said.get("title", ""),
            store_id=int(store_id) if store_id else None,
            guide_id=int(guide_id) if guide_id and kind == "guide" else None,
            person_id=_customer(actor, said.get("customer", "").strip()) if kind == "recommender" else None,
            template_id=int(coupon) if coupon.isdecimal() and len(coupon) < 10 else None,
        ),
        actor=actor,
    )


def _customer(actor: Actor, said: str) -> int:
    """By card or phone. Who is nobody, and whom the actor may not see, are told alike."""
    for kind in ("card_no", "member_no", "phone") if said else ():
        try:
            found = rooms.people.find(kind, said)
            if found is not None:
                return rooms.people.card_for(actor, found).person_id
        except Refused:
            continue
    raise Refused(_("没有找到这位顾客：请填会员卡号或手机号。"))


def one(actor: Actor, code_id: int, *, root: str) -> CodePage:
    """Raises NotFound."""
    view = rooms.codes.of(actor, code_id)
    url = address(view, root)
    return CodePage(
        row=_rows(actor, [view])[0],
        url=url,
        drawn=mark_safe(drawing.svg(url, title=view.code.title)),  # drawn here, its title escaped by segno
        coupon=_coupon_title(actor, view.code.template_id),
        made_at=view.code.made_at,
        can_make=rooms.codes.may_make(actor),
    )


def _coupon_title(actor: Actor, template_id: int | None) -> str:
    if template_id is None:
        return ""
    try:
        return str(rooms.campaigns.template_for(actor, template_id).title)
    except NotFound:
        return ""


def address(view: CodeView, root: str) -> str:
    return root + reverse("console:scanned", args=[rooms.codes.links.token(view.code.handle)])


def sheet(actor: Actor, code_ids: list[int], *, root: str) -> bytes:
    """Of all live codes, or of these. Raises NotFound where there is none."""
    found = [v for v in rooms.codes.codes(actor, code_ids=code_ids or None, limit=_SHOWN) if v.code.is_live]
    if not found:
        raise NotFound
    names = _names(actor, found)
    return drawing.sheet(
        [drawing.Printed(address(v, root), v.code.title, _where(v, names)) for v in found],
        brand=settings.HUOSHUI_BRAND,
    )
