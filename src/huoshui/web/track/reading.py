"""A request read: its body within bounds, its write key, its events still as they came."""

from __future__ import annotations

import base64
import binascii
import zlib
from datetime import datetime
from typing import Any

import msgspec
from django.http import HttpRequest
from django.http.request import UnreadablePostError

from huoshui.intake.tracking import api as tracking
from huoshui.web.track.problems import Problem

MOST_BYTES = 4 * 1024 * 1024
MOST_UNPACKED = 16 * 1024 * 1024
MOST_EVENTS = 2_500
_CHUNK = 64 * 1024


class Batch(msgspec.Struct, gc=False):
    batch: list[msgspec.Raw] | None = None
    writeKey: Any = None
    sentAt: Any = None
    context: msgspec.Raw = msgspec.Raw(b"null")
    integrations: msgspec.Raw = msgspec.Raw(b"null")


class Single(msgspec.Struct, gc=False):
    writeKey: Any = None
    sentAt: Any = None


_batch = msgspec.json.Decoder(Batch)
_single = msgspec.json.Decoder(Single)


def body(request: HttpRequest) -> bytes:
    """Raises Problem. Whatever the content type says: browsers send text/plain to spare themselves a preflight."""
    try:
        length = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        length = 0
    if length > MOST_BYTES:
        raise Problem("body_too_large", most=MOST_BYTES)
    try:
        raw = request.read(MOST_BYTES + 1)
    except (OSError, UnreadablePostError):
        raise Problem("body_not_json", reason="incomplete") from None
    if len(raw) > MOST_BYTES:
        raise Problem("body_too_large", most=MOST_BYTES)
    encoding = str(request.META.get("HTTP_CONTENT_ENCODING", "")).strip().lower()
    if encoding in ("", "identity"):
        # Some clients pack and do not say so
        return _unpacked(raw) if raw[:2] == b"\x1f\x8b" else raw
    if encoding not in ("gzip", "x-gzip"):
        raise Problem("encoding_unknown")
    return _unpacked(raw)


def _unpacked(raw: bytes) -> bytes:
    """No further than it may be: a few kilobytes can hold gigabytes."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        found = unpacker.decompress(raw, MOST_UNPACKED)
    except zlib.error:
        raise Problem("body_not_gzip") from None
    if unpacker.unconsumed_tail:
        raise Problem("body_too_large", most=MOST_UNPACKED)
    if not unpacker.eof:
        raise Problem("body_not_gzip")
    return found


def batch(raw: bytes) -> Batch:
    """Raises Problem."""
    try:
        found = _batch.decode(raw)
    except msgspec.ValidationError:
        _refuse_unlike_object(raw)
        raise Problem("batch_missing", pointer="/batch") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem("body_not_json", reason=str(error)) from None
    if found.batch is None:
        raise Problem("batch_missing", pointer="/batch")
    if len(found.batch) > MOST_EVENTS:
        raise Problem("batch_too_long", pointer="/batch", most=MOST_EVENTS, count=len(found.batch))
    return found


def at_the_top(raw: msgspec.Raw, pointer: str) -> dict[str, Any]:
    """What stands at the top of a batch for all its items; nothing where it is no object. Raises Problem."""
    if tracking.is_too_deep(bytes(raw)):
        raise Problem("body_not_json", pointer=pointer, reason="nested too deep")
    try:
        found = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Problem("body_not_json", pointer=pointer, reason=str(error)) from None
    return found if isinstance(found, dict) else {}


def single(raw: bytes) -> Single:
    """Raises Problem."""
    try:
        return _single.decode(raw)
    except msgspec.ValidationError:
        raise Problem("body_not_object") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem("body_not_json", reason=str(error)) from None


def _refuse_unlike_object(raw: bytes) -> None:
    if not raw.lstrip().startswith(b"{"):
        raise Problem("body_not_object")


def sent_at(given: Any) -> datetime | None:
    if not given:
        return None
    try:
        return tracking.instant(given if isinstance(given, str) else "", "/sentAt")
    except tracking.Fault:
        raise Problem("time_unreadable", pointer="/sentAt") from None


def header_key(request: HttpRequest) -> str:
    """The user name of Basic; '' where there is none, and the body has to say the key (a Bearer token says nothing)."""
    scheme, _, told = str(request.META.get("HTTP_AUTHORIZATION", "")).partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        name, colon, _password = base64.b64decode(told.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return ""
    return name if colon else ""


def writer(request: HttpRequest, in_body: Any) -> tracking.Writer:
    """Whose key it is. A client may send it twice, in the header and in the body. Raises Problem."""
    tokens = [token for token in (header_key(request), in_body) if isinstance(token, str) and token]
    if not tokens:
        raise Problem("key_missing")
    for token in tokens:
        if found := tracking.writer_of(token.strip()):
            if not found.is_enabled:
                raise Problem("source_disabled")
            return found
    raise Problem("key_wrong")
