"""One-time words: whoever reads what was sent to a phone holds it. The simplest proof there is, and small.

Nothing here tells whether a phone is known to us: what is answered depends on what was sent, and on nothing else.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta
from typing import Final

from huoshui.core import clock, sql
from huoshui.core.crypto import digest
from huoshui.trade.codes.types import TooManyWords, WordWrong

Q = sql.load("huoshui.trade.codes")

LIFETIME: Final = timedelta(minutes=10)
_TRIES: Final = 5
_A_MINUTE, _AN_HOUR, _A_DAY = timedelta(seconds=50), timedelta(hours=1), timedelta(days=1)
_PER_HOUR, _PER_DAY, _PHONES = 5, 10, 3
_KEPT: Final = timedelta(days=2)


def issue(phone: str, visit: str) -> str:
    """A new word for this phone (E.164), to be sent to it. In the caller's transaction. Raises TooManyWords."""
    now, whose = clock.now(), _phone(phone)
    sql.fetch(Q.lock_phone, phone=whose)
    sent = sql.fetch_one(
        Q.sent_to, phone=whose, visit=visit, minute=now - _A_MINUTE, hour=now - _AN_HOUR, day=now - _A_DAY
    )
    if sent.minute or sent.hour >= _PER_HOUR or sent.day >= _PER_DAY or sent.others >= _PHONES:
        raise TooManyWords
    word = f"{secrets.randbelow(1_000_000):06d}"
    sql.run(
        Q.add_word,
        visit=visit,
        phone=whose,
        word=_word(whose, visit, word),
        at=now,
        expires_at=now + LIFETIME,
    )
    sql.run(Q.drop_words, before=now - _KEPT)
    return word


def prove(phone: str, visit: str, word: str) -> bool:
    """Whether this is the word. A wrong one costs a try, so the caller's transaction must not be undone for it."""
    now, whose = clock.now(), _phone(phone)
    row = sql.fetch_one(Q.try_word, visit=visit, phone=whose, most=_TRIES, at=now)
    if row is None or not hmac.compare_digest(row.word_digest, _word(whose, visit, word.strip())):
        return False
    sql.run(Q.prove_word, word_id=row.id, at=now)
    return True


def require(is_proven: bool) -> None:
    if not is_proven:
        raise WordWrong


def _phone(phone: str) -> str:
    return digest(f"code word phone\x1f{phone}")


def _word(whose: str, visit: str, word: str) -> str:
    return digest(f"code word\x1f{whose}\x1f{visit}\x1f{word}")
