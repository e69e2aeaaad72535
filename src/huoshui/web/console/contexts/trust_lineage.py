"""从哪里来: the facts a number is the sum of, and the source, file or key that told each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.errors import NotFound
from huoshui.intake.imports.api import RunView
from huoshui.intake.trust.api import Asked, LineageRow, Origin
from huoshui.web.console import numbers, words
from huoshui.web.console.contexts import import_quarantine, rooms
from huoshui.web.console.markup import bold

LONGEST = timedelta(days=400)
_OWN = ("from", "to", "store", "product", "source", "run", "unknown")


@dataclass(frozen=True)
class OriginRow:
    source: str
    by: str
    by_url: str
    who: str
    at: datetime | None
    effects: int
    taken_back: int
    amount: int
    url: str


@dataclass(frozen=True)
class EffectRow:
    url: str
    what: str
    order_key: str
    is_taken_back: bool
    amount: int
    store: str
    source: str
    by: str
    occurred_at: datetime
    received_at: datetime


@dataclass(frozen=True)
class LineageContext:
    sentence: SafeString
    amount: int
    effects: int
    origins: list[OriginRow]
    rows: list[EffectRow]
    next_url: str
    first: date
    last: date
    store: str
    product: str
    is_unknown: bool
    here: str
    back_url: str


@dataclass(frozen=True)
class FileRowShown:
    file: str
    row_no: int


@dataclass(frozen=True)
class OriginContext:
    title: str
    sentence: SafeString
    what: str
    order_key: str
    client_key: str
    amount: int | None
    store: str
    source: str
    by: str
    by_url: str
    who: str
    provenance: str
    state: str
    occurred_at: datetime
    received_at: datetime
    settled_at: datetime | None
    rows: list[FileRowShown]
    replaces: list[str]
    chain_url: str


def lineage(actor: Actor, query: Mapping[str, str]) -> LineageContext:
    """Raises NotFound for whoever may not see it and for an address that means nothing."""
    asked = _asked(actor, query)
    found = rooms.trust.lineage(actor, asked, after=query.get("after", ""))
    runs = rooms.trust.runs_of(actor)
    labels = rooms.trust.source_labels()
    stores = rooms.brand.unit_names(sorted({r.org_unit_id for r in found.rows} - {0}))
    kept = {name: query[name] for name in _OWN if query.get(name)}
    here = reverse("console:trust-lineage")
    return LineageContext(
        sentence=_sentence(asked, query, found.amount, found.effects),
        amount=found.amount,
        effects=found.effects,
        origins=[_origin(one, labels, runs, kept) for one in found.origins],
        rows=[_effect(row, labels, stores, runs) for row in found.rows],
        next_url=f"{here}?{urlencode({**kept, 'after': found.after})}" if found.after else "",
        first=asked.first,
        last=asked.last,
        store=query.get("store", ""),
        product=query.get("product", ""),
        is_unknown=asked.is_unknown,
        here=here,
        back_url=f"{here}?{urlencode({k: v for k, v in kept.items() if k not in ('run', 'source')})}"
        if asked.run_id or asked.source_id
        else "",
    )


def _asked(actor: Actor, query: Mapping[str, str]) -> Asked:
    first = _day(query.get("from", ""), rooms.trust.newest_day())
    last = _day(query.get("to", ""), first)
    if last < first or last - first > LONGEST:
        raise NotFound
    store, product = query.get("store", ""), query.get("product", "")
    return Asked(
        first=first,
        last=last,
        unit_ids=None if not store else (0,) if store == "-" else (rooms.trust.unit_of(store),),
        sku_ids=(rooms.trust.sku_of(product),) if product else None,
        source_id=_number(query.get("source", "")),
        run_id=_number(query.get("run", "")),
        is_unknown=query.get("unknown", "") == "1",
    )


def _day(text: str, default: date) -> date:
    if not text:
        return default
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise NotFound from None
    if not date(1970, 1, 1) < found < date(9000, 1, 1):
        raise NotFound
    return found


def _number(text: str) -> int:
    if not text:
        return 0
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise NotFound
    return int(text)


def _sentence(asked: Asked, query: Mapping[str, str], amount: int, effects: int) -> SafeString:
    first, last = numbers.day(asked.first), numbers.day(asked.last)
    when = first if asked.first == asked.last else _("{first}到{last}").format(first=first, last=last)
    where = [
        _("没有写门店的") if query.get("store") == "-" else query.get("store", ""),
        query.get("product", ""),
        _("不知道是谁买的") if asked.is_unknown else "",
    ]
    what = _("、").join(part for part in where if part)
    if not effects:
        return format_html(_("{when}没有成交，或者还没有收到。"), when=when)
    parts = {"when": when, "amount": bold(numbers.exact(amount)), "n": bold(numbers.count(effects))}
    if what:
        return format_html(
            _("{when}（{what}）的 {amount}，是下面 {n} 笔加起来的，一分不差。"), what=what, **parts
        )
    return format_html(_("{when}的 {amount}，是下面 {n} 笔加起来的，一分不差。"), **parts)


def _origin(
    one: Origin, labels: Mapping[int, str], runs: Mapping[int, RunView], kept: Mapping[str, str]
) -> OriginRow:
    run = runs.get(one.run_id or 0)
    narrowed = {**kept, "source": str(one.source_id)}
    if one.run_id:
        narrowed["run"] = str(one.run_id)
    return OriginRow(
        source=labels.get(one.source_id, ""),
        by=by(one.run_id, one.actor, run),
        by_url=reverse("console:import", args=[one.run_id]) if run else "",
        who=run.actor_name if run else "",
        at=run.created_at if run else None,
        effects=one.effects,
        taken_back=one.taken_back,
        amount=one.amount,
        url=f"{reverse('console:trust-lineage')}?{urlencode(narrowed)}",
    )


def by(run_id: int | None, actor: str, run: RunView | None) -> str:
    """The file, or what else told it."""
    if run_id:
        return _("、").join(run.files) if run and run.files else _("第 {n} 次导入").format(n=run_id)
    kind = actor.partition(":")[0]
    return {
        "source": _("系统接口"),
        "staff": _("在活水里操作"),
    }.get(kind, _("活水自己"))


def _effect(
    row: LineageRow, labels: Mapping[int, str], stores: Mapping[int, str], runs: Mapping[int, RunView]
) -> EffectRow:
    is_taken_back = row.fact_id != row.of_fact_id
    return EffectRow(
        url=reverse("console:trust-origin", args=[row.fact_id]),
        what=str(words.FACTS.get(row.name, row.name)),
        order_key=row.order_key,
        is_taken_back=is_taken_back,
        amount=row.amount,
        store=stores.get(row.org_unit_id, ""),
        source=labels.get(row.source_id, ""),
        by=by(row.run_id, row.actor, runs.get(row.run_id or 0)),
        occurred_at=row.occurred_at,
        received_at=row.received_at,
    )


def origin(actor: Actor, fact_id: int) -> OriginContext:
    """One fact back to its source, file and rows. Raises NotFound."""
    found = rooms.trust.origin_of(actor, fact_id)
    run = rooms.trust.runs_of(actor).get(found.run_id or 0)
    rows = rooms.trust.rows_in_file(actor, found)
    labels = rooms.trust.source_labels()
    stores = rooms.brand.unit_names([found.org_unit_id]) if found.org_unit_id else {}
    told = by(found.run_id, found.actor, run)
    what = str(words.FACTS.get(found.name, found.name))
    return OriginContext(
        title=f"{what} {found.order_key}",
        sentence=_told_by(labels.get(found.source_id, ""), told, [r.row_no for r in rows], run),
        what=what,
        order_key=found.order_key,
        client_key=found.client_key,
        amount=found.amount if found.is_order else None,
        store=stores.get(found.org_unit_id, ""),
        source=labels.get(found.source_id, ""),
        by=told,
        by_url=reverse("console:import", args=[found.run_id]) if run else "",
        who=run.actor_name if run else "",
        provenance=_provenance(run),
        state=str(words.FACT_STATES.get(found.state, found.state)),
        occurred_at=found.occurred_at,
        received_at=found.received_at,
        settled_at=found.settled_at,
        rows=[FileRowShown(row.file, row.row_no) for row in rows],
        replaces=[reverse("console:trust-origin", args=[one]) for one in found.replaces],
        chain_url=reverse("console:sale", args=[fact_id])
        if found.is_order and found.state == "settled" and actor.sees_whole_brand
        else "",
    )


def _provenance(run: RunView | None) -> str:
    """Of what was bought or comes from a partner. Whoever may follow a number to its file may know whose it was."""
    found = rooms.imports.quarantine_of(SYSTEM, run.id) if run and run.quarantine else None
    return import_quarantine.provenance(found) if found else ""


def _told_by(source: str, told: str, rows: list[int], run: RunView | None) -> SafeString:
    if rows:
        places = _("、").join(str(row) for row in rows[:12]) + ("…" if len(rows) > 12 else "")
        return format_html(
            _("这一笔是{source}说的，在{file}的第 {rows} 行。"),
            source=bold(source),
            file=bold(told),
            rows=bold(places),
        )
    return format_html(_("这一笔是{source}说的，来自{by}。"), source=bold(source), by=bold(told))
