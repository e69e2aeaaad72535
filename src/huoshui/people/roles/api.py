"""What a person is to the brand: fan, member, new, returning, lapsed, referrer, super, pro, staff (ADR 0024)."""

from __future__ import annotations

from huoshui.people.roles.actions import bind_staff_phones, declare_pro, declare_staff, end_declared, set_rule
from huoshui.people.roles.fold import attend, current, read, rebuild
from huoshui.people.roles.reads import counts, pro_of, roles_now, roles_of, wearing
from huoshui.people.roles.rules import NAMES
from huoshui.people.roles.types import Pro, Role, Rule
from huoshui.people.roles.why import sentence

__all__ = [
    "NAMES",
    "Pro",
    "Role",
    "Rule",
    "attend",
    "bind_staff_phones",
    "counts",
    "current",
    "declare_pro",
    "declare_staff",
    "end_declared",
    "pro_of",
    "read",
    "rebuild",
    "roles_now",
    "roles_of",
    "sentence",
    "set_rule",
    "wearing",
]
