"""人群包: saved segments, one of them with all that is known of it, and the form that makes one."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.core.errors import HuoshuiError, NotFound, Refused
from huoshui.core.scope import scoped
from huoshui.insight.api import segments as kinds
from huoshui.web.console import numbers
from huoshui.web.console.contexts import (
    cards,
    rooms,
    rule_tree,
    segment_form,
)
from huoshui.web.console.contexts.cards import PersonRow
from huoshui.web.console.contexts.standing import standing_day
from huoshui.web.console.markup import bold
from huoshui.web.console.retell import retell
from huoshui.web.console.sparks import Point, Spark, spark

PAGE = 50
_LATELY = 8
# where a sentence goes on with its next condition
_PARTS = re.compile(r"(，并且|，或者| (?:and|or) (?=whose |with |in the |not |drawn |\())")


def language() -> str:
    return "en" if numbers.language() == "en" else "zh"


def told(error: HuoshuiError) -> str:
    """What was refused. Where it is in a rule's text, is told; where in its JSON, would tell nobody anything."""
    if isinstance(error, rule_tree.WrongCondition):
        *groups, last = error.places
        where = "".join(_("第 {n} 条里的").format(n=n) for n in groups) + _("第 {n} 条").format(n=last)
        return f"{where}{_('：')}{told(error.error)}"
    if not isinstance(error, kinds.BadRule):
        return retell(str(error))
    sentence = retell(error.sentence)
    return (
        sentence
        if error.place.startswith("/") or not error.place
        else f"{retell(error.place)}{_('：')}{sentence}"
    )


def may_see(actor: Actor) -> bool:
    return rooms.insight.segments.may_see(actor)


@dataclass(frozen=True)
class SegmentLine:
    url: str
    people_url: str
    segment: kinds.Segment
    sentence: str


@dataclass(frozen=True)
class SegmentsContext:
    rows: list[SegmentLine]
    may_write: bool


def segments(actor: Actor) -> SegmentsContext:
    found = rooms.insight.segments.listed(actor)
    return SegmentsContext([_line(one) for one in found], rooms.insight.segments.may_write(actor))


def _line(segment: kinds.Segment) -> SegmentLine:
    return SegmentLine(
        reverse("console:segment", args=[segment.id]),
        reverse("console:segment-people", args=[segment.id]),
        segment,
        segment.sentence(language()),
    )


# ---- one ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PassageRow:
    url: str
    name: str
    at: datetime
    why: str


@dataclass(frozen=True)
class VersionRow:
    version: kinds.Version
    sentence: str
    changes: list[tuple[str, str]]
    """('+', '-' or ' ', words) against the version before."""


@dataclass(frozen=True)
class OverlapRow:
    url: str
    name: str
    people: int
    share: float


@dataclass(frozen=True)
class SegmentContext:
    line: SegmentLine
    spark: Spark | None
    days: list[kinds.Day]
    entered: list[PassageRow]
    left: list[PassageRow]
    versions: list[VersionRow]
    overlaps: list[OverlapRow]
    users: list[tuple[str, str]]
    """Whose rules ask for this one: address and name."""
    may_write: bool
    may_export: bool
    error: str
    done: str


def segment(actor: Actor, segment_id: int, *, error: str = "", done: str = "") -> SegmentContext:
    """Raises NotFound."""
    api = rooms.insight.segments
    one = api.find(actor, segment_id)
    days = api.days(actor, segment_id)
    came, went = api.lately(actor, segment_id, limit=_LATELY)
    words = {"saved": _("规则存好了，几秒之后就有人数。"), "changed": _("已保存")}
    return SegmentContext(
        line=_line(one),
        spark=spark([Point(float(d.people), None, None, False) for d in days]),
        days=days[::-1],
        entered=_passages(actor, came),
        left=_passages(actor, went),
        versions=_versions(api.versions(actor, segment_id)),
        overlaps=[
            OverlapRow(
                reverse("console:segment", args=[o.segment_id]), o.name, o.people, 100 * o.people / one.people
            )
            for o in api.overlaps(actor, segment_id)
            if one.people
        ],
        users=_users(actor, one),
        may_write=api.may_write(actor),
        may_export=api.may_export(actor),
        error=error,
        done=words.get(done, ""),
    )


def _users(actor: Actor, one: kinds.Segment) -> list[tuple[str, str]]:
    api = rooms.insight.segments
    pages = {s.name: reverse("console:segment", args=[s.id]) for s in api.listed(actor)}
    shown = [(pages.get(n, ""), n) for n in api.users_of(one.name)]
    return [
        (url, name if url else _("标签 {name}").format(name=name.partition(".")[2])) for url, name in shown
    ]


def _why(code: str) -> str:
    said = {
        "rule": _("不再符合"),
        "merged": _("和另一位合并了"),
        "consent": _("不愿被画像"),
        "changed": _("规则改了"),
        "archived": _("人群归档"),
    }
    return said.get(code, "")


def _passages(actor: Actor, found: list[kinds.Passage]) -> list[PassageRow]:
    canonical = rooms.people.canonical_ids([p.person_id for p in found])
    shown = {c.person_id: c for c in rooms.people.cards_for(actor, sorted(set(canonical.values())))}
    return [
        PassageRow(
            reverse("console:person", args=[card.person_id]), cards.name_of(card), p.at, _why(p.left_why)
        )
        for p in found
        if (card := shown.get(canonical[p.person_id]))
    ]


def _versions(found: list[kinds.Version]) -> list[VersionRow]:
    before = [*found[1:], None]
    return [VersionRow(v, v.sentence(language()), _diff(b, v)) for v, b in zip(found, before, strict=True)]


def _diff(old: kinds.Version | None, new: kinds.Version) -> list[tuple[str, str]]:
    """By the parts that and, or join, in the words of the page."""
    if old is None:
        return []
    before, now = (_PARTS.sub(r"\1\n", v.sentence(language())).splitlines() for v in (old, new))
    return [(line[0], line[2:]) for line in difflib.ndiff(before, now) if line[0] in "+- "]


# ---- the people of one --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SegmentPeople:
    """As the drawer of people shows it."""

    sentence: SafeString
    rows: list[PersonRow]
    next_url: str
    url: str
    is_first: bool
    lineage_url: str = ""


def people(actor: Actor, segment_id: int, query: Mapping[str, str]) -> SegmentPeople:
    after = query.get("after", "0")
    if not (after.isascii() and after.isdigit() and len(after) < 19):
        raise NotFound
    one = rooms.insight.segments.find(actor, segment_id)
    found = rooms.insight.segments.members(actor, segment_id, after=int(after), limit=PAGE + 1)
    place, day = reverse("console:segment-people", args=[segment_id]), standing_day()
    shown = [m.person_id for m in found[:PAGE]]
    said = _("人群“{name}”现在有 {n} 位顾客。")
    return SegmentPeople(
        sentence=format_html(said, name=one.name, n=bold(numbers.count(one.people))),
        rows=[cards.row(card, day) for card in rooms.people.cards_for(actor, shown)],
        next_url=f"{place}?{urlencode({'after': shown[-1]})}" if len(found) > PAGE else "",
        url=place,
        is_first=after == "0",
    )


# ---- the form -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Counted:
    """What the rule of the form means now. `error` says why nobody can tell."""

    preview: kinds.Preview | None
    sentence: str
    people: list[PersonRow]
    error: str


def counted(actor: Actor, said: Mapping[str, str]) -> Counted:
    """Not within a transaction: it may be called off from another request."""
    try:
        document = rule_tree.document(rule_tree.read(said))
        shown = rooms.insight.segments.preview(document, actor=actor, token=said.get("token", "")[:64])
    except NotFound:
        raise
    except Refused as error:
        return Counted(None, "", [], told(error))
    sentence = shown.sentence_en if language() == "en" else shown.sentence_zh
    with scoped(actor):
        day = standing_day()
        rows = [cards.row(card, day) for card in rooms.people.cards_for(actor, list(shown.sample))]
    return Counted(shown, sentence, rows, "")


def take_back(actor: Actor, segment_id: int, said: Mapping[str, str]) -> None:
    """An earlier version's rule holds again, as a version of its own. Raises Refused."""
    number, api = said.get("to", ""), rooms.insight.segments
    found = [v for v in api.versions(actor, segment_id) if str(v.version_no) == number]
    if not found:
        raise NotFound
    reason = _("用回第 {n} 版").format(n=number)
    seen = segment_form.version(said, api.find(actor, segment_id))
    api.save_version(segment_id, document=found[0].rule, reason=reason, was_version=seen, actor=actor)


def save(actor: Actor, segment_id: int | None, said: Mapping[str, str]) -> int:
    """Raises Refused."""
    document = rule_tree.document(rule_tree.read(said))
    api, reason = rooms.insight.segments, said.get("reason", "")[:200]
    if segment_id is None:
        return api.create(name=said.get("name", ""), document=document, reason=reason, actor=actor).segment_id
    one = api.find(actor, segment_id)
    if said.get("name", one.name).strip() not in ("", one.name):
        api.rename(segment_id, said["name"], actor=actor)
    seen = segment_form.version(said, one)
    api.save_version(segment_id, document=document, reason=reason, was_version=seen, actor=actor)
    return segment_id


def file_name(segment: kinds.Segment) -> str:
    return f"segment-{segment.id}-{clock.today():%Y%m%d}.csv"


@dataclass(frozen=True)
class PersonSegments:
    """`rows`: segments and their addresses; None for who sees none at all."""

    rows: list[tuple[str, kinds.Membership, str]] | None


def of_person(actor: Actor, person_id: int) -> PersonSegments:
    if not may_see(actor):
        rooms.people.card_for(actor, person_id)
        return PersonSegments(None)
    found = rooms.insight.segments.of_person(actor, person_id)
    return PersonSegments(
        [(reverse("console:segment", args=[m.segment_id]), m, m.sentence(language())) for m in found]
    )
