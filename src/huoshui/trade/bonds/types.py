from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from huoshui.core.errors import Refused

SIGNS = ("scan", "join", "follow", "purchase")
"""What a customer does that may make a bond."""

OF_FACTS = {
    "Order Completed": "purchase",
    "Order Refunded": "refund",
    "Code Scanned": "scan",
    "Member Joined": "join",
    "Account Followed": "follow",
    "Contact Added": "follow",
    "Bond Assigned": "assigned",
    "Bond Transferred": "transferred",
    "Bond Wished": "wished",
    "Bond Dispute Granted": "decided",
    "Bond Dispute Refused": "upheld",
    "Bond Handed Over": "handed",
    "Bond Released": "released",
}
"""The facts that bear on bonds → the kind of touch they are."""

DECISIONS = {kind: name for name, kind in OF_FACTS.items() if name.startswith("Bond ")}


class Touch(NamedTuple):
    """A fact that bears on who owns a customer. `dealer_id` None: head office's own shop."""

    fact_id: int
    person_id: int
    position: int
    heard_at: datetime
    at: datetime
    day: date
    kind: str
    dealer_id: int | None
    store_id: int | None
    guide_id: int | None
    order_id: int | None = None
    amount: int = 0
    run_id: int | None = None
    actor: str = "system:0"
    reason: str = ""


class Join(NamedTuple):
    """Two born ids that are one human, since when that is known."""

    one: int
    other: int
    at: datetime


class Spell(NamedTuple):
    person_id: int
    made_by: int
    made_as: str
    how: str
    dealer_id: int | None
    store_id: int | None
    guide_id: int | None
    owned_since: datetime
    since: datetime
    protected_until: datetime | None
    until: datetime | None
    state: str
    suspended_by: int | None
    rule_version: int
    ended_by: int | None
    end_reason: str
    actor: str
    reason: str


class Told(NamedTuple):
    """All spells of one human; what came of each fact, in settlement order; when silence would release the live one."""

    spells: tuple[Spell, ...]
    heard: tuple[tuple[int, str], ...]
    release_at: datetime | None

    @property
    def live(self) -> Spell | None:
        return next((s for s in self.spells if s.state == "live"), None)


class Count(NamedTuple):
    """A dealer's customers now. `dealer_id` None: head office's own."""

    dealer_id: int | None
    name: str
    people: int
    protected: int
    without_guide: int
    gained: int
    lost: int


class Guide(NamedTuple):
    guide_id: int
    name: str
    dealer_id: int | None
    people: int
    left_on: date | None


class Dispute(NamedTuple):
    id: int
    person_id: int
    dealer_id: int
    dealer: str
    store_id: int
    guide_id: int | None
    evidence: tuple[int, ...]
    said: str
    against_dealer_id: int | None
    against: str
    opened_by: str
    opened_at: datetime
    state: str
    decided_by: str | None
    decided_at: datetime | None
    decision: str


class RulesVersion(NamedTuple):
    version: int
    params: dict[str, Any]
    actor: str
    reason: str
    set_at: datetime | None


@dataclass(frozen=True)
class View:
    """A human's bond now and before, with names, and why in words."""

    person_id: int
    now: Spell | None
    spells: tuple[Spell, ...]
    names: dict[tuple[str, int], str]
    why: tuple[str, ...]


class ReasonMissing(Refused):
    """请写明原因。"""

    code = "reason_missing"


class BondProtected(Refused):
    """这位顾客还在别家的保护期内，要归属方同意，或者走申诉。"""

    code = "bond_protected"


class WishStands(Refused):
    """这位顾客自己选了由谁服务，只有顾客自己能改。"""

    code = "wish_stands"


class NoBond(Refused):
    """这位顾客现在没有归属。"""

    code = "no_bond"


class StoreUnknown(Refused):
    """门店不对：请选一家门店。"""

    code = "bond_store_unknown"


class NotSameDealer(Refused):
    """只能交给同一家经销商的导购。"""

    code = "not_same_dealer"


class BadRules(Refused):
    """规则填得不对。"""

    code = "bad_bond_rules"


class EvidenceMissing(Refused):
    """申诉要有这位顾客在您门店的记录作证。"""

    code = "evidence_missing"


class DisputeOpen(Refused):
    """这位顾客已经有一件您提出的申诉在办。"""

    code = "dispute_open"
