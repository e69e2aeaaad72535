"""员工与岗位: who works where as what, from when to when, who comes and who leaves, and who acts for a dealer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huoshui.brand import api as brand
from huoshui.brand.api import Acting, Deed, Member, Seat
from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound, Refused
from huoshui.people import api as people
from huoshui.web.console import words
from huoshui.web.console.contexts import rooms, staff_words
from huoshui.web.console.markup import bold

_SHOWN = 60
_MOST = 500


@dataclass(frozen=True)
class SeatRow:
    seat: Seat
    where: str
    role: str
    is_now: bool
    is_over: bool
    can_end: bool


@dataclass(frozen=True)
class MemberRow:
    member: Member
    url: str
    seats: list[SeatRow]
    has_left: bool


@dataclass(frozen=True)
class ActingRow:
    acting: Acting
    unit: str
    is_on: bool
    deeds: list[tuple[Deed, str]]


@dataclass(frozen=True)
class SeatForm:
    units: list[tuple[int, str]]
    roles: list[tuple[str, str]]


@dataclass(frozen=True)
class StaffPage:
    sentence: SafeString
    query: str
    rows: list[MemberRow]
    is_cut: bool
    form: SeatForm
    actings: list[ActingRow]
    act_for: list[tuple[int, str]]
    is_acting: bool
    is_whole: bool
    said: Mapping[str, Any]
    error: str
    done: str


@dataclass(frozen=True)
class MemberPage:
    member: Member
    now: list[SeatRow]
    past: list[SeatRow]
    has_left: bool
    customers: int
    hand_over_url: str
    form: SeatForm
    can_leave: bool
    can_login: bool
    today: date
    said: Mapping[str, Any]
    error: str
    done: str


def page(
    actor: Actor, query: str = "", *, error: str = "", done: str = "", said: Mapping[str, Any] | None = None
) -> StaffPage:
    """Raises NotFound."""
    found = brand.staff_list(actor, query.strip(), limit=_SHOWN + 1) if _may_see(actor) else []
    acting, deeds = brand.actings(actor)
    units = _unit_names()
    working = sum(any(s.holds(clock.today()) for s in m.seats) for m in found)
    return StaffPage(
        sentence=_sentence(working, is_cut=len(found) > _SHOWN, query=query),
        query=query,
        rows=[_row(actor, m, units) for m in found[:_SHOWN]],
        is_cut=len(found) > _SHOWN,
        form=_form(actor, units),
        actings=_actings(acting, deeds, units),
        act_for=[(i, units.get(i, "")) for i in brand.dealers_to_act_for(actor)],
        is_acting=actor.acting_id is not None,
        is_whole=actor.sees_whole_brand,
        said=said or {},
        error=error,
        done=done,
    )


def _may_see(actor: Actor) -> bool:
    if not brand.may_see_staff(actor):
        raise NotFound
    return True


def _sentence(working: int, *, is_cut: bool, query: str) -> SafeString:
    if is_cut:
        return format_html(_("先列出 {n} 位，用姓名或工号找别人。"), n=bold(_SHOWN))
    if query:
        return format_html(_("找到的人里有 {n} 位在岗。"), n=bold(working))
    return format_html(_("{n} 位员工在岗。"), n=bold(working))


def _unit_names() -> dict[int, str]:
    rows = brand.org_units_table().to_pylist()
    return {
        r["org_unit_id"]: " · ".join(dict.fromkeys(w for w in (r["dealer"], r["name"] or r["code"]) if w))
        for r in rows
    }


def _row(actor: Actor, member: Member, units: Mapping[int, str]) -> MemberRow:
    seats = [_seat(actor, s, units) for s in member.seats]
    return MemberRow(
        member,
        reverse("console:staff-member", args=[member.id]),
        [s for s in seats if not s.is_over],
        has_left=bool(seats) and all(s.is_over for s in seats),
    )


def _seat(actor: Actor, seat: Seat, units: Mapping[int, str]) -> SeatRow:
    today = clock.today()
    is_over = seat.ended_on is not None or (seat.expires_on is not None and seat.expires_on < today)
    return SeatRow(
        seat,
        units.get(seat.org_unit_id, ""),
        staff_words.roles([seat.role]),
        is_now=seat.holds(today),
        is_over=is_over,
        can_end=not is_over and brand.may_give_at(actor, seat.role, seat.org_unit_id),
    )


def _form(actor: Actor, units: Mapping[int, str]) -> SeatForm:
    """What somebody may give: of the units he has the say at."""
    may = brand.may_place(actor)
    own: set[int] = set()
    for where in may.values():
        own |= set(units) if where is None else where
    return SeatForm(
        units=sorted(((i, units[i]) for i in own if i in units), key=lambda pair: pair[1])[:_MOST],
        roles=[(role, str(words.ROLES.get(role, role))) for role in may],
    )


def _actings(found: Iterable[Acting], deeds: Iterable[Deed], units: Mapping[int, str]) -> list[ActingRow]:
    done: dict[int, list[tuple[Deed, str]]] = {}
    for deed in deeds:
        done.setdefault(deed.acting_id, []).append((deed, staff_words.action(deed.action)))
    return [ActingRow(a, units.get(a.org_unit_id, ""), a.ended_at is None, done.get(a.id, [])) for a in found]


# ---- one of them -----------------------------------------------------------------------------------------------------


def member_page(
    actor: Actor, staff_id: int, *, error: str = "", done: str = "", said: Mapping[str, Any] | None = None
) -> MemberPage:
    """Raises NotFound."""
    member = brand.member_of(actor, staff_id)
    units = _unit_names()
    seats = [_seat(actor, s, units) for s in member.seats]
    customers = next((g.people for g in rooms.bonds.guides(actor) if g.guide_id == staff_id), 0)
    return MemberPage(
        member=member,
        now=[s for s in seats if not s.is_over],
        past=[s for s in seats if s.is_over],
        has_left=bool(seats) and all(s.is_over for s in seats),
        customers=customers,
        hand_over_url=reverse("console:bonds") if customers else "",
        form=_form(actor, units),
        can_leave=brand.may_manage(actor, member),
        can_login="boss" in actor.roles,
        today=clock.today(),
        said=said or {},
        error=error,
        done=done,
    )


def add(actor: Actor, said: Mapping[str, Any], roles: list[str]) -> str:
    phone = str(said.get("phone", "")).strip()
    staff_id = brand.add_member(
        name=str(said.get("name", "")),
        number=str(said.get("number", "")),
        unit_id=_number(said.get("unit")),
        roles=roles,
        firm=str(said.get("firm", "")),
        expires_on=staff_words.day(said.get("until")),
        reason=str(said.get("reason", "")),
        actor=actor,
    )
    if phone and not people.know_staff_phones([(staff_id, phone)], actor=actor):
        raise Refused(_("这不像手机号，请看一下。"))
    return _("已经加上。")


def refuse_phone(actor: Actor, said: Mapping[str, Any]) -> None:
    """A phone of the staff names no customer any more, so a dealer could take another's customers away by calling them staff.
    Raises Refused for one that is somebody's already; who tried is in the books."""
    phone = str(said.get("phone", "")).strip()
    is_staffs = bool(phone) and people.staff_of_phone(phone) is not None
    if is_staffs or (phone and not actor.sees_whole_brand and people.find("phone", phone) is not None):
        record(actor, "staff.phone_refused", "staff", actor.id)
        raise Refused(_("这个手机号要请总部来加，可以先不填。"))


def act(actor: Actor, staff_id: int, said: Mapping[str, Any], roles: list[str]) -> str:
    """What was done with one of the staff, in words. Raises Refused, NotFound."""
    reason = str(said.get("reason", ""))
    match said.get("act"):
        case "place":
            if not roles:
                raise Refused(_("请选岗位。"))
            brand.place_staff(
                staff_id=staff_id,
                unit_id=_number(said.get("unit")),
                roles=roles,
                starts_on=staff_words.day(said.get("from")),
                expires_on=staff_words.day(said.get("until")),
                firm=str(said.get("firm", "")),
                reason=reason,
                actor=actor,
            )
            return _("岗位已经安排。")
        case "end":
            brand.member_of(actor, staff_id)
            brand.end_seat(seat_id=_number(said.get("seat")), reason=reason, actor=actor)
            return _("这个岗位从今天起停了。")
        case "leave":
            brand.leave(staff_id=staff_id, reason=reason, actor=actor)
            return _("已经离职：登录、记住的设备和打开的页面都结束了。顾客请到“顾客归属”里交接。")
        case "wecom":
            brand.name_in_wecom(staff_id=staff_id, wecom_id=str(said.get("wecom_id", "")), actor=actor)
            return _("企业微信账号记好了。")
        case "login":
            brand.open_login(
                staff_id=staff_id,
                username=str(said.get("username", "")),
                password=str(said.get("password", "")),
                actor=actor,
            )
            return _("账号可以用了；第一次登录要绑定手机验证器。")
    raise Refused(_("没有这个操作。"))


def act_for(actor: Actor, said: Mapping[str, Any]) -> str:
    """Begin or end to act for a dealer."""
    if said.get("act") == "stop":
        brand.stop_acting(actor=actor)
        return _("已经结束，下面是您自己的权限。")
    brand.act_for(
        dealer_id=_number(said.get("dealer")),
        hours=_number(said.get("hours")),
        reason=str(said.get("reason", "")),
        actor=actor,
    )
    return _("从现在起您有这家经销商的权限，到时自动结束。做的每件事经销商都看得到。")


def _number(told: Any) -> int:
    text = str(told or "")
    if not text.isdecimal() or len(text) > 9:
        raise Refused(_("请选一项。"))
    return int(text)
