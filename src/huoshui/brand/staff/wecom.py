"""What 企业微信 calls our staff: one name each, and nobody's twice."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from django.db import IntegrityError, transaction

from huoshui.brand.staff.members import may_manage, member_of
from huoshui.brand.staff.models import Staff
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound, Refused

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}")
"""https://developer.work.weixin.qq.com/document/path/90195"""


def wecom_id_of(staff_id: int) -> str:
    """'' where none is known."""
    return Staff.objects.filter(id=staff_id).values_list("wecom_id", flat=True).first() or ""


def name_in_wecom(*, staff_id: int, wecom_id: str, actor: Actor) -> None:
    """Say it of one of the staff; '' takes it away. In the caller's transaction. Raises NotFound, Refused."""
    if not may_manage(actor, member_of(actor, staff_id)):
        raise NotFound
    told = wecom_id.strip()
    if told and not _NAME.fullmatch(told):
        raise Refused("这不像企业微信账号：通讯录里成员详情的“账号”，由字母、数字和 _-@. 组成，不是姓名。")
    try:
        with transaction.atomic():
            Staff.objects.filter(id=staff_id).update(wecom_id=told)
    except IntegrityError as error:
        raise Refused("这个企业微信账号已经登记给别的员工了，请先从那位员工那里去掉。") from error
    record(actor, "staff.wecom", "staff", staff_id, is_set=bool(told))


def take_list(numbers: Sequence[str], told: Sequence[str | None]) -> set[str]:
    """As a staff list has it. What it leaves empty, what is no such name, and one that is given to two or is somebody else's
    stays as it was. Returns the numbers of the changed."""
    said = {n: t.strip() for n, t in zip(numbers, told, strict=True) if t and _NAME.fullmatch(t.strip())}
    if not said:
        return set()
    times = Counter(said.values())
    holder = dict(Staff.objects.filter(wecom_id__in=list(times)).values_list("wecom_id", "number"))
    new = {n: t for n, t in said.items() if times[t] == 1 and t not in holder}
    rows = list(Staff.objects.filter(number__in=list(new)))
    for one in rows:
        one.wecom_id = new[one.number]
    Staff.objects.bulk_update(rows, ["wecom_id"])
    return {one.number for one in rows}
