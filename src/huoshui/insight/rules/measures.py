"""Values that other rooms and other questions know: accounts, scores, places to live. A table each, as in `tables`."""

from __future__ import annotations

from datetime import timedelta

import ibis
import ibis.expr.types as ir
from ibis import _

from huoshui.insight.lake import Lake
from huoshui.insight.questions import grade, rfm
from huoshui.insight.rules import tables
from huoshui.insight.rules.check import DEGREE
from huoshui.insight.rules.streams import Scene
from huoshui.insight.rules.tables import NEVER, day_number
from huoshui.insight.rules.types import Balance, Distance, Graded, Number, Score

EARTH = 6_371_008.8
"""Mean radius in metres (IUGG)."""


def balance(scene: Scene, node: Balance) -> ir.Table:
    """Each id has accounts of its own: a person's balance is the sum of what was last told of each."""
    rows = scene.lake.state_now.filter(_.key == f"balance.{node.unit}", _.number.notnull())
    table = scene.canonical(rows).aggregate(by="person_id", v=_.number.sum())
    return table.select("person_id", "v", n=ibis.literal(NEVER))


def score(scene: Scene, node: Score) -> ir.Table:
    told = rfm.scores(_lake(scene), scene.today)
    return _of_the_day(scene, told.select("person_id", v=told[node.of]))


def graded(scene: Scene, node: Graded) -> ir.Table:
    if node.by == "grade":
        told = grade.person_grades(_lake(scene), scene.today).select("person_id", v=_.grade)
    else:
        told = rfm.scores(_lake(scene), scene.today).select("person_id", v=_.segment)
    return _of_the_day(scene, told)


def _of_the_day(scene: Scene, told: ir.Table) -> ir.Table:
    """Places are taken among everyone, and anybody's may move when the twelve months do: on every day."""
    everyone = _everyone(scene)
    tomorrow = ibis.literal(day_number(scene.today + timedelta(days=1))).cast("int64")
    return everyone.left_join(told, "person_id").select("person_id", "v", n=tomorrow)


def _everyone(scene: Scene) -> ir.Table:
    """Who ever bought, or has a day of buying ahead, whoever is asked for."""
    lines = scene.lake.order_lines.select("person_id")
    return Scene(scene.lake, scene.today).canonical(lines).select("person_id").distinct()


def _lake(scene: Scene) -> Lake:
    held = scene.lake
    return Lake(
        facts=held.facts,
        order_lines=held.order_lines,
        state_now=held.state_now,
        products=held.products,
        org_units=held.org_units,
        persons=held.persons,
        run=_runs_nothing,
        fresh_at=None,
    )


def _runs_nothing(_expression: object) -> None:
    raise AssertionError("a rule is one expression: nothing is run on the way")


def distance(scene: Scene, node: Distance) -> ir.Table:
    """Haversine (Sinnott 1984, Virtues of the haversine): exact enough near by, where law of cosines is not."""
    latitude = _degrees(scene, "attr.latitude", 90).rename(latitude="v")
    longitude = _degrees(scene, "attr.longitude", 180).rename(longitude="v")
    told = latitude.inner_join(longitude, "person_id")
    here, there = ibis.literal(node.latitude / DEGREE).radians(), told.latitude.radians()
    up = ((there - here) / 2).sin()
    along = ((told.longitude - node.longitude / DEGREE).radians() / 2).sin()
    share = up * up + here.cos() * there.cos() * along * along
    metres = ibis.least(share, 1.0).sqrt().asin() * (2 * EARTH)
    return told.select("person_id", v=metres.round().cast("int64"), n=ibis.literal(NEVER))


def _degrees(scene: Scene, key: str, most: int) -> ir.Table:
    told = tables.number(scene, Number(key))
    return told.filter(told.v.between(-most, most)).select("person_id", "v")
