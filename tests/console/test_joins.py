"""合并与撤销: what is told beforehand, that it takes a reason, what becomes of it, and that a second time changes nothing."""

from __future__ import annotations

import pytest
from django.conf import settings

from huoshui.core import sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.people import api as people
from huoshui.people.api import joins
from huoshui.people.card import actions as cards
from huoshui.people.identity import taking_back
from huoshui.people.identity.tests.meeting import canonical, meet, new
from tests.console.desk import Desk

pytestmark = pytest.mark.django_db

BOSS = Actor("staff", 1, "老板", frozenset({"boss"}))
GUIDE = Actor("staff", 3, "导购", frozenset({"guide"}), frozenset({-1}))
_AUDIT = sql.Statement(
    "audit",
    "select action, actor, detail->>'reason' as reason from audit_entry"
    " where action in ('person.merged', 'person.unmerged', 'links.taken_back') order by id",
)
_LINK = sql.Statement("link", "select id from link where unlinked_at is null order by id")
_BESIDE = sql.Statement(
    "beside",
    "insert into link (person_a, person_b, rule, actor, reason)"
    " values (%(a)s, %(b)s, 'by_hand', 'staff:2', '本人说的')",
)
_UNDOINGS = sql.Statement("undoings", "select id, state, done, reason from link_undoing order by id")


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(monkeypatch, BOSS)


def audit() -> list[tuple[str, str, str]]:
    return [tuple(r) for r in sql.fetch(_AUDIT)]


def two_by_phone() -> tuple[int, int, int]:
    """Mother and daughter with cards of their own under one phone, and the link between them."""
    phone = ("phone", "13911110001")
    one, other = (
        meet(new(), phone, traits=(("name", "王芳"),)),
        meet(new(), phone, traits=(("name", "李雷"),)),
    )
    people.refresh_cards()
    (link,) = sql.fetch(_LINK)
    return one, other, link.id


def test_one_link_is_told_of_taken_back_for_a_reason_and_once(desk: Desk) -> None:
    one, other, link = two_by_phone()
    at = f"/joins/link/{link}/"
    assert at in desk.client.get(f"/people/{one}/").content.decode()
    before = desk.client.get(at).content.decode()
    for words in ("<b>1</b> 位顾客会分成", "王芳", "李雷", "手机号 ••••", "没用的券"):
        assert words in before.replace("\n", "")
    assert "13911110001" not in before
    bare = desk.client.post(at, {"reason": " "})
    assert bare.status_code == 422 and "请写明为什么要撤销合并" in bare.content.decode()
    assert canonical(other) == [one] and audit() == []
    assert desk.client.post(at, {"reason": "母女俩"}).status_code == 302
    assert canonical(one, other) == [one, other]
    assert audit() == [("person.unmerged", str(BOSS), "母女俩")]
    after = desk.client.get(at).content.decode()
    assert "母女俩" in after and "现在是两位顾客" in after and "重新合并" in after
    assert desk.client.post(at, {"reason": "再来一次"}).status_code == 404
    assert canonical(one, other) == [one, other] and len(audit()) == 1, "a second time changes nothing"
    assert "母女俩" in desk.client.get("/joins/").content.decode()


def test_a_link_beside_another_parts_nobody_and_says_so(desk: Desk) -> None:
    one, other, link = two_by_phone()
    sql.run(_BESIDE, a=one, b=other)
    assert "没有人会分开" in desk.client.get(f"/joins/link/{link}/").content.decode()
    desk.client.post(f"/joins/link/{link}/", {"reason": "试试"})
    assert canonical(other) == [one]
    assert "两边还由别的依据连在一起" in desk.client.get(f"/joins/link/{link}/").content.decode()


def test_a_hands_links_go_all_at_once_by_the_worker_and_once(desk: Desk) -> None:
    pairs = [(meet(new()), meet(new())) for _ in range(3)]
    for one, other in pairs:
        people.merge(person_a=one, person_b=other, reason="自动合并", actor=SYSTEM)
    kept = people.merge(person_a=pairs[0][0], person_b=pairs[1][0], reason="本人说的", actor=BOSS)
    people.refresh_cards()
    at = "/joins/hand/system:0/"
    listed = desk.client.get("/joins/").content.decode()
    assert "自动比对合并的" in listed and at in listed
    assert '<b>2</b> 位顾客会分成 <b class="bad">5</b>' in desk.client.get(at).content.decode()
    assert desk.client.post(at, {"reason": "阈值太低"}).status_code == 302
    assert canonical(pairs[2][1]) == [pairs[2][0]], "the worker does it"
    assert "正在撤销" in desk.client.get(at).content.decode()
    again = desk.client.post(at, {"reason": "再点一次"})
    assert again.status_code == 422 and "请等它做完" in again.content.decode()
    (undoing,) = sql.fetch(_UNDOINGS)
    assert taking_back.carry_out(undoing.id) == 3
    assert [canonical(a, b) for a, b in pairs] == [
        [pairs[0][0], pairs[0][1]],
        [pairs[0][0], pairs[1][1]],
        [pairs[2][0], pairs[2][1]],
    ], "what the boss said himself stays"
    assert [r[0] for r in audit()].count("person.unmerged") == 3
    assert ("links.taken_back", str(BOSS), "阈值太低") in audit()
    assert taking_back.carry_out(undoing.id) == 0
    after = desk.client.get(at).content.decode()
    assert "撤销了 <b>3</b> 次合并，多出 <b>3</b> 位顾客" in after and "撤销合并</button>" not in after
    assert desk.client.post(at, {"reason": "又来"}).status_code == 404
    (row,) = sql.fetch(_UNDOINGS)
    assert tuple(row)[1:] == ("done", 3, "") and joins.evidence(BOSS, kept) is not None


def test_a_lot_may_be_killed_and_what_came_later_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = [(meet(new()), meet(new())) for _ in range(4)]
    for one, other in pairs[:3]:
        people.merge(person_a=one, person_b=other, reason="一样", actor=SYSTEM)
    number = joins.take_back(BOSS, joins.Way("hand", "system:0"), reason="错了")
    people.merge(person_a=pairs[3][0], person_b=pairs[3][1], reason="后来的", actor=SYSTEM)
    monkeypatch.setattr(taking_back, "_AT_ONCE", 1)
    assert number is not None and taking_back._some(number) == 1
    assert taking_back.carry_out(number) == 2
    assert [canonical(b)[0] == b for _, b in pairs] == [True, True, True, False]


def test_an_imports_links_go_and_its_data_stays(desk: Desk) -> None:
    one, other, link = two_by_phone()
    sql.run(
        sql.Statement(
            "of_run",
            "update fact f set run_id = 77 from link l join settlement s on s.fact_id = l.fact_id"
            " where f.id = l.fact_id and f.occurred_at = s.occurred_at",
        )
    )
    assert "没有把谁连起来" in desk.client.get("/joins/run/76/").content.decode()
    assert "<b>1</b> 位顾客会分成" in desk.client.get("/joins/run/77/").content.decode()
    desk.client.post("/joins/run/77/", {"reason": "文件里手机号填串了"})
    (undoing,) = sql.fetch(_UNDOINGS)
    taking_back.carry_out(undoing.id)
    assert canonical(one, other) == [one, other]
    names = [a.value for p in (one, other) for a in people.attributes_for(SYSTEM, p) if a.name == "name"]
    assert names == ["王芳", "李雷"], "what it told of them stays"
    assert joins.evidence(BOSS, link) is None


def test_a_rule_is_tried_without_it_and_a_second_draft_is_not_made(desk: Desk) -> None:
    one, other, _ = two_by_phone()
    assert "同一个手机号" in desk.client.get("/joins/").content.decode()
    tried = desk.client.post("/joins/rules/phone/")
    assert tried.status_code == 302 and "/identity-rules/" in tried["Location"]
    drafted = people.identity_rules.draft(BOSS)
    assert drafted is not None and not drafted.rules.kinds["phone"].is_strong
    assert canonical(other) == [one], "only tried"
    refused = desk.client.post("/joins/rules/phone/")
    assert refused.status_code == 422 and "还有一份没有生效的草稿" in refused.content.decode()
    assert desk.client.post("/joins/rules/nothing/").status_code == 404
    waiting = people.identity_rules.latest(BOSS, is_live=False)
    assert waiting is not None
    people.identity_rules.carry_out(waiting.id)
    page = desk.client.get("/identity-rules/").content.decode()
    assert "王芳" in page and "李雷" in page and "手机号 ••••" in page


def test_two_are_joined_by_hand_and_parted_again(desk: Desk) -> None:
    card = new()
    one, other = meet(new(), traits=(("name", "王芳"),)), meet(card, traits=(("name", "小芳"),))
    cards.rewrite([one, other])
    found = desk.client.get(f"/joins/pair/?one={one}&text={card[1]}").content.decode()
    assert f"one={one}&amp;other={other}" in found and "小芳" in found
    side = desk.client.get(f"/joins/pair/?one={one}&other={other}").content.decode()
    assert "王芳" in side and "小芳" in side and "是同一人，合并" in side
    sent = {"one": one, "other": other, "reason": ""}
    assert desk.client.post("/joins/pair/", sent).status_code == 422 and canonical(other) == [other]
    made = desk.client.post("/joins/pair/", sent | {"reason": "本人说的"})
    assert made.status_code == 302 and canonical(other) == [one]
    assert desk.client.post("/joins/pair/", sent | {"reason": "本人说的"}).status_code == 422
    assert desk.client.post(made["Location"], {"reason": "看错了"}).status_code == 302
    assert canonical(one, other) == [one, other]
    again = desk.client.get(made["Location"]).content.decode()
    assert f"one={one}&amp;other={other}" in again


def test_who_does_not_answer_for_it_sees_no_door(desk: Desk) -> None:
    one, other, link = two_by_phone()
    desk.actor = GUIDE
    for path in ("/joins/", f"/joins/link/{link}/", "/joins/hand/system:0/", f"/joins/pair/?one={one}"):
        assert desk.client.get(path).status_code == 404
    for path in (f"/joins/link/{link}/", "/joins/rules/phone/"):
        assert desk.client.post(path, {"reason": "x"}).status_code == 404
    assert desk.client.post("/joins/pair/", {"one": one, "other": other, "reason": "x"}).status_code == 404
    assert canonical(other) == [one]


@pytest.mark.parametrize("path", ["link/0", "link/x", "link/99999999999999999999", "nothing/1", "run/x"])
def test_what_is_no_way_is_not_found(desk: Desk, path: str) -> None:
    assert desk.client.get(f"/joins/{path}/").status_code == 404


def test_english_says_it_in_english(desk: Desk) -> None:
    *_, link = two_by_phone()
    desk.client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    page = desk.client.get(f"/joins/link/{link}/").content.decode()
    assert "Why undo it" in page and "Unused coupons" in page
