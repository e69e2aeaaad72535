"""异常数据: what could not be had, what it was raised about, and what was done about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.db import transaction
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huoshui.core import clock, unmet
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.core.facts.desk import Case, Kind
from huoshui.core.scope import scoped
from huoshui.web.console import numbers, words
from huoshui.web.console.contexts import parties, rooms
from huoshui.web.console.markup import bold
from huoshui.web.console.retell import retell

PAGE = 50
UNSETTLED = frozenset({"waiting", "received"})


@dataclass(frozen=True)
class KindRow:
    code: str
    title: str
    says: str
    cases: int
    since: datetime
    url: str
    is_chosen: bool


@dataclass(frozen=True)
class CaseRow:
    id: int
    url: str
    title: str
    says: str
    what: str
    amount: int | None
    person: str
    person_url: str
    store: str
    source: str
    raised_at: datetime
    ago: str
    state: str
    may_retry: bool
    chain_url: str


@dataclass(frozen=True)
class Exceptions:
    sentence: SafeString
    kinds: list[KindRow]
    code: str
    title: str
    rows: list[CaseRow]
    next_url: str
    total: int
    done: CaseRow | None


@dataclass(frozen=True)
class Step:
    at: datetime
    who: str
    what: str
    said: str
    url: str = ""
    """Of the fact that dealt with it."""


@dataclass(frozen=True)
class CaseContext:
    row: CaseRow
    code: str
    is_open: bool
    occurred_at: datetime
    parent_key: str
    line_no: int | None
    fact_state: str
    steps: list[Step]
    may_act: bool
    error: str
    reason: str


def exceptions(actor: Actor, query: Mapping[str, str]) -> Exceptions:
    kinds = rooms.desk.kinds(actor)
    code = query.get("code", "")
    if code not in {kind.code for kind in kinds}:
        code = ""
    found = rooms.desk.cases(actor, code=code, before=_number(query, "before"), limit=PAGE + 1)
    shown = found[:PAGE]
    more = {"before": str(shown[-1].id), **({"code": code} if code else {})} if len(found) > PAGE else {}
    base = reverse("console:exceptions")
    return Exceptions(
        sentence=_sentence(kinds),
        kinds=[_kind_row(kind, code) for kind in kinds],
        code=code,
        title=title_of(code) if code else "",
        rows=_rows(actor, shown),
        next_url=f"{base}?{urlencode(more)}" if more else "",
        total=sum(kind.cases for kind in kinds),
        done=_done(actor, _number(query, "done")),
    )


def _number(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name, "")
    if not text:
        return None
    if not text.isdecimal() or len(text) > 18:
        raise NotFound
    return int(text)


def _done(actor: Actor, exception_id: int | None) -> CaseRow | None:
    """The one that has just been dealt with, so that the list says so; nothing for one that has not."""
    if exception_id is None:
        return None
    that = rooms.desk.case(actor, exception_id)
    return _rows(actor, [that])[0] if that.state == "mended" else None


def _sentence(kinds: Sequence[Kind]) -> SafeString:
    total = sum(kind.cases for kind in kinds)
    if not total:
        return format_html("{}", _("没有要人看的数据：收到的都照规则入账了。"))
    first = min(kinds, key=lambda kind: kind.since)
    return format_html(
        _("有 {n} 件要人看一眼，最多的是{most}；最早的一件从 {day} 等到现在。"),
        n=bold(numbers.count(total), "bad"),
        most=bold(title_of(kinds[0].code)),
        day=numbers.day(first.since),
    )


def title_of(code: str) -> str:
    known = words.EXCEPTIONS.get(code)
    if known:
        return str(known[0])
    begins = code.partition("_")[0]
    families = words.EXCEPTION_FAMILIES
    return str(families.get(begins) or families.get(begins.removesuffix("s")) or words.ANY_EXCEPTION)


def says_of(code: str, detail: Mapping[str, object]) -> str:
    """In the desk's own words where it has them, since a report was kept and not refused; else in its room's."""
    known = words.EXCEPTIONS.get(code)
    if known:
        return str(known[1])
    if code in unmet.codes():
        return retell(unmet.sentence(code, detail))
    return _("编号 {code}，请把它报给管理员").format(code=code)


def _kind_row(kind: Kind, chosen: str) -> KindRow:
    return KindRow(
        code=kind.code,
        title=title_of(kind.code),
        says=says_of(kind.code, {}) if kind.code in words.EXCEPTIONS else "",
        cases=kind.cases,
        since=kind.since,
        url=f"{reverse('console:exceptions')}?{urlencode({'code': kind.code})}",
        is_chosen=kind.code == chosen,
    )


def _rows(actor: Actor, cases: Sequence[Case]) -> list[CaseRow]:
    """Customers and stores by name: one look-up each, however many rows."""
    born = sorted({c.person_id for c in cases if c.person_id is not None})
    canonical = rooms.people.canonical_ids(born)
    known = {c.person_id: c for c in rooms.people.cards_for(actor, sorted(set(canonical.values())))}
    stores = rooms.brand.unit_names(sorted({c.org_unit_id for c in cases if c.org_unit_id is not None}))
    out = []
    for c in cases:
        person = known.get(canonical.get(c.person_id or 0, 0))
        is_order = c.name in words.ORDERS
        out.append(
            CaseRow(
                id=c.id,
                url=reverse("console:exception", args=[c.id]),
                title=title_of(c.code),
                says=says_of(c.code, c.detail),
                what=_what(c),
                amount=c.amount,
                person=parties.person_name(person) if person else "",
                person_url=reverse("console:person", args=[person.person_id]) if person else "",
                store=stores.get(c.org_unit_id or 0, ""),
                source=c.source,
                raised_at=c.raised_at,
                ago=numbers.ago(clock.now() - c.raised_at),
                state=str(words.FACT_STATES.get(c.fact_state, c.fact_state)),
                may_retry=c.fact_state in UNSETTLED,
                chain_url=reverse("console:sale", args=[c.fact_id])
                if is_order and c.fact_state == "settled"
                else "",
            )
        )
    return out


def _what(c: Case) -> str:
    name = str(words.FACTS.get(c.name, _("记录")))
    return f"{name} {c.order_key}" if c.order_key else name


def case(actor: Actor, exception_id: int, *, error: str = "", reason: str = "") -> CaseContext:
    """Raises NotFound for one that is absent and for whoever may not see the desk."""
    that = rooms.desk.case(actor, exception_id)
    return CaseContext(
        row=_rows(actor, [that])[0],
        code=that.code,
        is_open=that.state == "open",
        occurred_at=that.occurred_at,
        parent_key=that.parent_key or "",
        line_no=that.line_no,
        fact_state=str(words.FACT_STATES.get(that.fact_state, that.fact_state)),
        steps=[
            Step(
                s.at,
                _("系统") if s.by_fact_id else s.who,
                str(words.TRAIL.get(s.action, s.action)),
                str(words.FACT_STATES.get(s.said, s.said)),
                url=reverse("console:sale", args=[s.by_fact_id]) if s.by_fact_id else "",
            )
            for s in rooms.desk.trail(actor, exception_id)
        ],
        may_act=rooms.desk.may_act(actor),
        error=error,
        reason=reason,
    )


def retry(actor: Actor, exception_id: int) -> bool:
    """Settle its fact once more; True when that has dealt with it.

    Settling commits by itself, so this runs in steps: look, settle, and say what came of it.
    """
    with scoped(actor):
        if not rooms.desk.may_act(actor):
            raise NotFound
        that = rooms.desk.case(actor, exception_id)
    if that.fact_state not in UNSETTLED:
        raise Refused(_("这条记录已经入账，不用重新处理；看清楚以后标记已处理就行。"))
    rooms.river.settle([that.fact_id], actor=actor)
    with transaction.atomic():
        return bool(rooms.desk.retried(exception_id, actor=actor))
