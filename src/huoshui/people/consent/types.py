"""Frozen values of consent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import Final, NamedTuple

from huoshui.core.errors import Refused

REASONS: Final = {
    "": "可以发",
    "erased": "这位顾客已经注销并删除",
    "unknown": "没有这位顾客",
    "restricted": "本人要求限制使用资料",
    "minor": "不满 14 岁，没有监护人的同意",
    "no_contact": "没有这个渠道的联系方式",
    "never": "没有同意过",
    "withdrawn": "已经撤回同意",
    "quiet": "现在是免打扰时段，{detail} 以后再发",
    "frequent": "{detail}，先不打扰",
}


class ConsentUnread(Refused):
    """这条同意看不懂：请写明用途，例如 marketing，和渠道，例如 sms。"""

    code = "consent_unread"


class GuardianOnly(ConsentUnread):
    """未成年人的同意要由监护人给：请写明 basis 是 guardian。"""


class ConsentNotSeparate(Refused):
    """这一项要单独同意：请写明给顾客看的是哪一版告知书。"""

    code = "consent_not_separate"


class Said(NamedTuple):
    """One thing a person said. Raised by `rules.checked` when it cannot stand."""

    purpose: str
    channel: str
    is_given: bool
    basis: str = "self"
    notice_version: str = ""
    proof: str = ""
    place: str = ""
    said_at: datetime | None = None  # None: when its fact happened; of a list, nobody knows


class Stand(NamedTuple):
    """The word that holds for one born id, purpose and channel."""

    person_id: int
    purpose: str
    channel: str
    is_given: bool
    basis: str
    said_at: datetime


class Sent(NamedTuple):
    """A message that went out. `key` is the sender's own: told twice, it counts once."""

    key: str
    person_id: int
    purpose: str
    channel: str
    sent_at: datetime


@dataclass(frozen=True)
class SendRule:
    """`channel` '' speaks of all channels together. Of two that fit, both hold."""

    purpose: str
    channel: str
    quiet_from: time | None = None
    quiet_until: time | None = None
    days: int | None = None
    most: int | None = None


class Decision(NamedTuple):
    """Whether one may be sent to now. `code` is '' or why not; `until`: from when on it is worth another try."""

    may: bool
    code: str = ""
    until: datetime | None = None
    detail: str = ""

    @property
    def sentence(self) -> str:
        return REASONS[self.code].format(detail=self.detail)


@dataclass(frozen=True)
class Entry:
    """A line of the ledger as it is shown."""

    purpose: str
    channel: str
    is_given: bool
    basis: str
    notice_version: str
    proof: str
    place: str
    said_at: datetime
    is_dated: bool
    source: str
    actor: str
    fact_id: int
