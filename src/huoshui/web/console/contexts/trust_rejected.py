"""没有收下的: what every door set aside, why and where; rows and events mended in their place and told again."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huoshui.core import clock, unmet
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.intake.trust.api import BadRow, Cause, Swap, Told
from huoshui.web.console import numbers
from huoshui.web.console import words as console_words
from huoshui.web.console.contexts import device_words, exceptions, rooms, tracking_words
from huoshui.web.console.contexts import trust_words as words
from huoshui.web.console.markup import bold
from huoshui.web.console.retell import retell

PAGE = 50
SWAPS = 12
CELL, SWAP = "cell.", "swap."
MOST_TOLD = 200


@dataclass(frozen=True)
class CauseRow:
    url: str
    title: str
    says: str
    door: str
    where: str
    items: int
    ago: str
    settle_url: str


@dataclass(frozen=True)
class RejectedContext:
    sentence: SafeString
    rows: list[CauseRow]
    may_act: bool
    done: str


@dataclass(frozen=True)
class FaultShown:
    """`field`: the name its input has; '' where only the whole file can be mended."""

    column: str
    value: str
    reason: str
    remedy: str
    field: str


@dataclass(frozen=True)
class RowShown:
    row_no: int
    file: str
    cells: list[tuple[str, str]]
    faults: list[FaultShown]
    is_held: bool
    done_url: str


@dataclass(frozen=True)
class SwapShown:
    field: str
    column: str
    value: str
    rows: int
    remedy: str


@dataclass(frozen=True)
class MendContext:
    title: str
    sentence: SafeString
    url: str
    run_url: str
    file_url: str
    swaps: list[SwapShown]
    rows: list[RowShown]
    next_url: str
    said: Mapping[str, str]
    error: str
    is_open: bool


@dataclass(frozen=True)
class EventShown:
    url: str
    what: str
    why: str
    pointer: str
    times: int
    ago: str


@dataclass(frozen=True)
class EventsContext:
    title: str
    sentence: SafeString
    url: str
    rows: list[EventShown]
    pointers: list[str]
    may_act: bool
    said: Mapping[str, str]
    done: str
    error: str
    more_url: str
    most: int


def rejected(actor: Actor, *, done: str = "") -> RejectedContext:
    """Raises NotFound for whoever has no part in the brand's data."""
    causes = rooms.trust.causes(actor)
    return RejectedContext(
        sentence=_sentence(causes),
        rows=[_cause(one, may_settle=rooms.desk.may_act(actor)) for one in causes],
        may_act=rooms.trust.may_act(actor),
        done=done,
    )


def _sentence(causes: Sequence[Cause]) -> SafeString:
    total = sum(c.items for c in causes)
    if not total:
        return format_html("{}", _("没有收不下的：到了的都收下了。"))
    return format_html(
        _("{n} 条没有收下，都原样留着；最多的是“{most}”。同一个原因可以一起改。"),
        n=bold(numbers.count(total), "bad"),
        most=_title(causes[0]),
    )


def _title(one: Cause) -> str:
    if one.door == "event":
        return str(tracking_words.ASIDE.get(one.code, one.code))
    if one.door == "device":
        return str(device_words.ASIDE.get(one.code, one.code))
    if one.door == "exception":
        return exceptions.title_of(one.code)
    return f"{one.column}：{retell(one.reason)}" if one.column else retell(one.reason)


def _place(one: Cause) -> str:
    if one.door == "file":
        return reverse("console:trust-mend", args=[one.object_id])
    if one.door == "event":
        return reverse("console:trust-events", args=[one.object_id, one.code])
    if one.door == "device":
        return f"{reverse('console:device', args=[one.object_id])}#aside"
    return f"{reverse('console:exceptions')}?{urlencode({'code': one.code})}"


def _remedy(one: Cause) -> str:
    if one.door == "exception":
        return exceptions.says_of(one.code, {}) if one.code in console_words.EXCEPTIONS else ""
    return retell(one.remedy)


def _cause(one: Cause, *, may_settle: bool) -> CauseRow:
    return CauseRow(
        url=_place(one),
        title=_title(one),
        says=_remedy(one),
        door=str(words.DOORS[one.door]),
        where=one.label,
        items=one.items,
        ago=numbers.ago(clock.now() - one.since) if one.since else "",
        settle_url=reverse("console:trust-settle", args=[one.code])
        if one.door == "exception" and may_settle
        else "",
    )


def mend(
    actor: Actor,
    run_id: int,
    query: Mapping[str, str],
    *,
    said: Mapping[str, str] | None = None,
    error: str = "",
) -> MendContext:
    """Raises NotFound; Refused where there are too many rows for a page."""
    rows = rooms.trust.bad_rows(actor, run_id)
    waiting = [row for row in rows if row.new_run_id is None]
    start = _start(query.get("after", ""))
    shown = waiting[start : start + PAGE]
    run = rooms.imports.run_for(actor, run_id)
    url = reverse("console:trust-mend", args=[run_id])
    return MendContext(
        title=_("、").join(run.files),
        sentence=_rows_sentence(rows, waiting),
        url=url,
        run_url=reverse("console:import", args=[run_id]),
        file_url=reverse("console:import-problems", args=[run_id]),
        swaps=_swaps(waiting),
        rows=[_row(row) for row in shown],
        next_url=f"{url}?after={start + PAGE}" if start + PAGE < len(waiting) else "",
        said=said or {},
        error=error,
        is_open=bool(waiting),
    )


def _start(text: str) -> int:
    if text and (not text.isascii() or not text.isdecimal() or len(text) > 6):
        raise NotFound
    return int(text or 0)


def _rows_sentence(rows: Sequence[BadRow], waiting: Sequence[BadRow]) -> SafeString:
    done = len(rows) - len(waiting)
    if not waiting:
        return format_html(_("这份文件没有收下的 {n} 行都改好重新导入了。"), n=bold(numbers.count(done)))
    text = _("{n} 行没有收下：把标出来的格子改对，一起重新导入。")
    if done:
        text = _("{n} 行没有收下，{done} 行已经改好重新导入了：把标出来的格子改对，一起重新导入。")
    return format_html(text, n=bold(numbers.count(len(waiting)), "bad"), done=numbers.count(done))


def _swaps(rows: Sequence[BadRow]) -> list[SwapShown]:
    """Wrong values that stand in several rows: one answer mends them all."""
    counted = Counter(
        (fault.column, fault.value, fault.remedy)
        for row in rows
        for fault in row.faults
        if fault.column in row.cells and row.cells[fault.column] == fault.value
    )
    return [
        SwapShown(_swap_name(column, value), column, value, n, retell(remedy))
        for (column, value, remedy), n in counted.most_common(SWAPS)
        if n > 1
    ]


def _swap_name(column: str, value: str) -> str:
    return SWAP + json.dumps([column, value], ensure_ascii=False)


def _row(row: BadRow) -> RowShown:
    wrong = {fault.column for fault in row.faults}
    return RowShown(
        row_no=row.row_no,
        file=row.file,
        cells=[(name, value) for name, value in row.cells.items() if value and name not in wrong][:4],
        faults=[
            FaultShown(
                fault.column,
                row.cells.get(fault.column, fault.value),
                retell(fault.reason),
                retell(fault.remedy),
                f"{CELL}{row.file_no}.{row.row_no}.{fault.column}" if fault.column in row.cells else "",
            )
            for fault in row.faults
        ],
        is_held=row.is_held,
        done_url="",
    )


def read_edits(said: Mapping[str, str]) -> tuple[dict[tuple[int, int], dict[str, str]], list[Swap]]:
    """What the form says. Inputs that say what was there before change nothing. Raises NotFound for names that are none."""
    edits: dict[tuple[int, int], dict[str, str]] = {}
    swaps = []
    for name, value in said.items():
        if name.startswith(CELL):
            try:
                file_no, row_no, column = name.removeprefix(CELL).split(".", 2)
                edits.setdefault((int(file_no), int(row_no)), {})[column] = value
            except ValueError:
                raise NotFound from None
        elif name.startswith(SWAP) and value:
            swaps.append(_swap(name.removeprefix(SWAP), value))
    return edits, swaps


def _swap(text: str, value: str) -> Swap:
    try:
        column, was = json.loads(text)
    except ValueError:
        raise NotFound from None
    return Swap(str(column), str(was), value)


def changed(
    actor: Actor, run_id: int, edits: Mapping[tuple[int, int], Mapping[str, str]]
) -> dict[tuple[int, int], dict[str, str]]:
    """Of the inputs of a page those that say something new: an untouched one must not undo what one answer mends for all."""
    cells = {(row.file_no, row.row_no): row.cells for row in rooms.trust.bad_rows(actor, run_id)}
    return {
        place: new
        for place, said in edits.items()
        if (new := {c: v for c, v in said.items() if cells.get(place, {}).get(c, v) != v})
    }


def events(
    actor: Actor,
    source_id: int,
    code: str,
    *,
    said: Mapping[str, str] | None = None,
    done: str = "",
    error: str = "",
) -> EventsContext:
    """Raises NotFound for a cause that is none."""
    causes = [
        c
        for c in rooms.trust.causes(actor)
        if c.door == "event" and (c.object_id, c.code) == (source_id, code)
    ]
    if not causes and not done:
        raise NotFound
    found = rooms.tracking.set_aside(source_id=source_id, code=code, limit=PAGE)
    here = reverse("console:trust-events", args=[source_id, code])
    return EventsContext(
        title=str(tracking_words.ASIDE.get(code, code)),
        sentence=format_html(
            _("{n} 条因为“{why}”没有收下；可以一起改，也可以一条一条看。"),
            n=bold(numbers.count(sum(c.items for c in causes)), "bad" if causes else ""),
            why=str(tracking_words.ASIDE.get(code, code)),
        ),
        url=here,
        rows=[
            EventShown(
                url=reverse("console:aside", args=[one.id]),
                what=one.name or one.kind or _("看不出"),
                why=retell(unmet.sentence(one.code, one.detail)),
                pointer=one.pointer,
                times=one.times,
                ago=numbers.ago(clock.now() - one.received_at),
            )
            for one in found
        ],
        pointers=sorted({one.pointer for one in found} - {""}),
        may_act=rooms.trust.may_act(actor),
        said={"as": _likely(found[0].detail)} | dict(said or {}) if found else {},
        done=done,
        error=error,
        more_url=f"{reverse('console:asides')}?{urlencode({'source': source_id, 'code': code})}",
        most=MOST_TOLD,
    )


def _likely(detail: Mapping[str, Any]) -> str:
    """What the plan wants there, where that is why."""
    return "number" if detail.get("type") in ("number", "integer") else "text"


def value_of(said: Mapping[str, str]) -> Any:
    """As it is to stand in the event. Raises Refused for a number that is none."""
    text = said.get("value", "").strip()
    if said.get("as") != "number":
        return text
    try:
        number = float(text)
    except ValueError:
        raise Refused(_("“{text}”不是数字。").format(text=text)) from None
    if number != number or number in (float("inf"), float("-inf")):
        raise Refused(_("“{text}”不是数字。").format(text=text))
    return int(number) if number.is_integer() and "e" not in text.lower() else number


def told_events(told: Told) -> str:
    return str(words.DONE_EVENTS).format(taken=told.taken, refused=told.refused, left=told.left)


def told_facts(told: Told) -> str:
    return str(words.DONE_FACTS).format(taken=told.taken, refused=told.refused, left=told.left)
