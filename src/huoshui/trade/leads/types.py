from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from huoshui.core.errors import Refused

SUBMITTED: Final = "Lead Submitted"
"""The fact by which a site, an app or a partner says that somebody wants something."""
HEAD_OFFICE: Final = 0
SOURCES: Final = ("scan", "campaign", "form", "import", "partner")
BAD_KINDS: Final = ("empty_number", "duplicate", "out_of_area")
OPEN: Final = frozenset({"new", "offered", "held", "escalated"})


class Draft(NamedTuple):
    """`key` makes it once. `person_id` any id of hers; `org_unit_id` the store, dealer or region it is meant for."""

    key: str
    source: str
    person_id: int
    made_at: datetime
    wants: str = ""
    district: str = ""
    org_unit_id: int | None = None
    brought_kind: str = ""
    brought_by: int | None = None
    batch_id: int | None = None
    fact_id: int | None = None


class State(NamedTuple):
    """What the events of a lead come to."""

    state: str = ""
    dealer_id: int | None = None
    store_id: int | None = None
    desk_id: int | None = None
    stage: str = ""
    until: datetime | None = None
    held_at: datetime | None = None
    tries: int = 0
    order_id: int | None = None
    no: int = 0


class Event(NamedTuple):
    kind: str
    actor: str
    at: datetime
    rule_version: int
    dealer_id: int | None = None
    store_id: int | None = None
    desk_id: int | None = None
    stage: str = ""
    until: datetime | None = None
    order_id: int | None = None
    reason: str = ""


class Lead(NamedTuple):
    id: int
    source: str
    person_id: int | None
    wants: str
    district: str
    org_unit_id: int | None
    brought_kind: str
    brought_by: int | None
    batch_id: int | None
    fact_id: int | None
    same_as_id: int | None
    made_at: datetime
    state: str
    dealer_id: int | None
    store_id: int | None
    desk_id: int | None
    stage: str
    until: datetime | None
    held_at: datetime | None
    tries: int
    order_id: int | None
    no: int

    @property
    def now(self) -> State:
        return State(*self[12:])


class LeadGone(Refused):
    """这条线索已经不在您这里了：可能超过了时限，或者总部收回了。"""

    code = "lead_gone"


class ReasonMissing(Refused):
    """请写明原因。"""

    code = "reason_missing"


class BadLeadRules(Refused):
    """派单规则填得不对。"""

    code = "bad_lead_rules"


class StageUnknown(Refused):
    """没有这个跟进阶段。"""

    code = "lead_stage_unknown"


class TooLate(Refused):
    """已经过了可以提出的时间。"""

    code = "lead_too_late"


class AlreadySaid(Refused):
    """这件事已经提出过了。"""

    code = "lead_already_said"
