"""One way to ask for measures: each source is scanned once for all of its measures, and what comes out is put side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import ibis.expr.types as ir

from huoshui.core import clock
from huoshui.insight import words
from huoshui.insight.dimensions import DIMENSIONS, with_names
from huoshui.insight.given import BadQuestion, check_span, require
from huoshui.insight.lake import Lake
from huoshui.insight.metrics import cuts, sources
from huoshui.insight.metrics.besides import Beside
from huoshui.insight.metrics.catalogue import LABELS, MEASURES, needs
from huoshui.insight.metrics.sources import Scan
from huoshui.insight.metrics.types import Asked, Measure, Told
from huoshui.insight.types import Cell, Column, in_order

MOST = 100_000
"""Rows of an answer; who needs more asks for less at once."""
_EMPTY = {"count": 0, "money": 0, "ratio": 0.0}


def check(asked: Asked) -> None:
    """Raises BadQuestion, saying which measure goes with which dimension."""
    if not asked.measures:
        raise BadQuestion("要问哪些指标？至少写一个。")
    for name in asked.measures:
        require(name, LABELS, "指标")
    used = [*asked.by, *(name for name, _values in asked.where)]
    for name in used:
        cuts.check(name)
    for measure in needs(asked.measures).values():
        for name in used:
            if not sources.may_cut(measure, name):
                raise BadQuestion(f"“{measure.label_zh}”不能按“{_label(name)}”分，换一个维度，或者先不问它。")
    if len(set(asked.by)) != len(asked.by):
        raise BadQuestion("同一个维度写了两遍。")
    check_span(asked.first, asked.last)


def _label(name: str) -> str:
    return cuts.columns_of([name])[0].label_zh


def ask(lake: Lake, asked: Asked, beside: Mapping[str, Beside]) -> Told:
    """Rows by `asked.by`, times forward and else the largest of the first measure first."""
    check(asked)
    rows = _collected(lake, asked, asked.by, beside)
    whole = _collected(lake, asked, (), beside)[0] if asked.by else rows[0]
    columns = (*cuts.columns_of(asked.by), *(MEASURES[name].column for name in asked.measures))
    ordered = sorted(rows, key=lambda row: _order(row, asked))
    most = min(asked.limit or MOST, MOST)
    return Told(
        columns=columns,
        rows=tuple(in_order(row, columns) for row in ordered[:most]),
        sentence=_sentence(asked, whole, ordered),
        whole=in_order(whole, [MEASURES[name].column for name in asked.measures]),
        left_off=max(0, len(ordered) - most),
        fresh=_fresh(lake, asked),
    )


def people(lake: Lake, asked: Asked, measure: str, cell: Cell) -> ir.Table:
    """`person_id` of everyone behind this measure in a cell of the answer."""
    require(measure, LABELS, "指标")
    known = MEASURES[measure]
    if not known.opens:
        raise BadQuestion(f"“{known.label_zh}”不是数人，点不开。")
    for name in cell:
        cuts.check(name)
    within = sources.first_days_kept(lake, cuts.in_cell(lake.order_lines, lake, cell))
    return sources.buyers(Scan(within, asked, (), {}), known.source or "")


def _collected(
    lake: Lake, asked: Asked, by: tuple[str, ...], beside: Mapping[str, Beside]
) -> list[dict[str, Any]]:
    """One row per cell with every measure asked for, and what they are divided from."""
    wanted = needs(asked.measures)
    scan = Scan(lake, asked, by, beside)
    merged: dict[tuple[Any, ...], dict[str, Any]] = {}
    for source in dict.fromkeys(m.source or "" for m in wanted.values()):
        own = [m for m in wanted.values() if m.source == source]
        for row in _rows(scan, source, own):
            cell = tuple(row[name] for name in by)
            merged.setdefault(cell, {}).update(row)
    if not by:
        merged.setdefault((), {})
    return [_complete(row, asked.measures, wanted.values()) for row in merged.values()]


def _rows(scan: Scan, source: str, measures: Sequence[Measure]) -> Iterable[dict[str, Any]]:
    table = sources.grouped(scan, source, measures)
    named = [name for name in scan.by if name in DIMENSIONS]
    for row in scan.lake.rows(with_names(table, scan.lake, named)):
        yield {name: _shown(name, value) for name, value in row.items()}


def _shown(name: str, value: Any) -> Any:
    return DIMENSIONS[name].show(value) if name in DIMENSIONS and value is not None else value


def _complete(row: dict[str, Any], names: Sequence[str], wanted: Iterable[Measure]) -> dict[str, Any]:
    for measure in wanted:
        if row.get(measure.name) is None:
            row[measure.name] = _EMPTY[measure.kind]
    for name in names:
        if parts := MEASURES[name].parts:
            row[name] = _divided(row[parts[0]], row[parts[1]], MEASURES[name])
    # a sum of doubles depends on the order in which an engine adds; a millionth does not
    return {name: round(value, 6) if isinstance(value, float) else value for name, value in row.items()}


def _divided(over: float, under: float, measure: Measure) -> float | int | None:
    """None where there is nothing to divide by."""
    if not under:
        return None
    return round(over / under) if measure.kind == "money" else over / under


def _order(row: Mapping[str, Any], asked: Asked) -> tuple[Any, ...]:
    times = [row[name] for name in asked.by if name in cuts.TIME]
    first = row[asked.measures[0]]
    return (*times, first is None, -(first or 0), *(str(row[name]) for name in asked.by))


def _fresh(lake: Lake, asked: Asked) -> dict[str, str | None]:
    """The lake is complete to a moment; what stands in PostgreSQL is as of now."""
    fresh = lake.fresh_at.isoformat() if lake.fresh_at else None
    live = ("footfall", "commission", "stock")
    used = dict.fromkeys(m.source or "" for m in needs(asked.measures).values())
    return {source: clock.now().isoformat() if source in live else fresh for source in used}


def _sentence(asked: Asked, whole: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> str:
    english = asked.lang == "en"
    said = [
        f"{_column(name).label(asked.lang)} {written(name, whole[name], asked.lang)}"
        for name in asked.measures
    ]
    span = _span(asked)
    if english:
        return f"{span}: {', '.join(said)}.{_most(asked, rows)}"
    return f"{span}：{'，'.join(said)}。{_most(asked, rows)}"


def _span(asked: Asked) -> str:
    first, last, english = asked.first, asked.last, asked.lang == "en"
    if first and first == last:
        return str(first)
    if first and last:
        return f"{first} to {last}" if english else f"{first} 到 {last}"
    if first or last:
        since = f"since {first}" if english else f"{first} 以来"
        until = f"up to {last}" if english else f"到 {last} 为止"
        return since if first else until
    return "All along" if english else "一直以来"


def _most(asked: Asked, rows: Sequence[Mapping[str, Any]]) -> str:
    """The largest row, where rows are of one dimension that is no time."""
    if len(asked.by) != 1 or asked.by[0] in cuts.TIME or len(rows) < 2:
        return ""
    row, name, english = rows[0], asked.measures[0], asked.lang == "en"
    where = row.get(f"{asked.by[0]}_name") or row[asked.by[0]] or ("none" if english else "没有写明的")
    value = written(name, row[name], asked.lang)
    return f" Most: {where} with {value}." if english else f"最多的是 {where}：{value}。"


def _column(name: str) -> Column:
    return MEASURES[name].column


def written(name: str, value: float | int | None, lang: str = "zh") -> str:
    """A value as people read it, by the measure's format."""
    if value is None:
        return "—"
    kind = MEASURES[name].kind
    if kind == "money":
        return words.yuan(value, lang)
    if kind == "share":
        return words.percent(value)
    if kind == "days":
        return f"{value:,.0f} days" if lang == "en" else f"{value:,.0f} 天"
    return words.counted(value, "", lang).strip() if kind == "count" else f"{value:,.2f}"
