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
from functools import lru_cache
from pathlib import Path

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


@lru_cache(maxsize=4)
def _keys(path: str) -> tuple[bytes, bytes]:
    kept = json.loads(Path(path).read_text(encoding="utf-8"))
    return base64.b64decode(kept["master"]), base64.b64decode(kept["lookup"])


def _installed() -> tuple[bytes, bytes]:
    return _keys(str(settings.HUOSHUI_KEYS))


@lru_cache(maxsize=1)
def _process_data_key(master: bytes) -> tuple[AESGCM, bytes]:
    # One data key a process: a key of its own for each value would double the size of the column for no gain.
    data_key = secrets.token_bytes(32)
    nonce = secrets.token_bytes(_NONCE)
    return AESGCM(data_key), nonce + AESGCM(master).encrypt(nonce, data_key, None)


def seal(value: str) -> bytes:
    cipher, wrapped = _process_data_key(_installed()[0])
    nonce = secrets.token_bytes(_NONCE)
    return wrapped + nonce + cipher.encrypt(nonce, value.encode(), None)


def unseal(sealed: bytes) -> str:
    wrapped, nonce = sealed[:_WRAPPED_KEY], sealed[_WRAPPED_KEY : _WRAPPED_KEY + _NONCE]
    data_key = AESGCM(_installed()[0]).decrypt(wrapped[:_NONCE], wrapped[_NONCE:], None)
    return AESGCM(data_key).decrypt(nonce, sealed[_WRAPPED_KEY + _NONCE :], None).decode()


def lookup_key(value: str) -> str:
    """The keyed hash under which a contact value is found, 32 hex digits."""
    return hmac.digest(_installed()[1], value.encode(), "sha256").hex()[:32]
