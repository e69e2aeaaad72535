"""What WeCom calls back with: who added whom, by which code. Somebody who scanned a customer's own code shows by it that the
account is hers, and is one with her; unless the account is known as somebody else's, and then a human is asked.
"""

from __future__ import annotations

from typing import Final

from huoshui.core import clock, crypto, sql
from huoshui.core.actor import SYSTEM
from huoshui.core.errors import RetryLater
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import Source
from huoshui.core.scope import scoped
from huoshui.intake.river import api as river
from huoshui.intake.river.api import Item
from huoshui.intake.wecom import house, reading
from huoshui.intake.wecom.envelope import opened
from huoshui.intake.wecom.types import KNOWN, LATE, LINKED, NOBODY, REVIEW, Added, Door, Tampered
from huoshui.people import api as people

Q = sql.load("huoshui.intake.wecom")

ADDED: Final = "WeCom Contact Added"
_KIND: Final = "external_userid"
_BECAUSE: Final = "扫了店员为她一个人生成的企业微信码"
_OUTCOMES: Final = {"joined": LINKED, "same": KNOWN, "asked": REVIEW, "gone": NOBODY}


def verify(*, msg_signature: str, timestamp: str, nonce: str, echo: str) -> bytes:
    """What WeCom wants to hear when somebody saves the address there. Raises Tampered."""
    answer, _ = _opened(msg_signature, timestamp, nonce, echo)
    with scoped(SYSTEM):
        sql.run(Q.note_verified, now=clock.now())
    return answer


def hear(body: bytes, *, msg_signature: str, timestamp: str, nonce: str) -> str:
    """Take in what WeCom tells, once however often it tells it. Opens its own transactions. Returns the outcome, '' for what is
    nothing to us. Raises Tampered; RetryLater, and then WeCom tells it again."""
    sealed = reading.fields(body).get("Encrypt", "")
    message, door = _opened(msg_signature, timestamp, nonce, sealed)
    told = reading.fields(message)
    if told.get("ToUserName", door.corp_id) != door.corp_id:
        raise Tampered
    news = reading.added(told)
    with scoped(SYSTEM):
        sql.run(Q.note_heard, now=clock.now())
        if news is not None and (not news.state or sql.fetch_one(Q.is_of_state, state=news.state) is None):
            sql.run(Q.count_stranger)
            news = None
    return "" if news is None else _take(news)


def _opened(msg_signature: str, timestamp: str, nonce: str, sealed: str) -> tuple[bytes, Door]:
    """By the settings of now, else by those before. Raises Tampered."""
    for door in house.doors():
        try:
            message = opened(
                door, msg_signature=msg_signature, timestamp=timestamp, nonce=nonce, sealed=sealed
            )
        except Tampered:
            continue
        return message, door
    raise Tampered


def source() -> Source:
    return facts.ensure_source(name="wecom", label="企业微信", mode="live")


def _take(news: Added) -> str:
    key = f"added {crypto.digest(f'{news.user_id} {news.external_userid} {news.state} {news.at.timestamp():.0f}')}"
    with scoped(SYSTEM):
        own = source()
    item = Item(ADDED, key, min(news.at, clock.now()), ((_KIND, news.external_userid),))
    (verdict,) = river.submit([item], source=own, actor=SYSTEM)
    if verdict.fact_id is None:
        return _said_before(own, key, news)
    return _decide(news, verdict.fact_id)


def _said_before(own: Source, key: str, news: Added) -> str:
    """Told again: also where we ended between the fact and what follows of it."""
    known = sql.fetch_one(Q.fact_of_key, source_id=own.id, client_key=key)
    return _decide(news, known.id) if known is not None else ""


def _decide(news: Added, fact_id: int) -> str:
    """What follows, in one transaction under the lock of the code. Told again it finds what it did, and does nothing."""
    mark = crypto.digest(f"wecom scan {news.external_userid}")
    with scoped(SYSTEM):
        way = sql.fetch_one(Q.by_state, state=news.state)
        settled = sql.fetch_one(Q.person_of, fact_id=fact_id)
        if way is None:
            return ""
        if way.outcome and way.mark == mark:
            return str(way.outcome)
        if settled is None or settled.state != "settled":
            raise RetryLater  # what follows hangs on whose the fact is
        if settled.person_id is None:
            outcome = NOBODY
        elif news.at > way.until_at:
            outcome = LATE
        else:
            came = people.attaching.attach(
                way.person_id,
                settled.person_id,
                fact_id=fact_id,
                kind=_KIND,
                may_join=not way.mark,
                reason=_BECAUSE,
                actor=SYSTEM,
            )
            outcome = _OUTCOMES[came]
        if not way.mark:
            sql.run(Q.used, id=way.id, mark=mark, outcome=outcome, now=clock.now())
    return outcome
