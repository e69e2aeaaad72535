"""What head office is told of a dealer without a grant, by page and by file: attacks through the doors, and the doors that are shut."""

from __future__ import annotations

from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from django.db import transaction

from huoshui.core import clock
from huoshui.core.errors import NotFound
from huoshui.core.tests.ground import clean_tables
from huoshui.insight import api as insight
from huoshui.insight.tests.lake_fixture import small_lake
from huoshui.lake import api as lake_api
from huoshui.trade.bonds.tests.world import no_waiting
from huoshui.trade.commission.tests.world import BOSS, World, world
from huoshui.trade.protection import api as protection
from huoshui.trade.protection import measuring
from huoshui.web.console.contexts import behind
from huoshui.web.console.contexts.own import own_units
from tests.console.desk import Desk

__all__ = ["clean_tables", "no_waiting", "world"]

pytestmark = pytest.mark.django_db(transaction=True)

PAGE, FILE = "/protection/cohorts/", "/protection/cohorts.csv"


class Lake:
    """The lake of 300 buyers of dealer 0 and 120 of dealer 1 in the last quarter; `without`: all but these."""

    def __init__(self, world: World, without: frozenset[int] = frozenset()) -> None:
        self.asked: list[str] = []
        span = measuring.spans(clock.today())[0]
        lines: list[dict[str, Any]] = []
        for person in range(1, 421):
            dealer = 0 if person <= 300 else 1
            for n in range(1 + person % 3):
                lines.append(
                    {
                        "fact_id": len(lines) + 1, "order_id": len(lines) + 1, "person_id": person,
                        "org_unit_id": world.shops.stores[dealer][person % 2], "sku_id": 1 + person % 2,
                        "amount": 5_000 + person, "business_day": span.first if n else span.last,
                    }
                )  # fmt: skip
        lines = [line for line in lines if line["person_id"] not in without]
        goods = [
            {"sku_id": n, "code": f"A{n}", "name": name, "category": name, "category_1": name}
            for n, name in ((1, "坚果"), (2, "糕点"), (3, "无人问津"))
        ]
        self.lake = replace(small_lake(order_lines=lines, products=goods), fresh_at=None)

    def tables(self) -> Any:
        return self.lake

    def run(self, expr: Any) -> Any:
        self.asked.append(repr(expr))
        return self.lake.run(expr)

    def fresh_at(self) -> None:
        return None


@pytest.fixture
def desk(world: World, monkeypatch: pytest.MonkeyPatch) -> Desk:
    desk = Desk(monkeypatch, world.shops.owner(0))
    put(monkeypatch, Lake(world))
    monkeypatch.setattr(behind, "standing_day", clock.today)
    return desk


def put(monkeypatch: pytest.MonkeyPatch, lake: Lake) -> Lake:
    monkeypatch.setattr(lake_api, "engine", lambda: lake)
    monkeypatch.setattr(insight, "open_lake", lambda: lake.lake)
    return lake


def say(world: World, *, is_given: bool, scope: str, dealer: int = 0) -> None:
    with transaction.atomic():
        protection.say(
            world.shops.dealers[dealer], is_given=is_given, scope=scope, actor=world.shops.owner(dealer)
        )


def texts(desk: Desk) -> tuple[str, str]:
    answers = [desk.client.get(path) for path in (PAGE, FILE)]
    assert [a.status_code for a in answers] == [200, 200]
    whole = unescape(answers[0].content.decode())
    assert whole.count("<main") == 1
    return whole[whole.index("<main") : whole.index("</main>")], answers[1].content.decode()


def test_one_person_more_or_less_changes_neither_shape_nor_work(
    world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked again, the same to the letter. With one person gone: as many lines and columns, in the same order, by the same
    questions to the lake; so neither a download nor its time tells what was in it."""
    for dealer in (0, 1):
        say(world, is_given=False, scope="counts", dealer=dealer)
    desk.actor = BOSS
    works, files = [], []
    for without in (frozenset[int](), frozenset({7}), frozenset(range(1, 281))):
        lake = put(monkeypatch, Lake(world, without))
        file = desk.client.get(FILE).content.decode()
        works.append(len(lake.asked))
        if not without:
            assert desk.client.get(FILE).content.decode() == file, "asked again"
        files.append([line.split(",") for line in file.splitlines()])
    assert len(set(works)) == 1
    assert len({tuple(len(line) for line in file) for file in files}) == 1
    assert len({tuple(line[0] for line in file) for file in files}) == 1
    assert files[0][0][-3:] == ["坚果", "无人问津", "糕点"], "a category nobody buys is a column too"
    assert files[2][1][1:] == [""] * (len(files[2][1]) - 1), "twenty people are nobody"
    people = int(files[0][1][1])
    assert people % 5 == 0 and abs(people - 300) <= 30


def test_only_quarters_that_are_over_and_unknown_ones_look_alike(world: World, desk: Desk) -> None:
    say(world, is_given=False, scope="counts")
    assert desk.client.get(PAGE).status_code == 404, "the dealer has its own pages"
    desk.actor = BOSS
    today = clock.today()
    now = f"{today.year}-Q{(today.month + 2) // 3}"
    bodies = {desk.client.get(f"{PAGE}?span={s}").content for s in (now, "1999-Q1", "x", "2026-01-01")}
    assert len(bodies) == 1 and desk.client.get(f"{PAGE}?span={now}").status_code == 404
    assert [s.last < today for s in measuring.spans(today)] == [True] * 4
    with pytest.raises(NotFound):
        protection.cohorts(world.guide(0))


def test_totals_are_told_to_the_one_where_they_are_granted_and_nothing_else_is(
    world: World, desk: Desk
) -> None:
    say(world, is_given=False, scope="behaviour")
    desk.actor = BOSS
    (row,) = protection.cohorts(BOSS).dealers
    assert row.exact is not None and row.exact.people == 300
    assert "准确总数" in texts(desk)[0] and "300" in texts(desk)[1]
    say(world, is_given=False, scope="counts")
    (row,) = protection.cohorts(BOSS).dealers
    assert row.exact is None
    say(world, is_given=True, scope="behaviour")
    assert protection.cohorts(BOSS).dealers == [] and "每家经销商都授权" in texts(desk)[0]


def test_the_other_doors_are_shut(world: World, desk: Desk) -> None:
    """今日, 人群, questions, what is behind a number, the lists of dealers and of owners: without this dealer."""
    whole = insight.ask("sales", by="store").extra["total"].rows[0]["customers"]
    assert own_units(BOSS) is None and whole == 420
    say(world, is_given=False, scope="counts")
    rest = own_units(BOSS)
    assert isinstance(rest, insight.AllBut) and set(rest.org_unit_ids) >= set(world.shops.stores[0])
    assert insight.ask("sales", rest).rows[0]["customers"] == 120
    desk.actor = BOSS
    opened = unescape(desk.client.get("/behind/sales/").content.decode())
    assert "有 <b>120</b> 位" in opened
    today = unescape(desk.client.get("/").content.decode())
    assert "不含 1 家没有授权的经销商" in today
    world.buy("c1", 0, 0)
    world.read()
    bonds = unescape(desk.client.get("/bonds/").content.decode())
    assert "<b>1</b> 位顾客有归属" not in bonds
    page = unescape(desk.client.get(f"/protection/{world.shops.dealers[0]}/").content.decode())
    assert "没有授权总部看准确总数" in page
    desk.actor = world.shops.owner(0)
    assert "<b>1</b> 位顾客有归属" in unescape(desk.client.get("/bonds/").content.decode()), (
        "control: it is there"
    )
