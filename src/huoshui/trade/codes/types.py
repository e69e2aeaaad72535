from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from huoshui.core.errors import Refused, RetryLater

KINDS: Final = ("guide", "store", "campaign", "shelf", "parcel", "partner", "recommender")
SCANNED: Final = "Code Scanned"


class Code(NamedTuple):
    """`dealer_id` None: head office's own. `person_id`: who recommends, as born."""

    id: int
    handle: str
    kind: str
    title: str
    dealer_id: int | None
    store_id: int | None
    guide_id: int | None
    person_id: int | None
    template_id: int | None
    state: str
    made_by: str
    made_at: datetime

    @property
    def is_live(self) -> bool:
        return self.state == "live"


class CodeView(NamedTuple):
    """With what came of it: visits, people who are known by it, and when it was last scanned."""

    code: Code
    scans: int
    people: int
    last_at: datetime | None


class LastScan(NamedTuple):
    """The code by which somebody came, and the fact that says so."""

    place: int
    code_id: int
    kind: str
    dealer_id: int | None
    store_id: int | None
    guide_id: int | None
    person_id: int | None
    fact_id: int
    at: datetime


class BadCode(Refused):
    """活码填得不对。"""

    code = "bad_code"


class CodeOff(Refused):
    """这个码已经停用了，请店员给您一个新的。"""

    code = "code_off"


class SenderMissing(Refused):
    """短信还没有接通，请店员帮您入会。"""

    code = "sender_missing"


class WordWrong(Refused):
    """验证码不对，或者过期了。请核对，或者再要一个。"""

    code = "word_wrong"


class TooManyWords(RetryLater):
    """验证码要得太多了，请过一会儿再来。"""

    code = "too_many_words"


class NotSent(RetryLater):
    """验证码没有发出去，请再点一次。"""

    code = "word_not_sent"
