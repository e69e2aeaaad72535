"""Frozen values of the rights desk."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from huoshui.core.errors import Refused

KINDS: Final = {
    "copy": "查阅和复制",
    "port": "转移到别处",
    "explain": "说明规则",
    "correct": "更正",
    "restrict": "限制使用",
    "erase": "注销并删除",
}
OPEN, DOING, DONE, REFUSED = "open", "doing", "done", "refused"


class MayNot(Refused):
    """您的岗位不能办理顾客的个人信息请求，请找老板或个人信息保护负责人。"""

    code = "rights_closed"


@dataclass(frozen=True)
class Case:
    """A person's request. `days_left` counts working days until the law's date; below 0 it is late."""

    id: int
    kind: str
    person_id: int
    said: str
    via: str
    proof: str
    state: str
    asked_at: datetime
    due_on: date
    days_left: int
    asked_by: str
    decided_by: str | None
    decided_at: datetime | None
    reason: str
    step: str
    outcome: dict[str, Any] = field(default_factory=dict)

    @property
    def label(self) -> str:
        return KINDS[self.kind]

    @property
    def is_open(self) -> bool:
        return self.state in (OPEN, DOING)


@dataclass(frozen=True)
class Event:
    at: datetime
    actor: str
    what: str
    detail: str


@dataclass(frozen=True)
class Copy:
    """Everything we hold of one person, in parts of rows: for people to read and for machines."""

    person_id: int
    made_at: datetime
    brand: str
    parts: dict[str, list[dict[str, Any]]]
