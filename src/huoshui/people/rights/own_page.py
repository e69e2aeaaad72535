"""What a person sees and does for herself: to withdraw takes one tap, as to give does (PIPL art. 15)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from huoshui.core.actor import SYSTEM
from huoshui.core.errors import Refused
from huoshui.people.card.reads import card_for
from huoshui.people.consent import actions as consent
from huoshui.people.consent import reads as consents
from huoshui.people.consent import rules as allowed
from huoshui.people.consent.types import Said, Stand
from huoshui.people.identity import reads as identity
from huoshui.people.rights import actions, links, reads
from huoshui.people.rights.links import Opened
from huoshui.people.rights.types import Case

NOTICE: Final = "自助页 2026-11"
"""The version of what the page tells her before she says yes. Another wording is another version."""
ASKED: Final = ("copy", "correct", "erase")
_GIVEN_HERE = frozenset({allowed.MARKETING, allowed.PROFILING, allowed.HEAD_OFFICE, allowed.PROCESSING})
"""What a page can ask for: sensitive data and a child's need more than a tap."""
_VIA = "自助页面"


@dataclass(frozen=True)
class Row:
    """`stands` None: she has said nothing. `at`: when she said last, where that is known."""

    purpose: str
    channel: str
    stands: bool | None
    at: datetime | None
    may_give: bool


@dataclass(frozen=True)
class OwnPage:
    rows: list[Row]
    cases: list[Case]
    expires_at: datetime
    is_child: bool


def page(link: Opened) -> OwnPage:
    stands = consents.standing(link.person_id)
    said = {s.purpose for s in stands}
    is_child = consents.is_unguarded_child(link.person_id)
    return OwnPage(
        rows=[
            Row(
                purpose,
                channel,
                _stands(stands, purpose, channel),
                max(
                    (s.said_at for s in stands if (s.purpose, s.channel) == (purpose, channel)), default=None
                ),
                purpose in _GIVEN_HERE and not is_child,
            )
            for purpose, channel in _shown(link.person_id, said)
        ],
        cases=reads.cases_of(SYSTEM, link.person_id)[:10],
        expires_at=link.expires_at,
        is_child=is_child,
    )


def _stands(stands: list[Stand], purpose: str, channel: str) -> bool | None:
    if allowed.is_withdrawn(stands, purpose, channel):
        return False
    return True if allowed.is_given(stands, purpose, channel) else None


def _shown(person_id: int, said: set[str]) -> list[tuple[str, str]]:
    """Messages on every channel there is of hers; to head office where a dealer keeps her; the rest where it was ever said."""
    members = identity.members(person_id)
    channels = [c for c, kind in allowed.REACHED_BY.items() if identity.having(members, kind)]
    purposes = [allowed.PROFILING]
    if allowed.HEAD_OFFICE in said or card_for(SYSTEM, person_id).dealer_id:
        purposes.append(allowed.HEAD_OFFICE)
    purposes += [p for p in (allowed.SENSITIVE, allowed.MINOR, allowed.PROCESSING) if p in said]
    return [
        (allowed.MARKETING, ""),
        *((allowed.MARKETING, channel) for channel in channels),
        *((purpose, "") for purpose in purposes),
    ]


def say(link: Opened, purpose: str, channel: str, *, is_given: bool) -> None:
    """One tap. Raises Refused, TooManyTaps."""
    links.count_tap(link)
    row = next((r for r in page(link).rows if (r.purpose, r.channel) == (purpose, channel)), None)
    if row is None or (is_given and not row.may_give):
        raise Refused("这一项不能在这里同意，请到门店办理。")
    said = Said(purpose, channel, is_given, notice_version=NOTICE, proof=f"{_VIA}，{_handed(link)}")
    consent.say(link.person_id, [said], actor=link.herself)


def ask(link: Opened, kind: str, *, said: str = "") -> int:
    """A case of the rights desk, whose clock starts. Raises Refused, TooManyTaps."""
    links.count_tap(link)
    if kind not in ASKED:
        raise Refused("没有这一种请求。")
    if kind == "correct" and not said.strip():
        raise Refused("请写明哪里不对，应该是什么。")
    return actions.take_down(
        link.person_id, kind, said=said, via=_VIA, proof=_handed(link), actor=link.herself
    )


def _handed(link: Opened) -> str:
    """Whoever gave her the address could have opened it: it stands in every proof."""
    kind, _, number = link.made_by.partition(":")
    return f"链接由员工 {number} 给出" if kind == "staff" else "链接由系统给出"
