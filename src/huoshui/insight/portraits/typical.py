"""Three to five people of a group who stand for its parts: real ones, each in the middle of a part."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import NamedTuple

import ibis.expr.types as ir
import numpy as np

from huoshui.insight.lake import Lake
from huoshui.insight.portraits import clustering, describing
from huoshui.insight.portraits.clustering import Fit, Floats
from huoshui.insight.portraits.features import features, name_of, space
from huoshui.insight.portraits.measuring import table_of
from huoshui.insight.portraits.types import Mark, Typical

FEWEST, MOST = 3, 5
ENOUGH = 30
"""Of fewer buyers nobody is typical: each is herself."""
_CLOUD = 20_000


class Cloud(NamedTuple):
    person_ids: list[int]
    rows: Floats
    names: tuple[str, ...]


def drawn(lake: Lake, ids: Collection[int], as_of: date, lang: str) -> list[Typical]:
    """The largest part first; empty where there are too few."""
    where = space(lake, as_of)
    members = features(lake, as_of, where).semi_join(table_of(ids), "person_id")
    cloud = read(lake, members, where.names)
    if len(cloud.person_ids) < ENOUGH:
        return []
    found = clustering.fit(clustering.comparable(cloud.rows, cloud.names), fewest=FEWEST, most=MOST)
    return [
        Typical(
            person_id=cloud.person_ids[found.medoid(part)],
            people=size,
            share=size / len(cloud.person_ids),
            says=describing.part(marks(found, cloud, part, lang), lang),
        )
        for part, size in enumerate(found.sizes)
    ]


def read(lake: Lake, table: ir.Table, names: tuple[str, ...]) -> Cloud:
    """Of many people a part that is always the same, and in the same order."""
    mixed = (table.person_id * 2_654_435_761) % 4_294_967_296
    chosen = lake.run(table.order_by(mixed, "person_id").limit(_CLOUD)).combine_chunks()
    chosen = chosen.sort_by("person_id")
    columns = [chosen.column(name).to_numpy(zero_copy_only=False).astype(np.float64) for name in names]
    rows = np.column_stack(columns) if len(chosen) else np.empty((0, len(names)))
    return Cloud(chosen.column("person_id").to_pylist(), rows, names)


def marks(found: Fit, cloud: Cloud, part: int, lang: str) -> list[Mark]:
    """In what the part stands out from the whole cloud, the most first."""
    inside = cloud.rows[found.parts == part]
    apart = found.scaled[found.parts == part].mean(axis=0) - found.scaled.mean(axis=0)
    told = [
        Mark(
            name,
            name_of(name, lang),
            float(inside[:, n].mean()),
            float(cloud.rows[:, n].mean()),
            float(apart[n]),
        )
        for n, name in enumerate(cloud.names)
    ]
    return sorted(told, key=lambda m: (-abs(m.apart), m.feature))
