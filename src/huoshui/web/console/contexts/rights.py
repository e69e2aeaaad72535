"""同意与权利: what people allow, what they ask of us by law, and how long is left to answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.people.api import Case, ConsentEntry, Decision, SendRule
from huoshui.web.console import numbers
from huoshui.web.console.contexts import own_page, parties, retention, rooms
from huoshui.web.console.contexts import rights_words as words
from huoshui.web.console.contexts.own_page import Shown
from huoshui.web.console.contexts.retention import Retention
from huoshui.web.console.markup import bold


@dataclass(frozen=True)
class CaseRow:
    id: int
    url: str
    who: str
    kind: str
    state: str
    asked_at: datetime
    due_on: date
    clock: str
    is_late: bool


@dataclass(frozen=True)
class RuleRow:
    name: str
    purpose: str
    channel: str
    quiet_from: str
    quiet_until: str
    days: str
    most: str


@dataclass(frozen=True)
class OpenedRow:
    whose: str
    url: str
    who: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class Desk:
    sentence: SafeString
    open: list[CaseRow]
    closed: list[CaseRow]
    counts: list[tuple[str, str, int, int]]
    rules: list[RuleRow]
    opened: list[OpenedRow]
    keep: Retention
    may_handle: bool
    error: str = ""
    done: str = ""


@dataclass(frozen=True)
class CasePage:
    case: Case
    row: CaseRow
    person_url: str
    sentence: SafeString
    events: list[tuple[datetime, str, str, str]]
    attributes: list[tuple[str, str]]
    identifiers: list[tuple[int, str]]
    may_handle: bool
    is_copy: bool
    certificate: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    done: str = ""
    said: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class ConsentRow:
    purpose: str
    channel: str
    name: str
    stands: bool | None
    at: datetime | None
    told: str
    answer: str
    may: bool | None
    follows: bool


@dataclass(frozen=True)
class Consents:
    person_id: int
    rows: list[ConsentRow]
    ledger: list[tuple[datetime, str, bool, str]]
    cases: list[CaseRow]
    kinds: list[tuple[str, str]]
    own: Shown
    error: str = ""


def may_see(actor: Actor) -> bool:
    return actor.sees_whole_brand


def require(actor: Actor) -> None:
    if not may_see(actor):
        raise NotFound


def desk(actor: Actor, *, error: str = "", done: str = "") -> Desk:
    require(actor)
    still, over = (
        rooms.people.rights_reads.cases(actor),
        rooms.people.rights_reads.cases(actor, is_open=False, limit=50),
    )
    rows = _rows(actor, [*still, *over])
    late = sum(case.days_left < 0 for case in still)
    return Desk(
        sentence=_sentence(len(still), late, still[0] if still else None),
        open=rows[: len(still)],
        closed=rows[len(still) :],
        counts=[
            (str(words.PURPOSES[r.purpose]), str(words.CHANNELS[r.channel]), r.given, r.withdrawn)
            for r in rooms.people.consent_counts()
        ],
        rules=_rules(),
        opened=_opened(actor),
        keep=retention.panel(actor),
        may_handle=rooms.people.rights_reads.may_handle(actor),
        error=error,
        done=str(words.DONE.get(done, "")),
    )


def _sentence(still: int, late: int, first: Case | None) -> SafeString:
    if first is None:
        return escape(_("现在没有顾客在等答复。顾客要看、要改、要删自己的资料，在她的页面上登记。"))
    if late:
        said = _("{late} 件已经过了期限，请今天就办；一共 {still} 件在等。")
        return format_html(said, late=bold(late, "bad"), still=bold(still))
    said = _("{still} 件在等答复，最急的一件还剩 {days} 个工作日。")
    return format_html(said, still=bold(still), days=bold(first.days_left))


def _rows(actor: Actor, cases: list[Case]) -> list[CaseRow]:
    names = {
        c.person_id: parties.person_name(c)
        for c in rooms.people.cards_for(actor, [c.person_id for c in cases])
    }
    return [
        CaseRow(
            id=case.id,
            url=reverse("console:rights-case", args=[case.id]),
            who=names.get(case.person_id) or _("（已注销的顾客）"),
            kind=str(words.KINDS[case.kind]),
            state=str(words.STATES[case.state]),
            asked_at=case.asked_at,
            due_on=case.due_on,
            clock=_clock(case),
            is_late=case.is_open and case.days_left < 0,
        )
        for case in cases
    ]


def _opened(actor: Actor) -> list[OpenedRow]:
    """For who answers for the data."""
    rows = rooms.people.glass.opened() if rooms.people.rights_reads.may_handle(actor) else []
    found = rooms.people.cards_for(actor, [r.person_id for r in rows])
    names = {c.person_id: parties.person_name(c) for c in found}
    return [
        OpenedRow(
            whose=names.get(r.person_id) or _("（已注销的顾客）"),
            url=reverse("console:person", args=[r.person_id]) if r.person_id in names else "",
            who=parties.who(actor, r.actor),
            reason=r.reason,
            at=r.at,
        )
        for r in rows
    ]


def _clock(case: Case) -> str:
    if not case.is_open:
        return numbers.short_day(case.decided_at) if case.decided_at else ""
    if case.days_left < 0:
        return _("晚了 {n} 个工作日").format(n=-case.days_left)
    return _("还剩 {n} 个工作日").format(n=case.days_left) if case.days_left else _("今天到期")


def _rules() -> list[RuleRow]:
    found: dict[tuple[str, str], SendRule] = {(r.purpose, r.channel): r for r in rooms.people.HOUSE_RULES}
    found |= {(r.purpose, r.channel): r for r in rooms.people.send_rules()}
    return [
        RuleRow(
            name=f"{words.PURPOSES[r.purpose]} · {words.CHANNELS[r.channel]}",
            purpose=r.purpose,
            channel=r.channel,
            quiet_from=r.quiet_from.strftime("%H:%M") if r.quiet_from else "",
            quiet_until=r.quiet_until.strftime("%H:%M") if r.quiet_until else "",
            days=str(r.days or ""),
            most=str(r.most or ""),
        )
        for r in found.values()
    ]


def case(
    actor: Actor, case_id: int, *, error: str = "", done: str = "", said: Mapping[str, str] | None = None
) -> CasePage:
    require(actor)
    found = rooms.people.rights_reads.case(actor, case_id)
    (row,) = _rows(actor, [found])
    is_gone = not rooms.people.cards_for(actor, [found.person_id])
    attributes = (
        [] if is_gone or found.kind != "correct" else rooms.people.attributes_for(actor, found.person_id)
    )
    identifiers = (
        [] if is_gone or found.kind != "correct" else rooms.people.identifiers_for(actor, found.person_id)
    )
    return CasePage(
        case=found,
        row=row,
        person_url="" if is_gone else reverse("console:person", args=[found.person_id]),
        sentence=_case_sentence(found, row),
        events=[
            (
                e.at,
                parties.who(actor, e.actor),
                str(words.EVENTS.get(e.what, e.what)),
                e.detail if e.what != "asked" else "",
            )
            for e in rooms.people.rights_reads.events(actor, case_id)
        ],
        attributes=[(a.name, a.label) for a in attributes],
        identifiers=[(i.id, f"{_(i.label)} {i.masked}") for i in identifiers if not i.is_guarded],
        may_handle=rooms.people.rights_reads.may_handle(actor),
        is_copy=found.kind in words.ASKED_IN,
        certificate=found.outcome if found.kind == "erase" and found.state == "done" else {},
        error=error,
        done=str(words.DONE.get(done, "")),
        said=said or {},
    )


def _case_sentence(found: Case, row: CaseRow) -> SafeString:
    if found.state == "refused":
        return format_html(_("没有办：{reason}。请确认已经把原因告诉顾客。"), reason=bold(found.reason))
    if found.state == "done":
        return format_html(_("{day} 办好了。"), day=bold(numbers.short_day(found.decided_at)))
    if found.state == "doing":
        return escape(_("正在删除，几分钟内完成。可以先去做别的。"))
    said = _("{who} 要{kind}，{clock}，最晚 {day} 答复。")
    day = bold(numbers.short_day(found.due_on))
    return format_html(
        said, who=bold(row.who), kind=row.kind, clock=bold(row.clock, "bad" if row.is_late else ""), day=day
    )


def consents(actor: Actor, person_id: int, *, error: str = "") -> Consents:
    """The panel on a person's page: what stands, whether we may send now, and one step to give or withdraw."""
    person = rooms.people.card_for(actor, person_id).person_id
    entries = rooms.people.consents_for(actor, person)
    stands = rooms.people.standing_for(actor, person)
    may = rooms.people.sendable_for(actor, person, purpose="marketing", at=clock.now())
    latest = {(e.purpose, e.channel): e for e in reversed(entries)}
    shown = [
        ("marketing", channel)
        for channel in words.CHANNELS
        if not channel or may[channel].code != "no_contact"
    ]
    shown += [(purpose, "") for purpose in words.PURPOSES if purpose not in ("marketing", "service")]
    return Consents(
        person_id=person,
        rows=[
            _consent(p, c, stands.get((p, c)), latest.get((p, c)), may.get(c) if p == "marketing" else None)
            for p, c in shown
        ],
        ledger=[(e.said_at, _named(e.purpose, e.channel), e.is_given, e.source) for e in entries[:20]],
        cases=_rows(actor, rooms.people.rights_reads.cases_of(actor, person)),
        kinds=[(kind, str(label)) for kind, label in words.KINDS.items()],
        own=own_page.shown(actor, person),
        error=error,
    )


def _named(purpose: str, channel: str) -> str:
    return (
        f"{words.PURPOSES[purpose]} · {words.CHANNELS[channel]}" if channel else str(words.PURPOSES[purpose])
    )


def _consent(
    purpose: str, channel: str, stands: bool | None, entry: ConsentEntry | None, answer: Decision | None
) -> ConsentRow:
    return ConsentRow(
        purpose=purpose,
        channel=channel,
        name=_named(purpose, channel),
        stands=stands,
        at=entry.said_at if entry and entry.is_dated else None,
        told=" · ".join(t for t in (entry.source, entry.notice_version, entry.place) if t) if entry else "",
        answer=str(words.ANSWERS[answer.code]).format(detail=_detail(answer)) if answer else "",
        may=answer.may if answer else None,
        follows=bool(channel) and answer is not None and answer.code not in ("never", "no_contact"),
    )


def _detail(answer: Decision) -> str:
    if answer.until is None:
        return ""
    return answer.until.astimezone(clock.brand_zone()).strftime("%m-%d %H:%M")
