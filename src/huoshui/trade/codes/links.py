"""Addresses of codes: a random handle and a signature by the house's key, so that what was not printed here opens nothing."""

from __future__ import annotations

import hmac
import secrets
from typing import Final

from huoshui.core.crypto import digest

_HANDLE: Final = 6  # bytes: eight characters, short enough for a code that a phone reads across a shop
_SIGNATURE: Final = 12  # of 32 hex digits: 48 bits, and each guess costs a request
_VISIT: Final = 9


def new_handle() -> str:
    return secrets.token_urlsafe(_HANDLE)


def token(handle: str) -> str:
    return handle + _signed("code", handle, _SIGNATURE)


def handle_in(token: str) -> str:
    """'' for an address that was not made here."""
    handle, signature = token[:-_SIGNATURE], token[-_SIGNATURE:]
    is_ours = token.isascii() and bool(handle)
    return handle if is_ours and hmac.compare_digest(signature, _signed("code", handle, _SIGNATURE)) else ""


def new_visit(handle: str) -> str:
    """One opening of a code's page: what is done there is done once."""
    fresh = secrets.token_urlsafe(_VISIT)
    return fresh + _signed(f"visit\x1f{handle}", fresh, _SIGNATURE)


def is_visit(handle: str, visit: str) -> bool:
    fresh, signature = visit[:-_SIGNATURE], visit[-_SIGNATURE:]
    is_ours = visit.isascii() and bool(fresh)
    return is_ours and hmac.compare_digest(signature, _signed(f"visit\x1f{handle}", fresh, _SIGNATURE))


def _signed(what: str, value: str, length: int) -> str:
    return digest(f"{what}\x1f{value}")[:length]
