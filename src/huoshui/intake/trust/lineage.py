"""Where a number comes from: the facts whose effects it is the sum of, and the source, file or key that told each."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from huoshui.brand import api as brand
from huoshui.core import sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.errors import NotFound
from huoshui.intake.files import read, sources
from huoshui.intake.files.errors import FileRefused
from huoshui.intake.imports import api as imports
from huoshui.intake.imports.reads import find_run_for
from huoshui.intake.trust.access import may_see, require, sees_all, units_for
from huoshui.intake.trust.types import Asked, FactOrigin, FileRow, Lineage, LineageRow, Origin

Q = sql.load("huoshui.intake.trust")

PAGE = 50
RUNS_NAMED = 500
MOST_BYTES = 256 << 20
"""A file larger than that is not read for one order."""
_LAST = 2**62


def lineage(actor: Actor, asked: Asked, *, after: str = "", limit: int = PAGE) -> Lineage:
    """`amount` is the number to the cent: it and the rows are sums of the same effects the lake holds. Raises NotFound."""
    params = {
        "first": asked.first,
        "last": asked.last,
        "unit_ids": _units(actor, asked),
        "sku_ids": None if asked.sku_ids is None else list(asked.sku_ids),
        "source_id": asked.source_id,
        "run_id": asked.run_id,
        "is_unknown": asked.is_unknown,
    }
    origins = tuple(Origin(*row) for row in sql.fetch(Q.lineage_sum, **params))
    day, fact_id, of_id = _place(after, asked.last)
    found = sql.fetch_as(
        LineageRow,
        Q.lineage_rows,
        **params,
        after_day=day,
        after_fact_id=fact_id,
        after_of_id=of_id,
        limit=limit + 1,
    )
    shown = tuple(found[:limit])
    last = shown[-1] if len(found) > limit else None
    return Lineage(
        amount=sum(o.amount for o in origins),
        effects=sum(o.effects for o in origins),
        origins=origins,
        rows=shown,
        after=f"{last.business_day.isoformat()}.{last.fact_id}.{last.of_fact_id}" if last else "",
    )


def _units(actor: Actor, asked: Asked) -> list[int] | None:
    """What is asked for, and nothing outside of what the actor may see."""
    own = units_for(actor)
    if asked.unit_ids is None:
        return own
    require(own is None or set(asked.unit_ids) <= set(own))
    return list(asked.unit_ids)


def _place(after: str, last: date) -> tuple[date, int, int]:
    if not after:
        return last + timedelta(days=1), _LAST, _LAST
    try:
        day, fact_id, of_id = after.split(".")
        place = date.fromisoformat(day), int(fact_id), int(of_id)
    except ValueError:
        raise NotFound from None
    require(0 <= place[1] <= _LAST and 0 <= place[2] <= _LAST)
    return place


def origin_of(actor: Actor, fact_id: int) -> FactOrigin:
    """Raises NotFound, also for a fact of a store that is not the actor's."""
    own = units_for(actor)
    row = sql.fetch_one(Q.origin, fact_id=fact_id) if 0 < fact_id < _LAST else None
    if row is None or not (sees_all(actor) or (row.is_order and row.org_unit_id in set(own or ()))):
        raise NotFound
    return FactOrigin(**row._asdict() | {"replaces": tuple(row.replaces or ())})


def unit_of(code: str) -> int:
    """Raises NotFound."""
    found = brand.find_units([code])
    require(code in found)
    return found[code]


def sku_of(code: str) -> int:
    """Raises NotFound."""
    found = brand.find_skus([code])
    require(code in found)
    return found[code]


def runs_of(actor: Actor) -> dict[int, imports.RunView]:
    """The latest imports, by id: what files they were of and who brought them. For those who may see all."""
    require(may_see(actor))
    return {run.id: run for run in imports.runs(SYSTEM, limit=RUNS_NAMED)} if sees_all(actor) else {}


def rows_in_file(actor: Actor, origin: FactOrigin, *, most: int = PAGE) -> list[FileRow]:
    """The rows of the file that told this order, under the numbers that the file gives them: the file itself is read for it.

    Empty where the file is gone, is too large for that, or may not be seen by the actor.
    """
    if origin.run_id is None or not origin.is_order or not imports.may_import(actor):
        return []
    run = find_run_for(actor, origin.run_id)
    paths = [Path(f["path"]) for f in run.files]
    header = (run.mapping or {}).get("order_no", "")
    if not isinstance(header, str) or not header or not all(p.exists() for p in paths):
        return []
    if sum(p.stat().st_size for p in paths) > MOST_BYTES:
        return []
    with TemporaryDirectory(prefix="lineage-") as place:
        try:
            return _find(paths, header, origin.order_key, Path(place), most)
        except FileRefused:  # it could be read once; whoever has changed it since keeps his page
            return []


def _find(paths: list[Path], header: str, key: str, place: Path, most: int) -> list[FileRow]:
    found: list[FileRow] = []
    with read.connect(place / "look.duckdb", place) as database:
        for file_no, path in enumerate(paths):
            source = sources.prepare(path, file_no, place)
            head = read.look(source, "sales", [header])
            if header not in head.headers:
                continue
            table = read.load(database, source, head, place, used=frozenset())
            cell = f"c{head.headers.index(header)}"
            rows = database.execute(
                f"""select rowid + {table.first_row} from {table.table}
                where trim({cell}, ' \t\r\n''"=`') = ? order by rowid limit ?""",
                [key, most - len(found)],
            ).fetchall()
            found += [FileRow(path.name, row_no) for (row_no,) in rows]
    return found
