"""What a guide is told, and whom she should turn to: properties of the pure rules."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huoshui.trade.service import rules
from huoshui.trade.service.types import AnswerUnknown, Candidate, Note, NothingTapped, Purchase, Task

TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)


def took(sku: int, *days_ago: int) -> list[Purchase]:
    return [Purchase(sku, TODAY - timedelta(days=n), 1000, 1) for n in days_ago]


PURCHASES = st.lists(
    st.builds(
        lambda sku, n: Purchase(sku, TODAY - timedelta(days=n), 1000, 1),
        st.integers(1, 5),
        st.integers(0, 200),
    ),
    max_size=25,
)
CANDIDATES = st.lists(
    st.builds(Candidate, st.integers(1, 60), PURCHASES.map(tuple), st.booleans(), st.booleans()),
    max_size=40,
    unique_by=lambda c: c.person_id,
)


class TestWords:
    @pytest.mark.parametrize(
        "text", ["备孕叶酸", "血糖仪", "大鱼", "僵尸粉", "价格敏感", "减脂餐", "孕妇奶粉"]
    )
    def test_what_a_customer_must_not_read_is_not_shown(self, text: str) -> None:
        assert not rules.may_be_shown(text)

    @given(
        st.lists(st.sampled_from(["坚果", "备孕叶酸", "礼盒", "血糖仪", ""]), min_size=5, max_size=5),
        PURCHASES,
    )
    def test_likes_never_tell_of_health(self, words: list[str], purchases: list[Purchase]) -> None:
        told = rules.likes(purchases, dict(enumerate(words, 1)))
        assert set(told) <= {"坚果", "礼盒"} and len(told) == len(set(told))

    @pytest.mark.parametrize(
        ("name", "told"),
        [("周丽", "周**"), ("欧阳娜娜", "欧阳**"), (" 王 ", "王**"), ("", ""), ("Ann Lee", "A**")],
    )
    def test_only_the_surname_is_called(self, name: str, told: str) -> None:
        assert rules.called(name) == told


class TestRhythm:
    def test_three_days_are_a_rhythm_and_two_are_none(self) -> None:
        assert rules.due(took(1, 60, 30)) == []
        (one,) = rules.due(took(1, 90, 60, 30))
        assert (one.every_days, one.times, one.days_left(TODAY)) == (30, 3, 0)

    def test_the_same_day_twice_is_one_day(self) -> None:
        assert rules.due(took(1, 60, 60, 30)) == []

    def test_the_next_is_what_was_due_first_and_may_be_shown(self) -> None:
        both = [*took(1, 92, 62, 32), *took(2, 90, 60, 30)]
        assert rules.next_product(both, [1, 2], today=TODAY).sku_id == 1  # type: ignore[union-attr]
        assert rules.next_product(both, [2], today=TODAY).sku_id == 2  # type: ignore[union-attr]
        assert rules.next_product(took(1, 200, 170, 140), [1], today=TODAY) is None, "over for long"
        assert rules.next_product(took(1, 70, 40, 10), [1], today=TODAY) is None, "not yet"

    @given(PURCHASES)
    def test_of_what_was_never_bought_nothing_is_said(self, purchases: list[Purchase]) -> None:
        bought = {p.sku_id for p in purchases}
        assert {d.sku_id for d in rules.due(purchases)} <= bought
        assert rules.often(purchases, []) is None
        assert rules.often(purchases, bought) in (bought or [None])


class TestTasks:
    def test_care_is_due_after_three_days_and_odd_after_five(self) -> None:
        kinds = {n: rules.task_of(Candidate(1, tuple(took(1, n))), today=TODAY) for n in (1, 2, 3, 5, 6)}
        assert {n: t and t.kind for n, t in kinds.items()} == {
            1: None,
            2: None,
            3: "care",
            5: "care",
            6: None,
        }

    def test_of_whom_nothing_may_be_guessed_there_is_care_alone(self) -> None:
        rhythm = tuple(took(1, 90, 60, 30))
        assert rules.task_of(Candidate(1, rhythm), today=TODAY).kind == "due"  # type: ignore[union-attr]
        assert rules.task_of(Candidate(1, rhythm, is_profiled=False), today=TODAY) is None
        assert rules.task_of(Candidate(1, tuple(took(1, 80)), True, False), today=TODAY) is None
        assert rules.task_of(Candidate(1, tuple(took(1, 80)), True), today=TODAY).kind == "silent"  # type: ignore[union-attr]

    @given(CANDIDATES, st.sets(st.integers(1, 60)), st.sets(st.integers(1, 60)))
    @settings(max_examples=60, deadline=None)
    def test_at_most_ten_and_nobody_who_may_not_be_called(
        self, candidates: list[Candidate], may: set[int], done: set[int]
    ) -> None:
        tasks = [t for c in candidates if (t := rules.task_of(c, today=TODAY))]
        got = rules.chosen(tasks, may=dict.fromkeys(may, True), done=frozenset(done))
        assert len(got) <= rules.MOST_TASKS and len({t.person_id for t in got}) == len(got)
        assert all(t.person_id in may | done for t in got)
        assert got == sorted(got, key=rules.urgency)
        assert len(got) == min(rules.MOST_TASKS, sum(t.person_id in may | done for t in tasks))

    @given(CANDIDATES)
    @settings(max_examples=60, deadline=None)
    def test_what_is_bought_today_changes_no_list(self, candidates: list[Candidate]) -> None:
        later = [c._replace(purchases=(*took(1, 0), *c.purchases)) for c in candidates]
        assert [rules.task_of(c, today=TODAY) for c in later] == [
            rules.task_of(c, today=TODAY) for c in candidates
        ]

    def test_whoever_was_turned_to_stays_in_her_place(self) -> None:
        tasks = [Task(n, "due", n) for n in range(1, 15)]
        may = {n: n != 3 for n in range(1, 15)}
        assert [t.person_id for t in rules.chosen(tasks, may=may, done=frozenset({3}))] == list(range(1, 11))
        assert 3 not in {t.person_id for t in rules.chosen(tasks, may=may, done=frozenset())}

    def test_a_rush_ends_at_its_minute(self) -> None:
        hours = [(690, 810)]
        at = datetime(2026, 11, 20, 11, 29)
        told = [rules.is_rush(at + timedelta(minutes=n), hours) for n in (0, 1, 120, 121)]
        assert told == [False, True, True, False]


class TestNotes:
    def test_what_is_empty_or_unknown_is_refused(self) -> None:
        with pytest.raises(NothingTapped):
            rules.checked(Note("k", 1, "", "", "", NOW), [])
        for whom, looked, took in (("boss", "", ""), ("self", "备孕", ""), ("self", "", "never")):
            with pytest.raises(AnswerUnknown):
                rules.checked(Note("k", 1, whom, looked, took, NOW), ["坚果"])

    def test_what_she_took_along_is_no_tag(self) -> None:
        told = rules.said_of(Note("k", 1, "gift", "礼盒", "yes", NOW))
        assert [(q.key, value) for q, value in told] == [("note_whom", "送礼"), ("note_looked", "礼盒")]

    @pytest.mark.parametrize(
        "text", ["", "x", "2026-11-20T03:00:00", "2020-01-01T00:00:00Z", "2027-01-01T00:00:00Z"]
    )
    def test_a_clock_that_is_far_out_is_not_believed(self, text: str) -> None:
        assert rules.told_at(text, NOW) == NOW

    def test_when_she_tapped_counts(self) -> None:
        at = NOW - timedelta(hours=3)
        assert rules.told_at(at.isoformat(), NOW) == at
