"""Clock, money, phone numbers, actors, the audit log and deferred jobs."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from huoshui.core import audit, clock, jobs, money, phone, sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.errors import NotFound, Refused


class TestClock:
    def test_the_business_day_is_the_brands_own(self, settings: Settings) -> None:
        late = datetime(2026, 3, 10, 16, 30, tzinfo=UTC)
        assert clock.business_day(late) == date(2026, 3, 11)
        settings.HUOSHUI_ZONE = "UTC"
        assert clock.business_day(late) == date(2026, 3, 10)

    def test_a_wall_clock_time_becomes_an_instant(self) -> None:
        assert clock.from_local(datetime(2026, 3, 11, 0, 30)) == datetime(2026, 3, 10, 16, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minor", "text"),
    [(0, "0.00"), (5, "0.05"), (1230, "12.30"), (-7, "-0.07"), (10**15, "10000000000000.00")],
)
def test_money_is_shown_in_full(minor: int, text: str) -> None:
    assert money.plain(minor) == text
    assert money.to_major(minor) == Decimal(text)


class TestPhone:
    @pytest.mark.parametrize(
        "text",
        ["13912345678", "139 1234 5678", "+86 139-1234-5678", "0086 13912345678", "１３９１２３４５６７８"],
    )
    def test_one_number_however_written(self, text: str) -> None:
        assert phone.normalise(text) == "+8613912345678"

    @pytest.mark.parametrize("text", ["", "139****5678", "1391234567", "1.39E+10", "微信", "12345"])
    def test_what_is_no_number_is_refused(self, text: str) -> None:
        with pytest.raises(phone.NotAPhone):
            phone.normalise(text)

    def test_a_mask_shows_the_tail_only(self) -> None:
        assert (phone.mask("5678"), phone.mask("")) == ("*******5678", "")


def test_an_error_says_its_docstring_unless_told_otherwise() -> None:
    assert str(NotFound()) == "找不到，或者您没有查看的权限。"
    assert str(Refused("请先选择文件。")) == "请先选择文件。"


@pytest.mark.parametrize(
    ("actor", "whole_brand", "contacts"),
    [
        (SYSTEM, True, True),
        (Actor("staff", 1, "老板", frozenset({"boss"})), True, True),
        (Actor("staff", 2, "运营", frozenset({"operator"})), True, False),
        (Actor("staff", 3, "导购", frozenset({"guide"}), frozenset({7})), False, False),
        (Actor("staff", 4, "没有岗位"), False, False),
        (Actor("source", 5, "收银机"), False, False),
    ],
)
def test_what_an_actor_may_see(actor: Actor, whole_brand: bool, contacts: bool) -> None:
    assert (actor.sees_whole_brand, actor.may_see_contacts) == (whole_brand, contacts)


@pytest.mark.django_db
def test_an_audit_entry_names_actor_action_and_object() -> None:
    audit.record(SYSTEM, "person.merged", "person", 7, reason="同一个人", at=date(2026, 3, 10))
    entries = sql.Statement(
        "entries", "select actor, action, object_kind, object_id, detail from audit_entry"
    )
    *who_did_what, detail = sql.fetch_one(entries)
    assert who_did_what == ["system:0", "person.merged", "person", 7]
    assert json.loads(detail) == {"reason": "同一个人", "at": "2026-03-10"}


@app.task(name="core.tests.noted")
def note(word: str) -> None:
    raise AssertionError("only deferred, never run")


@pytest.mark.django_db
class TestJobs:
    def test_a_job_is_there_exactly_when_its_transaction_is(self) -> None:
        with pytest.raises(Refused), transaction.atomic():
            jobs.defer(note, word="lost")
            raise Refused
        assert jobs.defer(note, word="kept")
        waiting = ProcrastinateJob.objects.filter(task_name="core.tests.noted")
        assert [job.args for job in waiting] == [{"word": "kept"}]

    def test_a_taken_lock_leaves_the_transaction_alive(self) -> None:
        assert jobs.defer(note, queueing_lock="one note", word="first")
        assert not jobs.defer(note, queueing_lock="one note", word="second")
        assert jobs.defer(note, queueing_lock="another note", word="third")
        assert ProcrastinateJob.objects.filter(task_name="core.tests.noted").count() == 2
