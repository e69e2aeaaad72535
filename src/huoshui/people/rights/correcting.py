"""A wrong number of hers is put right or taken away: the right to correction (PIPL art. 46), of what people are known by.

The old value names nobody from then on, and nobody is called on it; whom it alone had joined part by the river's own steps, as
with any value that turns out to be several people's (`identity.sharing`). It can be taken back in the same way.
"""

from __future__ import annotations

import uuid

import pyarrow as pa

from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.core.audit import record as audit
from huoshui.core.crypto import digest, lookup_key, seal
from huoshui.core.errors import NotFound, Refused
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import IDENTIFY, Batch
from huoshui.people.card.actions import rewrite as rewrite_cards
from huoshui.people.card.reads import card_for
from huoshui.people.identity import erasing as identity_words
from huoshui.people.identity import live
from huoshui.people.identity import reads as identity
from huoshui.people.identity.lines import scope_of
from huoshui.people.identity.recognising import find
from huoshui.people.identity.rules import KINDS, plain
from huoshui.people.identity.sharing import say_shared
from huoshui.people.identity.types import Identifier
from huoshui.people.rights import reads

REPLACEABLE = ("phone", "email", "card_no", "member_no")
"""Numbers that people tell; what a platform gives is only taken away."""
_SOURCE = ("corrections", "本人要求更正")
_LONGEST = 100
_WHY = 300


def correctable(actor: Actor, person_id: int) -> list[Identifier]:
    """Masked; what many share already is hers no more than theirs. Empty for who may not handle such requests."""
    person = card_for(actor, person_id).person_id
    if not reads.may_handle(actor):
        return []
    return [
        i for i in identity.identifiers(person, may_reveal=False) if not i.is_guarded and i.ends_at is None
    ]


def correct_contact(actor: Actor, person_id: int, *, identifier_id: int, value: str, reason: str) -> str:
    """Put another value in the place of one of hers, or with '' take it away. Returns what kind it was, in words.

    In the caller's transaction; within a minute the river knows her by the new one, and has parted whom the old one had joined.
    Raises NotFound, MayNot, Refused."""
    reads.require(actor)
    if not reason.strip() or len(reason) > _WHY:
        raise Refused("请写明为什么要改，三百字以内，以后有人问起时要用。")
    person = card_for(actor, person_id).person_id
    wrong = next((i for i in correctable(actor, person) if i.id == identifier_id), None)
    if wrong is None:
        raise NotFound
    key = _checked(wrong.kind, value) if value.strip() else ""
    say_shared(person, identifier_id=identifier_id, reason=f"不是本人的：{reason.strip()}", actor=actor)
    left = identity_words.known_by([person]) or identity_words.known_by(identity.members(person))
    if not left:
        raise Refused("她只有这一个账号，改了就认不出她以前的订单。请先给她登记会员卡或别的账号，再来改。")
    if key:
        _tell(wrong.kind, key, min(left, key=lambda k: list(KINDS).index(k.kind)), actor)
    audit(
        actor,
        "identifier.corrected" if key else "identifier.removed",
        "person",
        person,
        identifier_id=identifier_id,
        kind=wrong.kind,
        reason=reason.strip(),
    )
    rewrite_cards([person])
    facts.wake_readers()
    return KINDS[wrong.kind].label


def _checked(kind: str, value: str) -> str:
    """The value as it is kept. Never one that is somebody else's: that would make the two one."""
    if kind not in REPLACEABLE:
        raise Refused("这种账号是平台给的，只能去掉，不能改成别的。")
    key = plain(kind, value.strip())
    if len(key) > _LONGEST or (kind == "email" and "@" not in key):
        raise Refused("新号码写得不对，请核对后再填。")
    if live.is_blocked(kind, key):
        raise Refused("这个号码在识别规则里不用来认人，请核对后再填。")
    lasting = digest(key) if KINDS[kind].is_contact else key
    if identity_words.is_erased([(kind, "", lasting)]):
        raise Refused("这个号码属于已经注销的顾客，要她本人同意回来才能再登记。")
    if find(kind, key) is not None:
        raise Refused("这个号码已经登记在顾客名下。如果是同一个人，请先合并；如果不是，请核对号码。")
    return key


def _tell(kind: str, key: str, beside: identity_words.Known, actor: Actor) -> None:
    """By the door that all facts take: she is known by the new one since it was told beside one that stays hers."""
    is_contact = KINDS[kind].is_contact
    name, label = _SOURCE
    told = f"corrected:{uuid.uuid4()}"
    rows = pa.table(
        {
            "ref": pa.array([0, 0], pa.int64()),
            "kind": [kind, beside.kind],
            "scope": [scope_of(kind, key), beside.scope],
            "key": [lookup_key(key) if is_contact else key, beside.key],
            "sealed": pa.array(["\\x" + seal(key).hex() if is_contact else None, None], pa.string()),
            "tail4": pa.array([key[-4:] if is_contact else None, None], pa.string()),
        }
    )
    fact = pa.table(
        {
            "ref": pa.array([0], pa.int64()),
            "name": [IDENTIFY],
            "client_key": [told],
            "content_hash": [digest(told)],
            "occurred_at": pa.array([clock.now()], pa.timestamp("us", tz="UTC")),
        }
    )
    source = facts.ensure_source(name=name, label=label, mode="live")
    facts.receive(Batch(facts=fact, identifiers=rows), source=source, actor=actor)
