"""Frozen values of what came from others: where a base is from, by which right, and how far it has been let."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Final

from huoshui.core.errors import Refused

RELATIONS: Final = {"acquired": "收购来的", "partner": "合作方给的"}
LEGAL_BASES: Final = {
    "transfer": "合并、收购随业务转来，已告知本人接收方（个保法第二十二条）",
    "separate_consent": "本人单独同意对方提供给我们（个保法第二十三条）",
    "consent": "本人同意我们处理（个保法第十三条第一项）",
    "contract": "与本人订立、履行合同所必需（个保法第十三条第二项）",
    "duty": "履行法定义务所必需（个保法第十三条第三项）",
}
LABELS: Final = {
    "relation": "怎么来的",
    "from_whom": "从谁那里来",
    "obtained_on": "哪天拿到的",
    "contract": "合同编号或文件",
    "legal_basis": "法律依据",
    "notice_version": "告知书版本",
}
MARKED, HELD, ASKED, RELEASED, REJECTED = "marked", "held", "asked", "released", "rejected"
CLOSED: Final = (HELD, ASKED, REJECTED)
"""States in which nothing of a run comes in, whoever starts it."""


class ProvenanceIncomplete(Refused):
    """收购来的和合作方给的数据，要写明来历。"""

    code = "provenance_incomplete"
    missing: tuple[str, ...] = ()
    """Names of the fields that nothing was written in."""


class SourceOfOurOwn(Refused):
    """这个来源名是自家数据在用的。请给对方的数据另起一个名字，例如“某某公司会员”。"""

    code = "source_of_our_own"


class Quarantined(Refused):
    """这次导入在隔离中，没有入账。请先放行，或者拒绝。"""

    code = "quarantined"


class AlreadyRejected(Refused):
    """这次导入已被拒绝，文件已删除。"""

    code = "already_rejected"


class AlreadyBegun(Refused):
    """这次导入已经开始写入，不能再标成别人的数据。请先撤销，再重新上传。"""

    code = "already_begun"


class NotHeld(Refused):
    """这次导入现在不在隔离中。请刷新再看。"""

    code = "not_held"


class QuarantineReasonMissing(Refused):
    """请写一句为什么放行或拒绝，以后查得到。"""

    code = "quarantine_reason_missing"


@dataclass(frozen=True)
class Provenance:
    relation: str
    from_whom: str
    obtained_on: date
    contract: str
    """Its number, or the file it lies in."""
    legal_basis: str
    notice_version: str


PROVENANCE_FIELDS: Final = tuple(f.name for f in fields(Provenance))


@dataclass(frozen=True)
class QuarantineView:
    run_id: int
    relation: str
    from_whom: str
    obtained_on: date
    contract: str
    legal_basis: str
    notice_version: str
    state: str
    actor_name: str
    marked_at: datetime
    counts: Mapping[str, int]
    """rows, problems; told_phone and known_phone (and so for each kind of identifier); persons_known."""
    approval_id: int | None
    reason: str
    decided_by: str
    decided_at: datetime | None

    @property
    def is_closed(self) -> bool:
        return self.state in CLOSED


def provenance_from(said: Mapping[str, str], *, today: date) -> Provenance:
    """What was filled in. Raises ProvenanceIncomplete, which names all that is missing or wrong."""
    told = {name: str(said.get(name) or "").strip()[:200] for name in LABELS}
    missing = tuple(name for name in LABELS if not told[name])
    if missing:
        labels = "、".join(LABELS[name] for name in missing)
        error = ProvenanceIncomplete(f"收购来的和合作方给的数据要写明来历，还缺：{labels}。")
        error.missing = missing
        raise error
    if told["relation"] not in RELATIONS:
        raise ProvenanceIncomplete("请选择数据是收购来的，还是合作方给的。")
    if told["legal_basis"] not in LEGAL_BASES:
        raise ProvenanceIncomplete("请从列表里选择法律依据。")
    try:
        day = date.fromisoformat(told["obtained_on"])
    except ValueError:
        raise ProvenanceIncomplete("“哪天拿到的”请写成 2026-03-01 这样。") from None
    if day > today:
        raise ProvenanceIncomplete("“哪天拿到的”不能晚于今天。")
    return Provenance(**told | {"obtained_on": day})  # type: ignore[arg-type]  # all others are text
