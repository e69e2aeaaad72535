from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple

from huoshui.core.errors import Refused

Kind = Literal["brought", "household", "colleague", "serves", "partner"]
Origin = Literal["hand", "fact", "import"]
Name = tuple[str, str, str]  # kind, scope, key of an identifier


class Mention(NamedTuple):
    """What a fact says of its person (`to_person_id`): that one of these names is the other end. The first known counts."""

    fact_id: int
    kind: Kind
    to_person_id: int
    since: datetime
    names: tuple[Name, ...]
    origin: Origin
    actor: str


class Edge(NamedTuple):
    """One relation as seen from a person. `other_id` is canonical; `is_outward`: the person brought or serves the other.
    `counts`: it holds, and of several who claim to have brought somebody it is the first."""

    id: int
    kind: Kind
    other_id: int
    is_outward: bool
    since: datetime
    until: datetime | None
    origin: Origin
    evidence_fact_id: int | None
    actor: str
    reason: str
    ended_by: str | None
    ended_reason: str
    counts: bool

    @property
    def never_held(self) -> bool:
        return self.until == self.since


class Brought(NamedTuple):
    """Somebody in the tree of those whom a person brought: how far away, and by whom. Both canonical."""

    person_id: int
    depth: int
    by_id: int
    since: datetime


class Reach(NamedTuple):
    """`tree` in order of depth. `is_cut`: it goes on below the depth that was asked for."""

    person_id: int
    tree: tuple[Brought, ...]
    is_cut: bool

    @property
    def direct(self) -> tuple[Brought, ...]:
        """Whom the person brought, which is all that may ever be paid for."""
        return tuple(one for one in self.tree if one.depth == 1)


class Bringing(NamedTuple):
    """That somebody brought another, as long as it held; canonical ids."""

    person_id: int
    other_id: int
    since: datetime
    until: datetime | None
    relation_id: int
    evidence_fact_id: int | None


class Proposal(NamedTuple):
    id: int
    other_id: int
    ground: Literal["address", "phone"]


class NoReason(Refused):
    """请写明依据，以后查起来要用。"""

    code = "no_reason"


class SameHuman(Refused):
    """这是同一位顾客，不能和自己有关系。"""

    code = "same_human"


class AlreadyRelated(Refused):
    """这两位之间已经登记过这种关系。"""

    code = "already_related"


class NotThenYet(Refused):
    """开始和结束的时间不能在将来，结束也不能早于开始。"""

    code = "not_then_yet"
