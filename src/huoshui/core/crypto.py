"""Contact fields: sealed by an envelope, found by a keyed hash, shown by their last four.

A value is encrypted with AES-256-GCM under a data key; the data key is kept, itself encrypted by the master key, in
front of the text, so a new master key re-wraps keys without touching the values (NIST SP 800-57, key wrapping). The
lookup key is HMAC-SHA-256 under a second key: equal values meet, nobody without the key can try numbers.
"""

from __future__ import annotations

import base64
import hmac
import json
import os
import secrets
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_NONCE = 12
_WRAPPED_KEY = _NONCE + 32 + 16


def ensure_keys(path: Path) -> None:
    """Make the installation's keys once; a second process that races here keeps the first one's."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = {name: base64.b64encode(secrets.token_bytes(32)).decode() for name in ("master", "lookup")}
    fresh["django"] = secrets.token_urlsafe(48)
    # A name of its own: a killed process of the same id may have left one behind
    staged = path.with_suffix(f".{secrets.token_hex(8)}")
    staged.touch(mode=0o600, exist_ok=False)
    with staged.open("w", encoding="utf-8") as file:
        json.dump(fresh, file)
        file.flush()
        os.fsync(file.fileno())  # without these keys every contact in the database is lost
    try:
        os.link(staged, path)
    except FileExistsError:
        pass  # another process was first, and its keys are the ones in use
    finally:
        staged.unlink()


class Keys(NamedTuple):
    """What is in force. The first master seals, and any opens; `digest` is the first lookup key there ever was."""

    masters: tuple[bytes, ...]
    lookup: bytes
    digest: bytes


@lru_cache(maxsize=4)
def _keys(path: str, stamp: tuple[int, int]) -> Keys:
    kept = json.loads(Path(path).read_text(encoding="utf-8"))
    turning = kept.get("turning", {})
    masters = [kept["master"], *([turning["master"]] if turning else [])]
    return Keys(
        tuple(map(base64.b64decode, masters)),
        base64.b64decode(kept["lookup"]),
        base64.b64decode(kept.get("digest", kept["lookup"])),
    )


LOOK_EVERY = 1.0
"""Seconds after which every process knows that the keys have changed (`core.rotating`)."""

_looked: dict[str, tuple[float, Keys]] = {}


def _installed() -> Keys:
    path = str(settings.HUOSHUI_KEYS)
    looked = _looked.get(path)
    if looked is not None and monotonic() - looked[0] < LOOK_EVERY:
        return looked[1]
    return look_again()


def look_again() -> Keys:
    """The keys as the file has them now, for the whole process."""
    path = str(settings.HUOSHUI_KEYS)
    now, is_at = (
        monotonic(),
        Path(path).stat(),
    )  # the time first: what changes while we read is noticed next time
    keys = _keys(path, (is_at.st_ino, is_at.st_mtime_ns))
    _looked[path] = (now, keys)
    return keys


@lru_cache(maxsize=1)
def _process_data_key(master: bytes) -> tuple[AESGCM, bytes]:
    # One data key a process: a key of its own for each value would double the size of the column for no gain.
    data_key = secrets.token_bytes(32)
    nonce = secrets.token_bytes(_NONCE)
    return AESGCM(data_key), nonce + AESGCM(master).encrypt(nonce, data_key, None)


def seal(value: str) -> bytes:
    cipher, wrapped = _process_data_key(_installed().masters[0])
    nonce = secrets.token_bytes(_NONCE)
    return wrapped + nonce + cipher.encrypt(nonce, value.encode(), None)


def unseal(sealed: bytes) -> str:
    wrapped, nonce = sealed[:_WRAPPED_KEY], sealed[_WRAPPED_KEY : _WRAPPED_KEY + _NONCE]
    data_key = _unwrapped(wrapped)
    return AESGCM(data_key).decrypt(nonce, sealed[_WRAPPED_KEY + _NONCE :], None).decode()


def _unwrapped(wrapped: bytes) -> bytes:
    # Another process may have sealed it under keys that this one has not noticed yet
    for keys in (_installed, look_again):
        for master in keys().masters:
            with suppress(InvalidTag):
                return AESGCM(master).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], None)
    raise InvalidTag


@lru_cache(maxsize=4096)
def _is_under(master: bytes, wrapped: bytes) -> bool:
    try:
        AESGCM(master).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], None)
    except InvalidTag:
        return False
    return True


def is_sealed_now(sealed: bytes) -> bool:
    """Whether it is sealed under the master key in force. Cheap: a process's values share their wrapped key."""
    return _is_under(_installed().masters[0], bytes(sealed[:_WRAPPED_KEY]))


def lookup_key(value: str) -> str:
    """The keyed hash under which a contact value is found, 32 hex digits. It changes when the keys do: what is kept under it
    must stand in the list of `project.rotation`."""
    return hashed(_installed().lookup, value)


def digest(value: str) -> str:
    """A keyed hash that never changes, 32 hex digits: for what nobody can make anew, since only the hash is kept."""
    return hashed(_installed().digest, value)


def is_turned() -> bool:
    """Whether contacts are found by another hash than they were when the first was kept (`digest`)."""
    keys = _installed()
    return keys.lookup != keys.digest


def hashed(key: bytes, value: str) -> str:
    return hmac.digest(key, value.encode(), "sha256").hex()[:32]
