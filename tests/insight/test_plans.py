"""By the clock: slow rules are judged when their schedule says, and files are made, by rights that still stand, and taken with a trace."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from pytest_django import Settings

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.core.subscribers import Erased, registry
from huoshui.core.tests.ground import clean_tables, wait_for_readers
from huoshui.insight.api import segments
from huoshui.insight.segments import judging, plans, rules
from huoshui.intake.river.tests.world import Shop
from huoshui.people import api as people
from huoshui.web.api.keys import add_key, revoke_key
from huoshui.web.api.tests.client import Caller
from tests.insight.test_memberships import another, buy, shop

__all__ = ["clean_tables", "shop"]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AUDIT = sql.Statement(
    "audit", "select action, actor from audit_entry where object_kind = 'segment' order by id"
)


@pytest.fixture
def boss(shop: Shop) -> Actor:
    brand.ensure_login(
        username="boss", password="a-long-one-1", name="老板", roles=["boss"], org_unit_id=1, actor=SYSTEM
    )
    return brand.actor_of(User.objects.get(username="boss"))


def made(name: str = "买过的", kind: str = "bought", number: int = 1) -> int:
    with transaction.atomic():
        found = segments.create(name=name, document={"kind": kind, "number": number}, actor=SYSTEM)
    return found.segment_id


def keep(at: datetime | None = None) -> None:
    wait_for_readers()
    people.refresh_cards()
    segments.refresh(at=at)


def plan(segment_id: int, actor: Actor, *, hour: int, weekday: int | None = None) -> None:
    with transaction.atomic():
        segments.plan(segment_id, hour=hour, weekday=weekday, actor=actor)


def soon() -> tuple[datetime, int]:
    """The next whole hour of the brand, and which one it is."""
    at = clock.now() + HOUR
    at = at.replace(minute=0, second=0, microsecond=0)
    return at, at.astimezone(clock.brand_zone()).hour


def test_a_file_is_made_at_its_hour_once_and_read_with_a_trace(
    shop: Shop, boss: Actor, settings: Settings, tmp_path: Path
) -> None:
    settings.HUOSHUI_HOME = tmp_path
    shop.tell(shop.member(("card_no", shop.card), name="=HYPERLINK(1)"))
    buy(shop, "A1")
    segment_id = made()
    keep()
    at, hour = soon()
    plan(segment_id, boss, hour=hour)
    assert not plans.is_any_due(at - timedelta(seconds=1)) and plans.carry_out(at - HOUR) == 0
    assert plans.is_any_due(at) and plans.carry_out(at) == 1
    assert plans.carry_out(at + HOUR) == 0, "once a day"
    [kept] = segments.files(boss, segment_id)
    with transaction.atomic():
        _file, text = segments.read_file(kept.id, actor=boss)
    assert kept.rows == 1 and "'=HYPERLINK(1)" in text and text.startswith("\ufeff")
    [path] = (tmp_path / "exports").iterdir()
    assert path.stat().st_mode & 0o077 == 0
    told = [(r.action, r.actor) for r in sql.fetch(AUDIT)][-3:]
    mine = str(boss)
    assert told == [
        ("segment.export_planned", mine),
        ("segment.exported", mine),
        ("segment.export_read", mine),
    ]
    assert plans.carry_out(at + DAY) == 1 and len(segments.files(boss, segment_id)) == 2
    assert plans.carry_out(at + DAY * 30) == 1 and len(segments.files(boss, segment_id)) == 1, (
        "the old ones go"
    )


def test_rights_that_are_gone_make_no_file(
    shop: Shop, boss: Actor, settings: Settings, tmp_path: Path
) -> None:
    settings.HUOSHUI_HOME = tmp_path
    buy(shop, "A2")
    segment_id = made()
    keep()
    at, hour = soon()
    plan(segment_id, boss, hour=hour)
    User.objects.filter(username="boss").update(is_active=False)
    assert plans.carry_out(at) == 0 and not (tmp_path / "exports").exists()
    found = segments.plan_of(SYSTEM, segment_id)
    assert found is not None and "不能再导出" in found.error
    analyst = Actor("staff", 7, "分析", frozenset({"analyst"}))
    guide = Actor("staff", 9, "小丽", frozenset({"guide"}), frozenset({1}))
    for actor in (analyst, guide):
        for refused in (
            lambda actor=actor: plan(segment_id, actor, hour=3),
            lambda actor=actor: segments.files(actor, segment_id),
            lambda actor=actor: segments.unplan(segment_id, actor=actor),
        ):
            with pytest.raises(NotFound):
                refused()
    with pytest.raises(Refused):
        plan(segment_id, SYSTEM, hour=3)
    assert segments.plan_of(SYSTEM, segment_id) == found


def test_files_go_when_anybody_is_erased(shop: Shop, boss: Actor, settings: Settings, tmp_path: Path) -> None:
    settings.HUOSHUI_HOME = tmp_path
    buy(shop, "A3")
    other = another(shop)
    buy(other, "A4")
    segment_id = made()
    keep()
    at, hour = soon()
    plan(segment_id, boss, hour=hour)
    assert plans.carry_out(at) == 1
    with transaction.atomic():
        plans.erase(Erased((other.person(),)))
    assert segments.files(boss, segment_id) == [] and not list((tmp_path / "exports").iterdir())
    assert registry.erasers["导出的人群文件"] == ("tables", plans.erase)


def test_the_hour_is_the_brands_and_the_slow_beat_is_the_least() -> None:
    zone = clock.brand_zone()
    noon = datetime(2026, 3, 4, 4, 0, tzinfo=UTC)  # a Wednesday, 12:00 in Shanghai
    assert rules.next_slot(noon, hour=12, weekday=None, zone=zone) == noon + DAY
    assert rules.next_slot(noon, hour=13, weekday=None, zone=zone) == noon + HOUR
    assert rules.next_slot(noon, hour=13, weekday=1, zone=zone) == noon + HOUR + DAY * 5
    slow = rules.Standing(1, 1, is_incremental=False, read_xid=1, judged_at=noon, seconds=0.0)
    waiting = slow._replace(not_before=noon + HOUR)
    for minutes, with_plan, without in ((4, "none", "none"), (10, "none", "full"), (60, "full", "full")):
        at = noon + timedelta(minutes=minutes)
        assert rules.how(waiting, bound=2, at=at, is_any_due=False) == with_plan
        assert rules.how(slow, bound=2, at=at, is_any_due=False) == without
    eager = slow._replace(not_before=noon, seconds=60.0)
    assert rules.how(eager, bound=2, at=noon + HOUR / 3 - DAY / 1440, is_any_due=False) == "none"


def test_a_slow_rule_keeps_its_schedule(shop: Shop) -> None:
    buy(shop, "A5")
    segment_id = made("最多", "most", 0)
    now = clock.now()
    keep(now)
    with transaction.atomic():
        segments.set_beat(segment_id, minutes=60, actor=SYSTEM)
    other = another(shop)
    buy(other, "A6")
    buy(other, "A7")
    wait_for_readers()
    assert segments.refresh(at=now + timedelta(minutes=10)) == []
    [judged] = segments.refresh(at=now + timedelta(minutes=61))
    assert judged.is_full
    with pytest.raises(Refused), transaction.atomic():
        segments.set_beat(made(), minutes=60, actor=SYSTEM)
    with pytest.raises(Refused), transaction.atomic():
        segments.set_beat(segment_id, minutes=60, hour=3, actor=SYSTEM)


def test_a_key_plans_takes_files_and_is_asked_for_its_rights_when_they_are_made(
    shop: Shop, settings: Settings, tmp_path: Path
) -> None:
    settings.HUOSHUI_HOME = tmp_path
    buy(shop, "A6")
    segment_id = made()
    keep()
    at, hour = soon()
    scopes = ["segments", "segments_export", "segments_save"]
    key = add_key(name="warehouse", scopes=scopes, actor=SYSTEM)
    caller, place = Caller(key.token), f"/segments/{segment_id}"
    planned = caller.post(f"{place}/exports/plan", {"hour": hour}, key="P1")
    assert (planned.status, planned.json["plan"]["by"]) == (200, "warehouse"), planned.content
    again = caller.post(f"{place}/exports/plan", {"hour": hour}, key="P1")
    assert again.headers["Idempotent-Replayed"] == "true" and again.json == planned.json
    assert caller.post(f"{place}/exports/plan", {"hour": (hour + 1) % 24}, key="P1").code == "key_reused"
    assert plans.carry_out(at) == 1
    [file] = caller.get(f"{place}/exports").json["files"]
    taken = caller.get(f"{place}/exports/{file['file_id']}")
    assert (taken.status, file["people"]) == (200, 1) and taken.content.decode().startswith("\ufeff顾客编号")
    assert taken.headers["Content-Type"].startswith("text/csv")
    other = made("别的", number=9)
    assert caller.get(f"/segments/{other}/exports/{file['file_id']}").status == 404
    read = [r.action for r in sql.fetch(AUDIT)].count("segment.export_read")
    assert read == 1, "what was refused left no trace"
    refused = caller.post(f"{place}/schedule", {"every_minutes": 60}, key="S1")
    assert refused.status == 422, "it follows within seconds"
    revoke_key(key.prefix, actor=SYSTEM)
    assert plans.carry_out(at + DAY) == 0 and len(segments.files(SYSTEM, segment_id)) == 1
    found = segments.plan_of(SYSTEM, segment_id)
    assert found is not None and "不能再导出" in found.error
    new = Caller(add_key(name="warehouse", scopes=["segments_export"], actor=SYSTEM).token)
    assert plans.carry_out(at + 2 * DAY) == 1, "a new key of the same source"
    ended = new.post(f"{place}/exports/plan", {"hour": None}, key="P2")
    assert ended.json["plan"] is None and len(ended.json["files"]) == 2


def test_a_slow_segment_is_given_its_schedule_over_http(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "is_incremental", lambda rule: False)
    segment_id = made()
    key = add_key(name="tool", scopes=["segments", "segments_save"], actor=SYSTEM)
    caller, place = Caller(key.token), f"/segments/{segment_id}"
    assert caller.get(place).json["schedule"] == {"every_minutes": None, "at_hour": None}
    told = caller.post(f"{place}/schedule", {"every_minutes": 60}, key="S1")
    assert (told.status, told.json["schedule"]) == (200, {"every_minutes": 60, "at_hour": None})
    told = caller.post(f"{place}/schedule", {"at_hour": 3}, key="S2")
    assert told.json["schedule"] == {"every_minutes": None, "at_hour": 3}
    late = caller.post(f"{place}/schedule", {"every_minutes": 60}, key="S1")
    assert late.headers["Idempotent-Replayed"] == "true" and late.json["schedule"]["at_hour"] == 3
    for wrong in ({"every_minutes": 7}, {"at_hour": 24}, {"every_minutes": 60, "at_hour": 3}):
        assert caller.post(f"{place}/schedule", wrong, key="S3").status == 422
    assert caller.get(place).json["schedule"]["at_hour"] == 3
