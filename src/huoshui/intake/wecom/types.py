"""Frozen values of the WeCom room, and what may go wrong with words that say how to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from huoshui.core.errors import Refused

LIVES: Final = timedelta(minutes=30)
"""How long one customer's code is good. She stands at the counter, or is on the phone; later it may be anybody's."""

ASKED, READY, FAILED = "asked", "ready", "failed"

LINKED, KNOWN, REVIEW, LATE, NOBODY = "linked", "known", "review", "late", "nobody"
"""What came of a scan. linked: the account is hers now. known: it was. review: somebody else's, or a second one; a human is
asked. late: the code had ended; kept, and joined to nobody. nobody: she, or the account, was erased."""


class WecomMissing(Refused):
    """还没有接上企业微信。请老板到“企业微信”页填写企业 ID、Secret、Token 和 EncodingAESKey。"""

    code = "wecom_missing"


class StaffUnknown(Refused):
    """您还没有登记企业微信账号。请店长或总部在“员工与岗位”里您的那一页填上。"""

    code = "wecom_staff_unknown"


class Tampered(Exception):
    """What came is not from WeCom, or not for this company."""


class Fault(Exception):
    """WeCom said no, or did not answer. `code` is its errcode, or a word of `faults.WORDS`; `said` what goes into its
    sentence."""

    def __init__(self, code: int | str, said: str = "") -> None:
        super().__init__(f"{code} {said}".strip())
        self.code, self.said = str(code), said


@dataclass(frozen=True)
class Door:
    """What the callback is read with."""

    corp_id: str
    token: str
    aes_key: str


@dataclass(frozen=True)
class Access:
    """What WeCom is asked with; for workers only."""

    corp_id: str
    secret: str


@dataclass(frozen=True)
class Made:
    """A contact way as WeCom made it."""

    config_id: str
    url: str


@dataclass(frozen=True)
class Way:
    """One customer's code of one of the staff. `image` (a data: address) is there while it may be scanned; `outcome` once
    somebody has."""

    id: int
    person_id: int
    staff_id: int
    status: str
    fault: str
    said: str
    image: str
    made_at: datetime
    until_at: datetime
    outcome: str


@dataclass(frozen=True)
class Added:
    """Somebody added one of the staff, as WeCom tells it."""

    user_id: str
    external_userid: str
    state: str
    at: datetime


@dataclass(frozen=True)
class Standing:
    """How the house stands with WeCom. `trial`: '' before the first, 'ok', or a code of `faults`."""

    is_set: bool
    corp_id: str
    set_at: datetime | None
    trial_asked_at: datetime | None
    tried_at: datetime | None
    trial: str
    said: str
    verified_at: datetime | None
    heard_at: datetime | None
    strangers: int
