from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from huoshui.core.errors import Refused


class Bought(NamedTuple):
    """An order that still stands. `fact_id` is the order's first fact."""

    at: datetime
    day: date
    fact_id: int
    amount: int


class Sign(NamedTuple):
    """A fact by its name, an identifier that a fact carries by its kind, or what a fact says by its value."""

    name: str
    at: datetime
    fact_id: int


class Bringing(NamedTuple):
    """That somebody was brought, as long as it held."""

    other_id: int
    since: datetime
    until: datetime | None
    relation_id: int
    fact_id: int | None


class Declared(NamedTuple):
    """What somebody said of a person. `until` also where the staff member has left."""

    id: int
    name: str
    detail: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class History:
    """All of one human that roles are read from, each in order of time."""

    bought: tuple[Bought, ...] = ()
    signs: tuple[Sign, ...] = ()
    carried: tuple[Sign, ...] = ()
    joined: tuple[Sign, ...] = ()  # when lists say somebody became a member
    professions: tuple[Sign, ...] = ()
    brought: tuple[Bringing, ...] = ()
    declared: tuple[Declared, ...] = ()
    is_profiled: bool = True


class Rule(NamedTuple):
    """`version` 0 is the house's own."""

    name: str
    version: int
    params: Mapping[str, Any]


class Role(NamedTuple):
    """`why` names the facts (`facts`), relations (`relations`) or declaration (`declared`) and the figures that made it so."""

    name: str
    since: datetime
    until: datetime | None
    rule_version: int
    why: Mapping[str, Any]


class Worn(NamedTuple):
    """All roles of a person up to a moment, and when to look again though nothing happens."""

    roles: tuple[Role, ...]
    recheck_at: datetime | None


class Pro(NamedTuple):
    """`orders`, `amount`: what those she brought have bought since. `own_amount`: what she bought herself, over all time."""

    profession: str
    since: datetime
    until: datetime | None
    people: int
    orders: int
    amount: int
    own_orders: int
    own_amount: int

    @property
    def worth(self) -> int:
        return self.amount + self.own_amount


class BadRule(Refused):
    """这条规则的数字不对：天数 1–3650，次数 1–1000。"""

    code = "bad_role_rule"


class RoleUnsaid(Refused):
    """请写明依据，以后查起来要用。"""

    code = "role_unsaid"


class StaffUnknown(Refused):
    """员工名单里没有这个工号。"""

    code = "staff_unknown"


class ProfessionMissing(Refused):
    """请写明职业，例如设计师、工长、教练。"""

    code = "profession_missing"


class AlreadyDeclared(Refused):
    """这个身份已经登记过了。"""

    code = "already_declared"
