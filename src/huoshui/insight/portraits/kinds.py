"""Types: what kind of customers there are, by how and what they buy, whatever they are worth (that is the grade)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from huoshui.core.errors import Refused
from huoshui.insight.lake import Lake
from huoshui.insight.portraits import clustering, describing, typical
from huoshui.insight.portraits.features import Space, features, name_of, space
from huoshui.insight.portraits.types import Mark, Type
from huoshui.insight.questions.grade import person_grades

FEWEST, MOST = 4, 7
_FEWEST_ORDERS = 4
"""Shares of three orders say little of what kind somebody is."""
_FEWEST_BUYERS = 100


class NoTypes(Refused):
    """买过 4 单以上的顾客不到 100 位，还分不出类型。"""

    code = "too_few_buyers"


@dataclass(frozen=True)
class Model:
    """Kept as it was found, so that a type means the same tomorrow.

    One centre per type, standardised by `mean` and `spread`; `means` and `usual` are in the features' own units.
    """

    as_of: str
    departments: tuple[str, ...]
    mean: tuple[float, ...]
    spread: tuple[float, ...]
    centres: tuple[tuple[float, ...], ...]
    means: tuple[tuple[float, ...], ...]
    usual: tuple[float, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return Space(self.departments).kind

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Model:
        centres, means = (tuple(map(tuple, said[name])) for name in ("centres", "means"))
        one = {name: tuple(said[name]) for name in ("departments", "mean", "spread", "usual")}
        return cls(as_of=said["as_of"], centres=centres, means=means, **one)

    def marks(self, key: int, lang: str) -> list[Mark]:
        told = [
            Mark(name, name_of(name, lang), self.means[key][n], self.usual[n], self.centres[key][n])
            for n, name in enumerate(self.names)
        ]
        return sorted(told, key=lambda m: (-abs(m.apart), m.feature))


def found(lake: Lake, as_of: date) -> Model:
    """Raises NoTypes."""
    where = space(lake, as_of)
    cloud = typical.read(lake, _regulars(lake, as_of, where), where.kind)
    if len(cloud.person_ids) < _FEWEST_BUYERS:
        raise NoTypes
    made = clustering.fit(cloud.rows, fewest=FEWEST, most=MOST)
    means = [cloud.rows[made.parts == part].mean(axis=0) for part in range(len(made.centres))]
    return Model(
        as_of=as_of.isoformat(),
        departments=where.departments,
        mean=_floats(made.mean),
        spread=_floats(made.spread),
        centres=tuple(_floats(c) for c in made.centres),
        means=tuple(_floats(m) for m in means),
        usual=_floats(cloud.rows.mean(axis=0)),
    )


def _floats(row: Any) -> tuple[float, ...]:
    return tuple(float(x) for x in row)


def _regulars(lake: Lake, as_of: date, where: Space) -> ir.Table:
    return features(lake, as_of, where).filter(_.orders >= _FEWEST_ORDERS)


def assigned(lake: Lake, model: Model, as_of: date) -> ir.Table:
    """person_id and `type`: the nearest centre, worked out where the people are."""
    people = _regulars(lake, as_of, Space(model.departments))
    away = {f"away_{key}": _away(people, model, centre) for key, centre in enumerate(model.centres)}
    measured = people.select("person_id", **away)
    least = ibis.least(*(measured[name] for name in away))
    nearest = ibis.cases(*((measured[name] == least, key) for key, name in enumerate(away)))
    return measured.select("person_id", type=nearest.cast("int64"))


def _away(people: ir.Table, model: Model, centre: Sequence[float]) -> ir.FloatingValue:
    squares = [
        ((people[name] - mean) / spread - middle) * ((people[name] - mean) / spread - middle)
        for name, mean, spread, middle in zip(model.names, model.mean, model.spread, centre, strict=True)
    ]
    total: ir.FloatingValue = sum(squares[1:], squares[0])
    return total


def told(lake: Lake, model: Model, as_of: date, lang: str) -> list[Type]:
    """The largest first. Beside what kind they are, how many of each grade."""
    kinds = assigned(lake, model, as_of)
    graded = kinds.left_join(person_grades(lake, as_of), "person_id")
    rows = lake.rows(graded.aggregate(by=["type", "grade"], people=_.person_id.nunique()))
    by_type: dict[int, dict[str, int]] = {}
    for row in rows:
        by_type.setdefault(row["type"], {})[row["grade"] or ""] = row["people"]
    everyone = sum(sum(grades.values()) for grades in by_type.values())
    types = [_type(model, key, grades, everyone, lang) for key, grades in by_type.items()]
    return sorted(types, key=lambda t: (-t.people, t.key))


def _type(model: Model, key: int, grades: Mapping[str, int], everyone: int, lang: str) -> Type:
    people, marks = sum(grades.values()), model.marks(key, lang)
    return Type(
        key=key,
        people=people,
        share=people / everyone,
        says=describing.part(marks, lang),
        marks=tuple(marks),
        grades=tuple(sorted((grade, n / people) for grade, n in grades.items() if grade)),
    )
