"""The kinds of identifiers, as they are delivered. Which kinds there are, and which are contacts, is code: doors and sealing go
by it. The rest of each may be changed by a house (`ruleset`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

CERTAIN, WEAK, HINT = "certain", "weak", "hint"
STRENGTHS: Final = (CERTAIN, WEAK, HINT)
"""Certain: the same value is the same human. Weak: it finds somebody where nothing certain is there, and joins nobody. A hint
is kept, and finds nobody."""


FIXED: Final = "fixed"
"""The scope of numbers that are no mobile's (`lines`)."""


@dataclass(frozen=True)
class Kind:
    label: str
    strength: str = CERTAIN
    is_contact: bool = False  # kept sealed, found by keyed hash
    most_links: int = 5  # a value that joins more people than this is shared, and guarded
    is_typed: bool = False  # given by word or on a form, and may therefore be somebody else's
    of_a_visitor: bool = False  # whoever is first known by it is the visitor it was seen with before
    most_of_person: int | None = None  # more values than this are not one human's
    counts_each_scope: bool = False  # so many in each scope: WeCom's of one corp, not of all that she follows
    certain_in: tuple[
        str, ...
    ] = ()  # scopes in which it is certain, and weak in all others; empty: in every one
    hint_in: tuple[str, ...] = ()  # scopes in which it is but a hint, whatever else it is
    lives_days: int | None = None  # after so many days it names nobody (`lives`)
    ended: str = ""  # what it is called then
    quiet_days: int | None = (
        None  # silent for longer, and then beside somebody else's: a human is asked (`eras`)
    )

    @property
    def is_strong(self) -> bool:
        """Whether it may be certain at all."""
        return self.strength == CERTAIN

    @property
    def is_handed_on(self) -> bool:
        """Whether it is of one person after another, by the time at which facts happen."""
        return self.of_a_visitor and self.strength == WEAK

    def finds(self, scope: str) -> bool:
        return self.strength != HINT and scope not in self.hint_in

    def is_certain(self, scope: str) -> bool:
        return (
            self.strength == CERTAIN
            and scope not in self.hint_in
            and (not self.certain_in or scope in self.certain_in)
        )


# In order of trust: a fact that carries several is born to the person of the first known one.
DELIVERED: dict[str, Kind] = {
    "unionid": Kind("微信 UnionID", most_of_person=1, counts_each_scope=True),
    "phone": Kind(
        "手机号", is_contact=True, is_typed=True, ended="手机号（已换人用，不再用来认人）", hint_in=(FIXED,)
    ),
    "member_no": Kind("会员号", is_typed=True),
    "card_no": Kind("会员卡号", is_typed=True),
    "openid": Kind("微信 OpenID"),
    "external_userid": Kind("企微客户", most_of_person=1, counts_each_scope=True),
    "pending_id": Kind(
        "企微临时客户号（90 天内有效）", lives_days=90, ended="企微临时客户号（已过期，不再用来认人）"
    ),
    "account": Kind("平台账号"),
    "email": Kind("邮箱", is_contact=True, is_typed=True),
    "device_id": Kind("设备", WEAK, of_a_visitor=True),
    "alias": Kind("昵称（只认这一个来源）", WEAK),
}

DEVICES: Final = [name for name, kind in DELIVERED.items() if kind.of_a_visitor]

LATER: Final = ("pending_id",)
"""Kinds that a house's rules may not know of: they were kept before there were these."""
