"""A request read: its body within bounds, its write key, its events still as they came."""

from __future__ import annotations

import base64
import binascii
import re
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
_BOM = b"\xef\xbb\xbf"

# A pair of escapes that is one letter, a half of one that stands alone, or any other escape
_ESCAPES = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)


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
    said = str(request.META.get("HTTP_CONTENT_ENCODING", "")).lower().split(",")
    encodings = [one for told in said if (one := told.strip()) not in ("", "identity")]
    if not encodings:
        # Some clients pack and do not say so
        found = _unpacked(raw) if raw[:2] == b"\x1f\x8b" else raw
    elif encodings in (["gzip"], ["x-gzip"]):
        found = _unpacked(raw)
    else:
        raise Problem("encoding_unknown")
    return found.removeprefix(_BOM)


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


def whole(raw: bytes) -> bytes:
    """The same with U+FFFD for what is no letter: an emoji that a client has cut in two must not cost the others theirs."""
    told = raw.decode("utf-8", "replace").encode()
    return _ESCAPES.sub(lambda found: b"\\ufffd" if found[1] else found[0], told)


def batch(raw: bytes) -> Batch:
    """Raises Problem."""
    try:
        try:
            found = _batch.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError):
            found = _batch.decode(whole(raw))
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
        try:
            found = msgspec.json.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError):
            found = msgspec.json.decode(whole(bytes(raw)))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Problem("body_not_json", pointer=pointer, reason=str(error)) from None
    return found if isinstance(found, dict) else {}


def single(raw: bytes) -> tuple[Single, bytes]:
    """And the event as it can be read. Raises Problem."""
    try:
        try:
            return _single.decode(raw), raw
        except (msgspec.DecodeError, UnicodeDecodeError):
            raw = whole(raw)
            return _single.decode(raw), raw
    except msgspec.ValidationError:
        raise Problem("body_not_object") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem("body_not_json", reason=str(error)) from None


def _refuse_unlike_object(raw: bytes) -> None:
    if not raw.lstrip().startswith(b"{"):
        raise Problem("body_not_object")


def sent_at(given: Any) -> tuple[datetime | None, tuple[tracking.Warned, ...]]:
    """Without one that can be read no clock is put right; that is said, and nothing is lost by it."""
    if not given:
        return None, ()
    try:
        return tracking.instant(given if isinstance(given, str) else "", "/sentAt"), ()
    except tracking.Fault:
        return None, (tracking.Warned("time_unreadable", "/sentAt"),)


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
