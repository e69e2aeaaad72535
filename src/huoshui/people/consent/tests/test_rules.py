"""What was said and what follows from it, without a database."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from huoshui.people.consent import rules
from huoshui.people.consent.rules import Standing, decide
from huoshui.people.consent.types import ConsentNotSeparate, ConsentUnread, Decision, SendRule, Stand

ZONE = "Asia/Shanghai"
NOON = datetime(2026, 3, 10, 4, tzinfo=UTC)
LATER = datetime(2026, 3, 11, 4, tzinfo=UTC)


def stand(purpose: str, channel: str, is_given: bool, person_id: int = 1, at: datetime = NOON) -> Stand:
    return Stand(person_id, purpose, channel, is_given, "self", at)


def asked(*stands: Stand, at: datetime = NOON, **more: object) -> Decision:
    standing = Standing(**{"stands": stands, "kinds": frozenset({"phone"}), **more})  # type: ignore[arg-type]  # a test's own values
    return decide(
        standing,
        channel="sms",
        purpose="marketing",
        at=at,
        rules=rules.rules_for("marketing", "sms"),
        zone=ZONE,
    )


def test_nothing_said_is_no_consent() -> None:
    assert asked().code == "never"


@pytest.mark.parametrize("channel", ["", "sms"])
def test_a_yes_to_all_or_to_the_channel_will_do(channel: str) -> None:
    assert asked(stand("marketing", channel, True)) == Decision(True)


def test_a_no_to_the_channel_outlives_a_later_yes_to_all() -> None:
    said = stand("marketing", "sms", False), stand("marketing", "", True, at=LATER)
    assert asked(*said).code == "withdrawn"


def test_a_no_to_all_ends_what_was_allowed_before_and_not_what_is_allowed_after() -> None:
    assert asked(stand("marketing", "sms", True), stand("marketing", "", False, at=LATER)).code == "withdrawn"
    assert asked(stand("marketing", "", False), stand("marketing", "sms", True, at=LATER)).may


def test_of_a_cluster_the_strictest_wins_whoever_spoke_last() -> None:
    yes, no = stand("marketing", "sms", True, 1, LATER), stand("marketing", "sms", False, 2, NOON)
    assert asked(yes).may
    assert asked(yes, no).code == "withdrawn"
    assert asked(stand("marketing", "", False, 2), yes).code == "withdrawn"


def test_what_stands_in_the_way_comes_in_order() -> None:
    yes = stand("marketing", "", True)
    assert asked(yes, is_erased=True).code == "erased"
    assert asked(yes, is_known=False).code == "unknown"
    assert asked(yes, stand("processing", "", False)).code == "restricted"
    assert asked(yes, birthdays=["2015-01-01"]).code == "minor"
    assert asked(yes, kinds=frozenset({"email"})).code == "no_contact"


def test_a_child_of_fourteen_is_none_and_a_guardian_may_allow() -> None:
    yes = stand("marketing", "", True)
    assert asked(yes, birthdays=["2012-03-10"]).may, "fourteen today"
    assert asked(yes, birthdays=["2012-03-11"]).code == "minor"
    guardian = Stand(1, "minor", "", True, "guardian", NOON)
    assert asked(yes, guardian, birthdays=["2015-01-01"]).may
    assert asked(yes, guardian, stand("minor", "", False, 2), birthdays=["2015-01-01"]).code == "minor"


@pytest.mark.parametrize(
    "written", ["2015-03-11", " 2015/3/11", "2015年3月11日", "20150311", "2015.3.11", "2015-03-11 00:00:00"]
)
def test_a_birthday_is_read_as_shops_write_it_and_ends_by_the_day(written: str) -> None:
    eve = date(2029, 3, 10)
    assert rules.is_minor([written], eve) and not rules.is_minor([written], eve + timedelta(days=1))
    assert written.strip()[:4] in rules.years_of_minors(eve)
    assert written.strip()[:4] not in rules.years_of_minors(date(2030, 1, 1))


@pytest.mark.parametrize(
    ("written", "last"),
    [
        ("2013", date(2013, 12, 31)),
        ("2013年", date(2013, 12, 31)),
        ("2013-02", date(2013, 2, 28)),
        ("2013年2月", date(2013, 2, 28)),
        ("03/11/2013", date(2013, 12, 31)),
        ("13-03-11", date(2013, 3, 11)),
        ("41344", date(2013, 3, 11)),
        ("２０１３－０３－１１", date(2013, 3, 11)),
    ],
)
def test_of_half_a_birthday_the_youngest_that_it_can_be(written: str, last: date) -> None:
    grown = last.replace(year=last.year + 14)
    assert rules.is_minor([written], grown - timedelta(days=1)) and not rules.is_minor([written], grown)


@pytest.mark.parametrize(
    "written", ["", "03-11", "2999-01-01", "2015-13-40", "201503111", "Mai", "62-03-11", "2013-17", "0000"]
)
def test_what_is_no_birthday_makes_nobody_a_child(written: str) -> None:
    assert not rules.is_minor([written], date(2026, 3, 10))


def test_who_has_grown_lately() -> None:
    day = date(2026, 3, 10)
    born = {n: f"2012-03-{n:02d}" for n in (6, 7, 8, 10, 11)}
    assert [n for n, told in born.items() if rules.has_grown(told, day, within=3)] == [8, 10]
    assert rules.has_grown("2012-02-29", date(2026, 3, 1), within=1), "born on a day that is not every year"


def test_the_strictest_of_the_ways_to_be_left_alone_holds() -> None:
    def may(*stands: Stand, birthdays: tuple[str, ...] = ()) -> bool:
        return rules.may_profile(stands, birthdays, NOON.date())

    guardian = Stand(1, "minor", "", True, "guardian", NOON)
    child = ("2015-01-01",)
    assert may() and may(birthdays=("1990-01-01",)) and not may(birthdays=child)
    assert may(guardian, birthdays=child)
    assert not may(stand("minor", "", True), birthdays=child), "nobody is her own guardian"
    assert not may(guardian, stand("minor", "", False, 2), birthdays=child)
    assert not may(guardian, stand("profiling", "", False), birthdays=child)


@pytest.mark.parametrize(
    ("at", "until"),
    [
        (datetime(2026, 3, 10, 13, 0, tzinfo=UTC), datetime(2026, 3, 11, 1, tzinfo=UTC)),  # 21:00
        (
            datetime(2026, 3, 10, 16, 30, tzinfo=UTC),
            datetime(2026, 3, 11, 1, tzinfo=UTC),
        ),  # half past midnight
        (datetime(2026, 3, 10, 0, 59, tzinfo=UTC), datetime(2026, 3, 10, 1, tzinfo=UTC)),  # 08:59
        (datetime(2026, 3, 10, 1, 0, tzinfo=UTC), None),
        (datetime(2026, 3, 10, 12, 59, tzinfo=UTC), None),
    ],
)
def test_quiet_hours_over_night(at: datetime, until: datetime | None) -> None:
    answer = asked(stand("marketing", "", True), at=at)
    assert (answer.code, answer.until) == (("quiet", until) if until else ("", None))


def test_quiet_hours_that_end_in_others_last_until_both_have_ended() -> None:
    both = (
        SendRule("marketing", "", time(21), time(9)),
        SendRule("marketing", "sms", time(8, 30), time(10)),
    )
    assert rules.quiet_until(datetime(2026, 3, 10, 16, tzinfo=UTC), both, ZONE) == datetime(
        2026, 3, 11, 2, tzinfo=UTC
    )


def test_what_was_set_takes_the_place_of_the_houses() -> None:
    set_ = SendRule("marketing", "", None, None, 1, 1)
    assert set_ in rules.rules_for("marketing", "sms", [set_])
    assert all(r.quiet_from is None for r in rules.rules_for("marketing", "sms", [set_]))


def test_facts_tell_one_purpose_or_several() -> None:
    one = rules.told("Consent Given", {"properties": {"purpose": "marketing", "channel": "sms"}})
    assert [(s.purpose, s.channel, s.is_given) for s in one] == [("marketing", "sms", True)]
    body = {"consents": [{"purpose": "marketing"}, {"purpose": "profiling"}], "noticeVersion": "v3"}
    many = rules.told("Consent Withdrawn", body)
    assert [(s.purpose, s.is_given, s.notice_version) for s in many] == [
        ("marketing", False, "v3"),
        ("profiling", False, "v3"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"purpose": "fun"},
        {"purpose": "marketing", "channel": "pigeon"},
        {"consents": []},
        {"consents": [1]},
        {"purpose": "minor", "notice_version": "v1"},
    ],
)
def test_what_cannot_be_read_is_said(body: dict[str, object]) -> None:
    with pytest.raises(ConsentUnread):
        rules.told("Consent Given", body)


def test_what_must_be_separate_names_its_notice() -> None:
    with pytest.raises(ConsentNotSeparate):
        rules.told("Consent Given", {"purpose": "head_office"})
    assert rules.told("Consent Withdrawn", {"purpose": "head_office"}), "to withdraw takes nothing"
    assert rules.told("Consent Given", {"purpose": "head_office", "notice_version": "d1"})


def test_a_consent_managers_categories() -> None:
    body = {
        "context": {
            "consent": {"categoryPreferences": {"Advertising": False, "Targeting": True, "Odd": True}}
        }
    }
    said = rules.told(rules.UPDATED, body)
    assert {(s.purpose, s.is_given) for s in said} == {("marketing", False), ("profiling", True)}


def test_lists_say_yes_no_or_nothing() -> None:
    row = {
        "consent_sms": "是",
        "consent_email": "退订",
        "consent_call": "不清楚",
        "consent_head_office": "是",
    }
    said = rules.told_by_list(row)
    assert {(s.channel, s.is_given) for s in said} == {("sms", True), ("email", False)}
    assert all(s.said_at is None for s in said)
    dated = rules.told_by_list({"consent_sms": "是", "consent_at": "2025/03/01"})
    assert dated[0].said_at == datetime(2025, 3, 1, tzinfo=UTC)
