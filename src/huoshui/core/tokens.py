"""Keys that machines show, `hs_<prefix>_<secret>`: made, and recognised.

By the prefix a key is looked up. Of the secret a hash is kept, so it is shown once; a hash without salt is enough for what
nobody has chosen.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import string
from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from typing import Generic, NamedTuple, TypeVar

from django.db import connection

from huoshui.core.gather import Gather
from huoshui.core.retry import LOST

KNOWN_SECONDS = 1.0
"""For so long a process believes what it knows of a key: one that another process ended works as much longer."""

H = TypeVar("H")

_ALPHABET = string.ascii_letters + string.digits
_NOBODY = hashlib.sha256(b"").hexdigest()
_MOST_KNOWN = 10_000


class Fresh(NamedTuple):
    prefix: str
    secret_hash: str
    token: str


class Form:
    """How keys of one kind look."""

    def __init__(self, name: str, letters: int) -> None:
        self._name, self._letters = name, letters
        self._pattern = re.compile(rf"{name}_([0-9a-f]{{12}})_([0-9A-Za-z]{{{letters}}})")

    def fresh(self) -> Fresh:
        prefix = secrets.token_hex(6)
        secret = "".join(secrets.choice(_ALPHABET) for _ in range(self._letters))
        return Fresh(prefix, _hashed(secret), f"{self._name}_{prefix}_{secret}")

    def parts(self, token: str) -> tuple[str, str]:
        """Prefix and secret; two empty ones of what is no key of this kind."""
        found = self._pattern.fullmatch(token)
        return (found[1], found[2]) if found else ("", "")


class Living(NamedTuple, Generic[H]):
    """A key that may be used. `is_use_unnoted`: that it is in use was last written down some time ago."""

    secret_hash: str
    holder: H
    is_use_unnoted: bool


class Recognised(Generic[H]):
    """Who holds a key. `living` finds the keys of some prefixes; `note` writes down that these holders' are in use."""

    def __init__(
        self,
        form: Form,
        living: Callable[[Sequence[str]], Mapping[str, Living[H]]],
        note: Callable[[Sequence[H]], None],
    ) -> None:
        self._form, self._living, self._note = form, living, note
        # By the token's hash, so that no dump of memory holds a token that is not just being used
        self._known: dict[str, tuple[H, float]] = {}
        # When what is known of a busy key has grown old, many ask at the same moment
        self._lookups: Gather[str, H | None] = Gather(self._looked_up)

    def holder_of(self, token: str) -> H | None:
        """None for a wrong one and for one that has ended, after the same work. Whoever was let in is known for a while;
        whoever was not is looked up each time, or a new key would seem wrong."""
        digest, now = _hashed(token), monotonic()
        known = self._known.get(digest)
        if known is not None and now < known[1]:
            return known[0]
        found = self._lookups.ask(token)
        if found is not None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[digest] = found, now + KNOWN_SECONDS
        return found

    def forget(self) -> None:
        """Look every key up again."""
        self._known.clear()

    def _looked_up(self, tokens: Sequence[str]) -> list[H | None]:
        told = [self._form.parts(token) for token in tokens]
        living = self._living_of([prefix for prefix, _ in told if prefix])
        right = [self._right(living.get(prefix), secret) for prefix, secret in told]
        if unnoted := {id(key): key.holder for key in right if key and key.is_use_unnoted}:
            self._note(list(unnoted.values()))
        return [key.holder if key else None for key in right]

    @staticmethod
    def _right(key: Living[H] | None, secret: str) -> Living[H] | None:
        is_right = hmac.compare_digest(_hashed(secret), key.secret_hash if key else _NOBODY)
        return key if is_right else None

    def _living_of(self, prefixes: Sequence[str]) -> Mapping[str, Living[H]]:
        try:
            return self._living(prefixes)
        except LOST:
            # The database was started anew since this thread last spoke to it; Django looks only at its own cursors
            if connection.in_atomic_block:
                raise
            connection.close()
            return self._living(prefixes)


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
