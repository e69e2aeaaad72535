"""When, which, whether: no database, no clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from huoshui.intake.pickup import addresses, cursors, rules
from huoshui.intake.pickup.faults import Fault
from huoshui.intake.pickup.types import Files

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # noon in Shanghai


def test_a_day_s_time_is_the_brand_s() -> None:
    def due(at: time, now: datetime = NOON, zone: ZoneInfo = SHANGHAI) -> datetime:
        return rules.next_look(now, every_minutes=None, daily_at=at, zone=zone).astimezone(UTC)

    assert due(time(12, 30)) == NOON + timedelta(minutes=30)
    assert due(time(12, 0)) == NOON + timedelta(days=1)
    night = datetime(2026, 3, 28, 12, tzinfo=UTC)  # Berlin goes to summer time the next night
    assert due(time(6, 0), night, BERLIN) == datetime(2026, 3, 29, 4, 0, tzinfo=UTC)


def test_failures_are_met_with_patience() -> None:
    waits = [rules.retry(NOON, failures=n, code="unreachable") - NOON for n in range(1, 10)]
    assert [w.total_seconds() / 60 for w in waits] == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert rules.retry(NOON, failures=1, code="wrong_password") - NOON == timedelta(
        hours=1
    )  # may lock an account


@pytest.mark.parametrize(
    ("pattern", "path", "is_it"),
    [
        ("*.csv", "一日.CSV", True),
        ("*.csv", "下/一日.csv", False),
        ("**/*.csv", "下/再下/一日.csv", True),
        ("**/*.csv", "一日.csv", True),
        ("日报/*/a?.csv", "日报/店/a1.csv", True),
        ("日报/*/a?.csv", "日报/店/a12.csv", False),
        ("a+(b).csv", "a+(b).csv", True),
        ("[a].csv", "a.csv", False),
    ],
)
def test_patterns(pattern: str, path: str, is_it: bool) -> None:
    assert (rules.matcher([pattern]).fullmatch(path) is not None) is is_it
    if is_it and "/" in path:
        assert rules.may_lead(path.split("/")[0], [pattern])
        assert rules.depth([pattern]) >= path.count("/")


def test_days_look_back() -> None:
    assert rules.globs(Files("{YYYY}-{MM}/{DD}.csv", look_back=2), date(2026, 3, 1)) == (
        "2026-03/01.csv",
        "2026-02/28.csv",
        "2026-02/27.csv",
    )
    assert rules.globs(Files("a.csv"), date(2026, 3, 1)) == ("a.csv",)


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "a\\b", "a\x00b", "a\nb", "a\x1b[2J", "\udcff.csv", "长" * 100]
)
def test_names_that_are_none_of_ours(name: str) -> None:
    assert not rules.is_fit_name(name)
    assert rules.shown(name).isprintable()


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "..\\..\\x.exe", "a\x00b.csv", "长" * 300 + ".xlsx", "", "…"]
)
def test_a_copy_has_a_name_of_our_own(name: str) -> None:
    ours = rules.local_name(name)
    assert "/" not in ours and "\\" not in ours and ours.isprintable() and 4 < len(ours.encode()) < 250


@pytest.mark.parametrize(
    "text",
    [
        "delete from t",
        "select 1; drop table t",
        "select 1) q; drop table t",
        "select 1) q union select password from (select 2",
        "select 'a\\') from t",
        "select /*! 1) */ 1",
        "select (1",
        "selectx",
        "",
    ],
)
def test_what_is_not_one_select(text: str) -> None:
    assert rules.query_trouble(text)


@pytest.mark.parametrize(
    "text",
    [
        "select 1",
        "  SELECT a FROM t;  ",
        "with x as (select ')' as b) select * from x -- the end (",
        'select "a)" from t',
    ],
)
def test_what_is_one_select(text: str) -> None:
    assert rules.query_trouble(text) == ""


@pytest.mark.parametrize(
    ("address", "is_it"),
    [
        ("169.254.169.254", True),
        ("169.254.0.23", True),
        ("::ffff:169.254.169.254", True),
        ("fe80::1%eth0", True),
        ("fd00:ec2::254", True),
        ("100.100.100.200", True),
        ("0.0.0.0", True),
        ("2002:a9fe:a9fe::1", True),
        ("10.0.0.5", False),
        ("192.168.1.20", False),
        ("127.0.0.1", False),
        ("100.100.100.201", False),
    ],
)
def test_the_inside_of_a_cloud_is_out_of_bounds(address: str, is_it: bool) -> None:
    assert addresses.is_forbidden(address) is is_it
    if is_it:
        with pytest.raises(Fault) as refused:
            addresses.resolved(address, 80)
        assert refused.value.code in ("forbidden_address", "unknown_host")


def test_a_cursor_is_kept_with_its_type() -> None:
    for value in (
        7,
        datetime(2026, 3, 1, 10),
        datetime(2026, 3, 1, 10, tzinfo=UTC),
        date(2026, 3, 1),
        "2026-03-01 10:00:00.5",
    ):
        assert cursors.told(cursors.kept(value)) == value
    for other in (None, True, "abc", b"x", "20260301"):
        with pytest.raises(Fault):
            cursors.kept(other)


def test_a_reading_begins_before_the_cursor() -> None:
    assert cursors.beginning(cursors.kept(100), 30) == 70
    assert cursors.beginning(cursors.kept(datetime(2026, 3, 1)), 60) == datetime(2026, 2, 28, 23)
    assert cursors.beginning(cursors.kept(date(2026, 3, 2)), 61) == date(2026, 3, 1)
    assert cursors.beginning(cursors.kept("2026-03-01T10:00:00.5"), 60) == "2026-03-01T09:00:00"


def test_a_date_in_the_future_does_not_hide_what_comes_until_then() -> None:
    ahead = datetime(2099, 1, 1)
    assert cursors.furthest(ahead, NOON, SHANGHAI) == datetime(2026, 3, 2, 12)
    assert cursors.furthest(date(2099, 1, 1), NOON, SHANGHAI) == date(2026, 3, 2)
    assert cursors.furthest("2099-01-01 00:00:00", NOON, SHANGHAI) == "2026-03-02 12:00:00"
    assert cursors.furthest(datetime(2026, 1, 1), NOON, SHANGHAI) == datetime(2026, 1, 1)
