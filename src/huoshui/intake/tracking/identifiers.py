"""Which identifiers an event carries, by the rules of the house: (kind, scope, plain value)."""

from __future__ import annotations

from typing import Any

from huoshui.core.phone import NotAPhone
from huoshui.intake.tracking.reading import Read, text_of
from huoshui.intake.tracking.types import ALIAS, IDENTIFY, Warned, Writer
from huoshui.people import api as people

Identifier = tuple[str, str, str]

ANONYMOUS = "device_id"

# Type of an external id → kind; those of one app or account carry its name after a colon: openid:wx0123
_EXTERNAL = {
    "user_id": "",
    "email": "email",
    "phone": "phone",
    "unionid": "unionid",
    "openid": "openid",
    "external_userid": "external_userid",
    "pending_id": "pending_id",
    "member_no": "member_no",
    "card_no": "card_no",
    "anonymous_id": ANONYMOUS,
    "cross_domain_id": ANONYMOUS,
    "ga_client_id": ANONYMOUS,
    "device_id": ANONYMOUS,
    "android.id": ANONYMOUS,
    "android.idfa": ANONYMOUS,
    "android.push_token": ANONYMOUS,
    "ios.id": ANONYMOUS,
    "ios.idfa": ANONYMOUS,
    "ios.push_token": ANONYMOUS,
}
_OF_THIS_BASE = {"user_id", "anonymous_id"}

# Traits that are attributes under a name of ours; others enter once they are declared
_TRAITS = {
    "name": "name",
    "gender": "gender",
    "birthday": "birthday",
    "createdAt": "joined_at",
    "created_at": "joined_at",
    "city": "city",
    "occupation": "occupation",
    "title": "occupation",
}


def carried(read: Read, writer: Writer) -> tuple[tuple[Identifier, ...], tuple[Warned, ...]]:
    """Without those that name nobody (13800138000, null), and without what cannot be a phone."""
    told: list[tuple[str, str, str, str]] = []
    if read.user_id:
        told.append((*_user(read.user_id, writer), "/userId"))
    if read.anonymous_id:
        told.append((ANONYMOUS, writer.user_scope, read.anonymous_id, "/anonymousId"))
    if read.kind == ALIAS:
        previous = text_of(read.wire.previousId)
        if previous != read.anonymous_id:
            told.append((*_user(previous, writer), "/previousId"))
    if read.kind == IDENTIFY:
        for kind in ("phone", "email"):
            value = read.values.get(kind)
            if isinstance(value, str | int) and str(value).strip():
                told.append((kind, "", str(value), f"/traits/{kind}"))
    for place, one in enumerate(read.external_ids):
        if known := _external(one, writer):
            told.append((*known, f"/context/externalIds/{place}"))
    return _plain(told)


def _user(value: str, writer: Writer) -> Identifier:
    scope = writer.user_scope if writer.user_id_kind in ("account", "openid", "external_userid") else ""
    return writer.user_id_kind, scope, value


def _external(one: dict[str, str], writer: Writer) -> Identifier | None:
    if one["collection"] != "users" or one["encoding"] != "none":
        return None
    name, _, owner = one["type"].partition(":")
    kind = _EXTERNAL.get(name)
    if kind is None:
        return None
    if name in _OF_THIS_BASE:
        return (*_user(one["id"], writer),) if not kind else (kind, writer.user_scope, one["id"])
    return kind, owner or (name if kind == ANONYMOUS else ""), one["id"]


def _plain(told: list[tuple[str, str, str, str]]) -> tuple[tuple[Identifier, ...], tuple[Warned, ...]]:
    found: dict[Identifier, None] = {}
    warnings = []
    for kind, scope, value, pointer in told:
        if people.is_blocked(kind, value):
            continue
        try:
            plain = people.plain_identifier(kind, value)
        except NotAPhone:
            warnings.append(Warned("not_a_phone", pointer))
            continue
        if plain == value or not people.is_blocked(kind, plain):
            found[kind, people.scope_of(kind, plain, scope), plain] = None
    return tuple(found), tuple(warnings)


def traits(read: Read, declared: frozenset[str]) -> dict[str, str]:
    """Attributes of the person that an Identify tells, by our names; of others the declared ones."""
    if read.kind != IDENTIFY:
        return {}
    given = dict(read.values)
    first, last = given.get("firstName"), given.get("lastName")
    if "name" not in given and isinstance(first or last, str):
        given["name"] = " ".join(str(part) for part in (first, last) if part)
    address = given.get("address")
    if "city" not in given and isinstance(address, dict):
        given["city"] = address.get("city")
    wanted = _TRAITS | dict(zip(declared, declared, strict=True))
    return {own: text for name, own in wanted.items() if (text := _value(given.get(name)))}


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return text_of(value)[:1000] if isinstance(value, str | int | float) else ""
