"""From bytes to bodies, each fault with its place (RFC 6901)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TypeVar

import msgspec
from django.http import HttpRequest

from huoshui.web.api.problems import Place, Problem

T = TypeVar("T")

BODY_LIMIT = 1 << 20
JSON = "application/json"

_KEY = re.compile("[!-~]{1,255}")
_STEP = re.compile(r"\.([^.\[]+)|\[(\d+)\]|\[\.\.\.\]")
_FIELD = re.compile(r"(missing required|unknown) field `([^`]*)`")
_TYPES = re.compile(r"Expected `([^`]+)`, got `([^`]+)`")


def idempotency_key(request: HttpRequest) -> str:
    key = str(request.META.get("HTTP_IDEMPOTENCY_KEY", ""))
    if not _KEY.fullmatch(key):
        raise Problem("idempotency_key_missing")
    return key


def raw_body(request: HttpRequest, *, limit: int = BODY_LIMIT, media_type: str = JSON) -> bytes:
    if request.META.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() != media_type:
        raise Problem("media_type_unsupported", {"expected": media_type})
    length = request.META.get("CONTENT_LENGTH")
    if not length and request.META.get("HTTP_TRANSFER_ENCODING"):
        # Sent as it is made, its length unknown; Django would read nothing
        raw = request.META["wsgi.input"].read(limit + 1)
        if len(raw) > limit:
            raise Problem("too_large", {"limit": limit})
        return bytes(raw)
    if length and not (length.isdigit() and int(length) <= limit):
        raise Problem("too_large", {"limit": limit})
    return request.body


def json_body(request: HttpRequest, kind: type[T]) -> tuple[T, bytes]:
    """The body as `kind`, and as it came."""
    if request.META.get("HTTP_CONTENT_ENCODING", "identity").lower() != "identity":
        raise Problem("encoding_unsupported")
    raw = raw_body(request)
    return decoded(raw, kind), raw


def decoded(raw: bytes, kind: type[T]) -> T:
    try:
        value: T = _decoder(kind).decode(raw)
    except msgspec.ValidationError as error:
        raise invalid([place_of(str(error))]) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem("malformed", {"reason": str(error)}) from error
    if b"\\u0000" in raw:
        _refuse_nul(raw)
    return value


_decoders: dict[type, msgspec.json.Decoder[Any]] = {}


def _decoder(kind: type) -> msgspec.json.Decoder[Any]:
    if kind not in _decoders:
        _decoders[kind] = msgspec.json.Decoder(kind)
    return _decoders[kind]


def invalid(places: list[Place]) -> Problem:
    return Problem("invalid", {"count": len(places)}, places=places)


def _refuse_nul(raw: bytes) -> None:
    """PostgreSQL keeps no U+0000. Most bodies have none, so only one that may is looked through."""
    if places := [Place(pointer, "no_such_text") for pointer in _nuls("", msgspec.json.decode(raw))]:
        raise invalid(places)


def _nuls(at: str, value: Any) -> Iterator[str]:
    if isinstance(value, str) and "\0" in value:
        yield at
    elif isinstance(value, dict):
        for name, inner in value.items():
            if "\0" in name:
                yield at
            yield from _nuls(f"{at}/{_escaped(name)}", inner)
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _nuls(f"{at}/{place}", inner)


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def place_of(message: str) -> Place:
    """What msgspec says of a fault, as a place of the request."""
    said, _, path = message.partition(" - at `$")
    pointer = "".join(f"/{_escaped(a or b)}" for a, b in _STEP.findall(path.rstrip("`")) if a or b)
    if field := _FIELD.search(said):
        code = "unknown_field" if field[1] == "unknown" else "missing_field"
        return Place(f"{pointer}/{_escaped(field[2])}", code, {"field": field[2]})
    if types := _TYPES.fullmatch(said):
        return Place(pointer, "wrong_type", {"expected": types[1], "got": types[2]})
    return Place(pointer, "wrong_value", {"reason": said})
