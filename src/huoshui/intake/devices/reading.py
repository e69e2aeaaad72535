"""One reading as it came, read and checked for its kind of device. Pure."""

from __future__ import annotations

import hashlib
import math
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from huoshui.core.phone import NotAPhone
from huoshui.intake.devices import rules
from huoshui.intake.devices.types import (
    BODY_MEASURED,
    CLAIM,
    COUNTER,
    DISPENSER,
    DISPLAY,
    KINDS,
    METRICS,
    SAMPLE_CLAIMED,
    SAMPLE_DISPENSED,
    SAMPLE_STUCK,
    SCALE,
    SCREEN_SHOWN,
    SCREEN_TOUCHED,
    VISITORS_COUNTED,
    Fault,
    Post,
    Reading,
)
from huoshui.people import api as people

MOST_BYTES = 8 * 1024
MOST_MESSAGE_ID = 100
MOST_MEMBER = 40
MOST_NOTICE = 60
MOST_CONTENT = 200
MOST_COUNT = 100_000
_LONGEST = timedelta(hours=1)
# What a person shows a machine: strong, and read without a doubt. Never two at once: a machine's word links nobody
NAMED_BY = ("phone", "member_no", "card_no", "unionid", "openid", "external_userid", "account")
_SCOPED = frozenset({"openid", "external_userid", "account"})

Given = Mapping[str, Any]
_more = msgspec.json.Decoder(dict[str, Any])


def read(raw: bytes, place: int, post: Post) -> Reading:
    """Raises Fault."""
    given = _decoded(raw)
    kind = str(given.get("type", ""))
    allowed = _KINDS[post.device.kind]
    if kind not in allowed:
        raise Fault(
            "reading_type_unknown",
            "/type",
            kind=KINDS[post.device.kind],
            type=kind[:40],
            allowed="、".join(allowed),
        )
    message_id, digest = _message(given, raw)
    at = _at(given, post)
    found = allowed[kind](given, post)
    body = {"device": post.device.code, "type": kind, **found.pop("body"), **_times(given, post, at)}
    if post.device.store_code:
        body.setdefault("store", post.device.store_code)
    return Reading(
        place=place,
        device=post.device,
        message_id=message_id,
        digest=digest,
        occurred_at=found.pop("occurred_at", at),
        body=body,
        **found,
    )


def opened(raw: bytes) -> dict[str, Any]:
    """What a reading says, right or wrong; nothing where it cannot be read."""
    try:
        return _decoded(raw)
    except Fault:
        return {}


def glance(raw: bytes) -> str:
    """The messageId of a reading that could not be read, where there is one."""
    found = opened(raw).get("messageId")
    return _text(found)[:MOST_MESSAGE_ID] if isinstance(found, str | int | float) else ""


def instant(text: Any, pointer: str) -> datetime:
    """Raises Fault. A time without a zone is nobody's."""
    try:
        at = datetime.fromisoformat(text.strip())
        if at.tzinfo is not None:
            return at.astimezone(UTC)
    except (ValueError, OverflowError, AttributeError):
        pass
    raise Fault("reading_time_unreadable", pointer)


def _decoded(raw: bytes) -> dict[str, Any]:
    if len(raw) > MOST_BYTES:
        raise Fault("reading_too_large", size=len(raw), most=MOST_BYTES)
    try:
        return _more.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Fault("reading_unreadable", reason=str(error)) from None


def _text(value: Any) -> str:
    """7 and 7.0 are the id '7'. A NUL has no place in the database."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).replace("\x00", "").strip()


def _message(given: Given, raw: bytes) -> tuple[str, str]:
    """The reading's id and its hash. Without an id it is known by all it says, as far as it says a time: the same bytes
    again are the same reading. One without either is new each time."""
    said = given.get("messageId")
    text = _text(said) if isinstance(said, str | int | float) and not isinstance(said, bool) else ""
    if len(text) > MOST_MESSAGE_ID:
        raise Fault("reading_message_id_too_long", "/messageId", most=MOST_MESSAGE_ID)
    if not text and given.get("at") is None and given.get("from") is None:
        text = f"huoshui-{uuid.uuid4()}"
    digest = hashlib.blake2b(b"id:" + text.encode() if text else b"all:" + raw, digest_size=16).hexdigest()
    return text or digest, digest


def _at(given: Given, post: Post) -> datetime:
    said = instant(given["at"], "/at") if given.get("at") is not None else None
    return _corrected(said, post)


def _corrected(said: datetime | None, post: Post) -> datetime:
    return rules.happened_at(
        said,
        sent=post.sent_at,
        received=post.received_at,
        is_live=post.is_live,
        offset_ms=post.device.offset_ms,
    )


def _times(given: Given, post: Post, at: datetime) -> dict[str, str]:
    told = {"receivedAt": post.received_at.isoformat()}
    if given.get("at") is not None:
        told["saidAt"] = _text(given["at"])[:40]
    if post.sent_at is not None:
        told["sentAt"] = post.sent_at.isoformat()
    return told


def _body(given: Given, post: Post) -> dict[str, Any]:
    metrics = _metrics(given.get("metrics"))
    member = _text(given.get("member") if given.get("member") is not None else "")
    if len(member) > MOST_MEMBER:
        raise Fault("member_too_long", "/member", most=MOST_MEMBER)
    who = _who(given.get("person"))
    notice = _notice(given) if who else ""
    body: dict[str, Any] = {"metrics": metrics, "member": member}
    return {
        "name": BODY_MEASURED,
        "metrics": metrics,
        "member": member,
        "who": who,
        "notice": notice,
        "body": body | ({"consent": notice} if notice else {}),
    }


def _notice(given: Given) -> str:
    """What a body weighs is sensitive: whoever is named has consented to it at the machine, and to what."""
    notice = given.get("consent")
    text = _text(notice) if isinstance(notice, str) else ""
    if not text or len(text) > MOST_NOTICE:
        raise Fault("consent_missing", "/consent", most=MOST_NOTICE)
    return text


def _metrics(given: Any) -> dict[str, float]:
    if not isinstance(given, dict) or not given:
        raise Fault("metrics_missing", "/metrics", known="、".join(METRICS))
    found = {}
    for name, value in given.items():
        at = f"/metrics/{_escaped(name)}"
        metric = METRICS.get(name)
        if metric is None:
            raise Fault("metric_unknown", at, metric=_text(name)[:40], known="、".join(METRICS))
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise Fault("metric_not_a_number", at, label=metric.label, value=_text(value)[:40])
        if not metric.least <= value <= metric.most:
            raise Fault(
                "metric_implausible",
                at,
                label=metric.label,
                value=value,
                least=metric.least,
                most=metric.most,
                unit=metric.unit,
            )
        found[name] = float(value)
    return found


def _escaped(name: str) -> str:
    return _text(name).replace("~", "~0").replace("/", "~1")[:60]


def _who(given: Any, *, required: bool = False) -> tuple[str, str, str] | None:
    """Raises Fault. (kind, scope, plain value)."""
    if given is None and not required:
        return None
    wrong = Fault("person_wrong", "/person", known="、".join(NAMED_BY))
    if not isinstance(given, dict):
        raise wrong
    named = {k: v for k, v in given.items() if k != "scope"}
    if len(named) != 1:
        raise wrong
    kind, value = next(iter(named.items()))
    scope = _text(given.get("scope", ""))[:100]
    if kind not in NAMED_BY or not isinstance(value, str | int) or isinstance(value, bool):
        raise wrong
    if bool(scope) != (kind in _SCOPED):
        raise wrong
    text = _text(value)[:200]
    try:
        plain = people.plain_identifier(kind, text)
    except NotAPhone:
        raise Fault("person_is_nobody", f"/person/{kind}", kind=people.KINDS[kind].label) from None
    if people.is_blocked(kind, text) or people.is_blocked(kind, plain):
        raise Fault("person_is_nobody", f"/person/{kind}", kind=people.KINDS[kind].label)
    return kind, people.scope_of(kind, plain, scope), plain


def _claim(given: Given, post: Post) -> dict[str, Any]:
    code = _code(given)
    return {
        "name": SAMPLE_CLAIMED,
        "code": code,
        "who": _who(given.get("person"), required=True),
        "body": {"code": code},
    }


def _dispense(given: Given, post: Post) -> dict[str, Any]:
    code, result = _code(given), given.get("result", "out")
    if result not in ("out", "stuck"):
        raise Fault("sample_result_unknown", "/result")
    name = SAMPLE_DISPENSED if result == "out" else SAMPLE_STUCK
    return {"name": name, "code": code, "body": {"code": code, "result": result}}


def _code(given: Given) -> str:
    code = given.get("code")
    text = _text(code).upper() if isinstance(code, str | int) else ""
    if not text or len(text) > 60:
        raise Fault("sample_code_missing", "/code")
    return text


def _visitors(given: Given, post: Post) -> dict[str, Any]:
    if post.device.org_unit_id is None:
        raise Fault("store_missing")
    start = _corrected(instant(given.get("from"), "/from"), post)
    end = _corrected(instant(given.get("to"), "/to"), post)
    if not start < end or end - start > _LONGEST:
        raise Fault("interval_wrong", "/from")
    counts = (_count(given, "in"), _count(given, "out"))
    return {
        "name": VISITORS_COUNTED,
        "occurred_at": end,
        "interval": (start, end),
        "counts": counts,
        "body": {
            "store": post.device.store_code,
            "from": start.isoformat(),
            "to": end.isoformat(),
            "in": counts[0],
            "out": counts[1],
        },
    }


def _count(given: Given, name: str) -> int:
    value = given.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_COUNT:
        raise Fault("count_wrong", f"/{name}", most=MOST_COUNT)
    return value


def _shown(given: Given, post: Post) -> dict[str, Any]:
    return _screen(given, SCREEN_SHOWN)


def _touched(given: Given, post: Post) -> dict[str, Any]:
    return _screen(given, SCREEN_TOUCHED)


def _screen(given: Given, name: str) -> dict[str, Any]:
    content = given.get("content")
    text = _text(content) if isinstance(content, str) else ""
    if not text or len(text) > MOST_CONTENT:
        raise Fault("content_missing", "/content", most=MOST_CONTENT)
    body: dict[str, Any] = {"content": text}
    seconds = given.get("seconds")
    if seconds is not None:
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= 86_400:
            raise Fault("seconds_wrong", "/seconds")
        body["seconds"] = seconds
    return {"name": name, "body": body}


_KINDS: Mapping[str, Mapping[str, Callable[[Given, Post], dict[str, Any]]]] = {
    SCALE: {"body": _body},
    DISPENSER: {CLAIM: _claim, "dispense": _dispense},
    COUNTER: {"visitors": _visitors},
    DISPLAY: {"shown": _shown, "touched": _touched},
}
TYPES = {kind: tuple(types) for kind, types in _KINDS.items()}
