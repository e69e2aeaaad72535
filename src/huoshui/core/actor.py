"""Who acts: every write names its actor, every read is scoped by one."""

from __future__ import annotations

from dataclasses import dataclass

HEAD_OFFICE = frozenset({"boss", "operator", "analyst", "privacy_officer", "auditor"})


@dataclass(frozen=True)
class Actor:
    """`kind` is 'staff', 'system', 'source', or 'person' for a customer who acts for herself; `org_unit_ids` are where a
    staff member is placed. `acting_id`: he acts for a dealer, with its rights and for a time (ADR 0036)."""

    kind: str
    id: int
    name: str
    roles: frozenset[str] = frozenset()
    org_unit_ids: frozenset[int] = frozenset()
    acting_id: int | None = None

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"

    @property
    def sees_whole_brand(self) -> bool:
        return self.kind == "system" or bool(self.roles & HEAD_OFFICE)

    @property
    def may_see_contacts(self) -> bool:
        return self.kind == "system" or bool(self.roles & {"boss", "privacy_officer"})


SYSTEM = Actor(kind="system", id=0, name="system")
