"""From the river over the lake and the real rule language into a segment, and onto the person's page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from huoshui.brand import api as brand
from huoshui.core import clock
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.tests.ground import clean_tables, wait_for_readers
from huoshui.engage.loyalty import api as loyalty
from huoshui.insight.api import segments
from huoshui.intake.river.api import after_settling
from huoshui.intake.river.tests.world import MILK, TEA, Shop, given_back, line
from huoshui.intake.trust.tests.ground import database_url
from huoshui.lake import api as lake
from huoshui.lake import tables
from huoshui.lake.tests import planting
from huoshui.people import api as people
from huoshui.web.api.keys import add_key
from huoshui.web.api.tests.client import Caller
from tests.insight.test_memberships import another, merge, told

__all__ = ["clean_tables"]

DAY = timedelta(days=1)
ANALYST = Actor(kind="staff", id=8, name="小张", roles=frozenset({"analyst"}))


@pytest.fixture
def shop(clean_tables: None, settings: Settings, tmp_path: Path) -> Iterator[Shop]:
    settings.HUOSHUI_HOME = tmp_path
    settings.HUOSHUI_DATABASE_URL = database_url()
    settings.HUOSHUI_LAKE = str(tmp_path / "lake")
    brand.ensure_headquarters("总部")
    yield Shop()
    planting.clean()
    tables.catalog().close()


def saved(name: str, rule: str) -> int:
    with transaction.atomic():
        return segments.create(name=name, document=rule, actor=ANALYST).segment_id


def buy(who: Shop, key: str, *, ago: int = 0, sku: str = MILK, amount: int = 1000) -> None:
    who.tell(who.order(line(amount, sku=sku), key=key, at=clock.now() - ago * DAY))


def look() -> None:
    """What the worker does: bring the readers up, then do the jobs they left."""
    wait_for_readers()
    after_settling()
    waiting = ProcrastinateJob.objects.filter(task_name="segments.refresh", status="todo")
    assert waiting.count() == 1, "whoever flushes the lake has the segments refreshed"
    with connection.cursor() as cursor:
        cursor.execute("delete from procrastinate_jobs where task_name = 'segments.refresh'")
    segments.refresh()


def inside(segment_id: int) -> set[int]:
    return {m.person_id for m in segments.members(SYSTEM, segment_id)}


def test_sales_merges_and_days_move_people_through_segments(shop: Shop) -> None:
    other = another(shop)
    buy(shop, "A1")
    buy(other, "B1", ago=40)
    spends = saved("花得多", "total(buy) >= 15元")
    often = saved("常来", "count(buy last 30 days) >= 2")
    silent = saved("好久没来", "absent(buy last 30 days) and count(buy) >= 1")
    both = saved("常来的以外", 'not member("常来") and count(buy) >= 1')
    look()
    assert (inside(often), inside(silent)) == (set(), {other.person()})
    buy(shop, "A2", sku=TEA)
    look()
    assert inside(often) == {shop.person()}
    assert told("Segment Entered").count((often, shop.person())) == 1
    look_again_if_told(shop)
    assert inside(both) == {other.person()}
    assert inside(spends) == {shop.person()}
    shop.tell(shop.refund(given_back(1000, sku=TEA), key="R2", of="A2"))
    look()
    assert inside(spends) == set()
    assert told("Segment Left").count((spends, shop.person())) == 1
    buy(other, "B2")
    link = merge(shop, other)
    look()
    one = people.canonical_id(shop.person())
    assert (inside(often), inside(silent)) == ({one}, set())
    with transaction.atomic():
        people.unmerge(link_id=link, reason="弄错了", actor=SYSTEM)
    look()
    assert (inside(often), inside(silent)) == ({shop.person()}, set())
    segments.refresh(at=clock.now() + 31 * DAY)
    assert inside(silent) == {shop.person(), other.person()}
    kept = [inside(s) for s in (often, silent, both)]
    segments.refresh(at=clock.now() + 31 * DAY, is_full=True)
    assert [inside(s) for s in (often, silent, both)] == kept


def test_points_are_known_to_the_lake_over_all_ids_of_a_human(shop: Shop) -> None:
    other = another(shop)
    buy(shop, "A1", amount=30_000)
    buy(other, "B1", amount=20_000)
    rich = saved("积分多", 'balance("points") >= 400')
    some = saved("有积分", 'balance("points") >= 200')
    look()
    points = [loyalty.balance_of(who.person()).usable for who in (shop, other)]
    assert points == [300, 200], "a point for each yuan"
    assert (inside(rich), inside(some)) == (set(), {shop.person(), other.person()})
    link = merge(shop, other)
    look()
    assert inside(rich) == inside(some) == {people.canonical_id(shop.person())}
    with transaction.atomic():
        people.unmerge(link_id=link, reason="弄错了", actor=SYSTEM)
    look()
    assert (inside(rich), inside(some)) == (set(), {shop.person(), other.person()})
    shop.tell(shop.refund(given_back(30_000), key="R1", of="A1"))
    look()
    assert inside(some) == {other.person()}


def look_again_if_told(shop: Shop) -> None:
    """Who is in a segment is a state of the lake; what is asked of it follows one flush later."""
    look()


def test_a_rule_is_counted_before_it_is_saved(shop: Shop) -> None:
    everyone = [another(shop) for _ in range(10)]
    for n, one in enumerate(everyone):
        buy(one, f"O{n}", amount=1000 * (n + 1))
    wait_for_readers()
    lake.flush()
    shown = segments.preview("total(buy) >= 30元", actor=ANALYST, token="t1")
    assert shown.people == 8 == len(shown.sample)
    assert "30" in shown.sentence_zh
    assert shown.cost.rows >= 10 and shown.cost.files >= 1
    assert shown.is_incremental
    before = segments.estimate("total(buy) >= 30元", actor=ANALYST)
    assert (before.cost, before.sentence_zh) == (shown.cost, shown.sentence_zh)
    with transaction.atomic():
        people.say_consent(everyone[9].person(), [people.Said("profiling", "", is_given=False)], actor=SYSTEM)
    assert segments.preview("total(buy) >= 30元", actor=ANALYST).people == 7


def test_a_count_is_called_off_from_elsewhere(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it runs, another process says so; only whoever asked may."""
    from huoshui.insight.segments import judging

    buy(shop, "A1")
    wait_for_readers()
    lake.flush()
    looked = []

    def slow(rule: object, at: datetime, is_called_off: Callable[[], bool]) -> object:
        looked.append(is_called_off())
        segments.call_off("t2", actor=Actor("staff", 99, "别人"))
        looked.append(is_called_off())
        segments.call_off("t2", actor=ANALYST)
        looked.append(is_called_off())
        return real(rule, at, is_called_off)

    real = judging.whom
    monkeypatch.setattr(judging, "whom", slow)
    with pytest.raises(lake.CalledOff):
        segments.preview("count(buy) >= 1", actor=ANALYST, token="t2")
    assert looked == [False, False, True]


def test_a_count_is_estimated_and_called_off_over_http(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """By whoever has the key that asked, and by nobody else's."""
    from huoshui.insight.segments import judging

    buy(shop, "A1")
    wait_for_readers()
    lake.flush()
    mine, other = (
        Caller(add_key(name=name, scopes=["segments"], actor=SYSTEM).token) for name in ("one", "two")
    )
    asked = {"rule": "count(buy) >= 1", "token": "page-1"}
    told = mine.post("/segments/estimate", {"rule": asked["rule"]})
    assert (told.status, told.json["text"]) == (200, "count(buy) >= 1")
    assert told.json["files"] >= 1 and told.json["rows"] >= 1 and told.json["bytes"] > 100
    counted = mine.post("/segments/preview", asked)
    assert (counted.json["people"], counted.json["rows"]) == (1, told.json["rows"])

    real, speaking = judging.whom, [other, mine]

    def slow(rule: object, at: datetime, is_called_off: Callable[[], bool]) -> object:
        """While it runs, somebody says so."""
        answer = speaking.pop(0).post("/segments/preview/call-off", {"token": "page-1"})
        assert answer.status == 200
        return real(rule, at, is_called_off)

    monkeypatch.setattr(judging, "whom", slow)
    assert mine.post("/segments/preview", asked).status == 200
    stopped = mine.post("/segments/preview", asked)
    assert (stopped.status, stopped.code) == (422, "called_off")
