"""Places given and ended, people who come and who leave, and whoever acts for a dealer."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date, timedelta

from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from huoshui.brand.org.reads import branches_of, unit_kinds, units_below
from huoshui.brand.staff import rules, sessions
from huoshui.brand.staff.members import held_seats, may_give_at, may_manage, member_of, reach
from huoshui.brand.staff.models import Placement, Staff
from huoshui.brand.staff.reads import REGIONAL, Q, is_of_region
from huoshui.brand.staff.types import Member
from huoshui.core import clock, sql
from huoshui.core.actor import HEAD_OFFICE, Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound, Refused


def add_member(
    *, name: str, number: str = "", unit_id: int, roles: Sequence[str], firm: str = "",
    expires_on: date | None = None, reason: str, actor: Actor,
) -> int:  # fmt: skip
    """Somebody new, at one unit. A number of one's own choosing is head office's: others would learn which are taken."""
    if not name.strip() or not roles:
        raise Refused("请写姓名，选岗位。")
    chosen = number.strip() if actor.sees_whole_brand else ""
    if chosen and Staff.objects.filter(number=chosen).exists():
        raise Refused("这个工号已经有人用了。")
    with transaction.atomic():
        staff = Staff.objects.create(
            number=chosen or f"N{secrets.token_hex(4).upper()}", name=name.strip()[:60]
        )
        record(actor, "staff.added", "staff", staff.id, reason=reason)
        place_staff(
            staff_id=staff.id,
            unit_id=unit_id,
            roles=roles,
            firm=firm,
            expires_on=expires_on,
            reason=reason,
            actor=actor,
            is_new=True,
        )
    return staff.id


def place_staff(
    *, staff_id: int, unit_id: int, roles: Sequence[str], starts_on: date | None = None,
    expires_on: date | None = None, firm: str = "", reason: str, actor: Actor, is_new: bool = False,
) -> None:  # fmt: skip
    """Give one of the staff these roles at a unit, for good or from one day to another. Raises NotFound for whoever may not."""
    if not reason.strip():
        raise Refused("请写为什么。")
    seats = () if is_new else member_of(actor, staff_id).seats
    kind = unit_kinds([unit_id]).get(unit_id)
    if kind is None or not all(may_give_at(actor, role, unit_id) for role in roles):
        raise NotFound
    branch = branches_of([unit_id])[unit_id]
    held = held_seats(seats)
    for role in roles:
        if wrong := rules.wrong_with_seat(role, kind, firm, starts_on, expires_on, today=clock.today()):
            raise Refused(wrong)
        if rules.mixes(held, rules.Seat(role, branch.dealer_id)):
            raise Refused("一个账号只能在一家经销商身兼数职；在两家的，岗位要一样。请另开一个账号。")
        held.append(rules.Seat(role, branch.dealer_id))
    Placement.objects.bulk_create(
        [
            Placement(
                staff_id=staff_id,
                org_unit_id=unit_id,
                role=role,
                starts_on=starts_on,
                expires_on=expires_on,
                firm=firm.strip(),
                reason=reason.strip(),
            )
            for role in roles
        ],
        ignore_conflicts=True,
    )
    if HEAD_OFFICE.intersection(roles):  # a window opened by a phone's code is not head office's way in
        sessions.end_devices(staff_id)
    record(
        actor,
        "staff.placed",
        "staff",
        staff_id,
        unit=unit_id,
        roles=list(roles),
        starts_on=starts_on,
        expires_on=expires_on,
        firm=firm.strip(),
        reason=reason.strip(),
    )


def end_seat(*, seat_id: int, reason: str, actor: Actor) -> None:
    """One place is over from today. Raises NotFound for one that is not theirs to give."""
    found = Placement.objects.select_for_update().filter(id=seat_id, ended_on=None).first()
    if found is None or not may_give_at(actor, found.role, found.org_unit_id):
        raise NotFound
    if found.staff_id == actor.id:
        raise Refused("自己的岗位请由别人来停。")
    if not reason.strip():
        raise Refused("请写为什么。")
    found.ended_on = clock.today()
    found.save(update_fields=["ended_on"])
    sessions.end_all(found.staff_id)
    record(
        actor,
        "staff.place_ended",
        "staff",
        found.staff_id,
        unit=found.org_unit_id,
        role=found.role,
        reason=reason,
    )


def leave(*, staff_id: int, reason: str, actor: Actor) -> Member:
    """Somebody leaves: places, login, open windows and remembered devices end in this transaction. Returns who it was."""
    member = member_of(actor, staff_id)
    if not may_manage(actor, member):
        raise NotFound
    if not reason.strip():
        raise Refused("请写为什么。")
    sql.run(Q.end_seats, staff_id=staff_id, day=clock.today())
    sql.run(Q.end_acting, staff_id=staff_id, now=clock.now())
    sessions.close_login(staff_id)
    record(actor, "staff.left", "staff", staff_id, reason=reason.strip())
    return member


def open_login(*, staff_id: int, username: str, password: str, actor: Actor) -> None:
    """A login with a password, for head office. Of one who has a login the password becomes this one, and all windows close."""
    if not actor.roles & {"boss"}:
        raise NotFound
    member = member_of(actor, staff_id)
    staff = Staff.objects.select_related("user").get(id=staff_id)
    users = get_user_model()
    taken = any(u.id != staff.user_id for u in users.objects.filter(username=username.strip()))
    if not username.strip() or taken:
        raise Refused("这个账号名不能用，请换一个。")
    try:
        validate_password(password)
    except ValidationError as error:
        raise Refused("密码至少 12 个字符，不要用常见的。") from error
    if not any(s.ended_on is None for s in member.seats):
        raise Refused("请先给一个岗位。")
    user = staff.user or users(username=username.strip())
    user.username, user.is_active = username.strip(), True
    user.set_password(password)
    user.save()
    staff.user = user
    staff.save(update_fields=["user"])
    sessions.end_all(staff_id)
    sessions.drop_second_factor(staff_id)
    record(actor, "login.opened", "staff", staff_id)


def act_for(*, dealer_id: int, hours: int, reason: str, actor: Actor) -> None:
    """A regional manager acts for a dealer of his region, for so many hours; the dealer sees that, why, and what he does."""
    if REGIONAL not in actor.roles or not is_of_region(actor, dealer_id):
        raise NotFound
    if not reason.strip():
        raise Refused("请写为什么，经销商会看到。")
    if not rules.hands(hours):
        raise Refused("一次最长 8 小时。")
    now = clock.now()
    sql.fetch(Q.lock_acting, staff_id=actor.id)
    sql.run(Q.end_acting, staff_id=actor.id, now=now)
    begun = sql.fetch_one(
        Q.begin_acting,
        staff_id=actor.id,
        unit_id=dealer_id,
        reason=reason.strip(),
        now=now,
        until=now + timedelta(hours=hours),
    )
    record(
        actor, "acting.begun", "org_unit", dealer_id, acting_id=begun.id, reason=reason.strip(), hours=hours
    )


def stop_acting(*, actor: Actor) -> None:
    """Raises NotFound for who acts for nobody."""
    ended = sql.fetch(Q.end_acting, staff_id=actor.id, now=clock.now())
    if not ended:
        raise NotFound
    record(actor, "acting.ended", "org_unit", ended[0].org_unit_id, acting_id=ended[0].id)


def dealers_to_act_for(actor: Actor) -> list[int]:
    if REGIONAL not in actor.roles:
        return []
    kinds = unit_kinds(sorted(units_below(sorted(actor.org_unit_ids))))
    return sorted(unit for unit, kind in kinds.items() if kind == "dealer")


def may_place(actor: Actor) -> dict[str, set[int] | None]:
    """Which roles somebody may give, and at which units; None: wherever such a role is had."""
    units = reach(actor)
    own = units is not None
    return {role: units for role in rules.PLACES if rules.may_give(actor.roles, role, is_own=own)}
