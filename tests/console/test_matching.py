"""The queue of who may be one human: who may look, what is shown masked, and what an answer does."""

from __future__ import annotations

import pytest
from django.conf import settings

from huoshui.core.actor import SYSTEM, Actor
from huoshui.people import api as people
from huoshui.people.identity.tests.meeting import canonical, meet, new
from tests.console.desk import Desk

pytestmark = pytest.mark.django_db

BOSS = Actor("staff", 1, "老板", frozenset({"boss"}))
GUIDE = Actor("staff", 3, "导购", frozenset({"guide"}), frozenset({-1}))


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(monkeypatch, BOSS)


def alike(name: str, again: str) -> tuple[int, int]:
    where = "浦东新区祖冲之路88号3-501"
    one = meet(new(), traits=(("name", name), ("birthday", "1990-01-02"), ("phone_hint", "138****1234")))
    return one, meet(
        new(),
        traits=(
            ("name", again),
            ("birthday", "1990年1月2日"),
            ("phone_hint", "138****1234"),
            ("地址", where),
        ),
    )


def test_a_pair_is_shown_with_its_reasons_and_answered_by_a_key(desk: Desk) -> None:
    assert "还没有比对过" in desk.client.get("/alike/").content.decode()
    one, other = alike("张晓明", "張曉明")
    alike("欧阳娜", "歐陽娜")
    people.matching.run(actor=SYSTEM)
    first, second = people.matching_reads.queue(BOSS)
    page = desk.client.get(f"/alike/?pair={first.id}").content.decode()
    for words in (
        "張曉明" if first.person_a == one else "歐陽娜",
        "138****1234",
        "生日相同",
        "打码的手机号相同",
    ):
        assert words in page
    assert all(f'data-press="{key}"' in page for key in ("1", "2", "3", "j"))
    said = desk.client.post(f"/alike/{first.id}/", {"answer": "same", "after": second.id})
    assert said.status_code == 302 and f"pair={second.id}" in said["Location"]
    assert canonical(first.person_b) == [first.person_a]
    desk.client.post(f"/alike/{second.id}/", {"answer": "different"})
    assert canonical(second.person_b) == [second.person_b]
    assert desk.client.post(f"/alike/{second.id}/", {"answer": "same"}).status_code == 422
    assert canonical(second.person_b) == [second.person_b]
    assert "没有等待核对的" in desk.client.get("/alike/").content.decode()
    assert {one, other} <= {first.person_a, first.person_b, second.person_a, second.person_b}


def test_who_does_not_answer_for_it_sees_no_door(desk: Desk) -> None:
    alike("张晓明", "張曉明")
    people.matching.run(actor=SYSTEM)
    (pair,) = people.matching_reads.queue(BOSS)
    desk.actor = GUIDE
    assert desk.client.get("/alike/").status_code == 404
    assert desk.client.post(f"/alike/{pair.id}/", {"answer": "same"}).status_code == 404
    assert desk.client.post("/alike/compare/").status_code == 404
    assert canonical(pair.person_b) == [pair.person_b]


def test_english_says_it_in_english(desk: Desk) -> None:
    alike("张晓明", "張曉明")
    people.matching.run(actor=SYSTEM)
    desk.client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = desk.client.get("/alike/").content.decode()
    assert "Same birthday" in page and "Possible duplicates" in page
