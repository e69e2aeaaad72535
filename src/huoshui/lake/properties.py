"""The `properties` table: what facts say of themselves, one row a value, as far as somebody declared it fit for the lake.

It has a mark of its own, which stands still while nothing is declared. What is declared later enters from then on; the
first declaration of all, and a rebuild, also bring in what came before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from huoshui.core.subscribers import PROPERTY_SCHEMA, registry
from huoshui.lake import reads
from huoshui.lake.files import XID, Parts, all_anew, bound, commit, without
from huoshui.lake.reads import News

if TYPE_CHECKING:
    from pyiceberg.table import Table

_FACTS_AT_ONCE = 20_000


def take_in(table: Table, *, high: int) -> dict[str, int]:
    if not _is_any_declared():
        return {}
    return _add(table, reads.news(bound(table), high), high, anew=False)


def rebuild(table: Table, *, high: int) -> dict[str, int]:
    return _add(table, reads.news(0, high), high, anew=True)


def _is_any_declared() -> bool:
    return any(read([]) is not None for read in registry.properties.values())


def _add(table: Table, news: News, high: int, *, anew: bool) -> dict[str, int]:
    if not news and not anew:
        return {}
    parts, fact_ids = Parts(table), news.settled
    for start in range(0, len(fact_ids), _FACTS_AT_ONCE):
        some = fact_ids.slice(start, _FACTS_AT_ONCE).to_pylist()
        for read in registry.properties.values():
            if (rows := read(some)) is not None and rows.num_rows:
                parts.add(rows.select(PROPERTY_SCHEMA.names).cast(PROPERTY_SCHEMA))
    changed = all_anew(table) if anew else without(table, news.withdrawn)
    commit(table, add=[*parts.close(), *changed.added], drop=changed.dropped, new_marks={XID: str(high)})
    return {"properties": parts.rows}
