"""A run from what facts told to what waits for review, and what people decide. Few people: the house's own model."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from huoshui.core import sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.core.subscribers import Erased, registry
from huoshui.core.tests.ground import statements
from huoshui.people import api as people
from huoshui.people.identity.tests.meeting import canonical, links, meet, new
from huoshui.people.matching import rules
from huoshui.people.matching.types import Proposal

pytestmark = pytest.mark.django_db

OPERATOR = Actor("staff", 3, "运营", frozenset({"operator"}))
GUIDE = Actor("staff", 4, "导购", frozenset({"guide"}), frozenset({7}))
WHERE = ("地址", "上海市浦东新区祖冲之路88号3号楼501室")
SAID = (("name", "张晓明"), ("birthday", "1990-01-02"), ("phone_hint", "138****1234"), WHERE)
AGAIN = (
    ("name", "張曉明"),
    ("birthday", "1990年1月2日"),
    ("phone_hint", "138****1234"),
    ("地址", "浦东新区祖冲之路88号3栋501"),
)

_CARDS = sql.Statement(
    "cards",
    "insert into person_card (person_id, dealer_id, home_org_unit_id)"
    " select *, 7 from unnest(%(person_ids)s::bigint[], %(dealer_ids)s::int[])"
    " on conflict (person_id) do update set dealer_id = excluded.dealer_id",
)


def twice(**more: tuple[tuple[str, str], ...]) -> tuple[int, int]:
    """One human with two cards, told of in two ways; and somebody else."""
    meet(new(), traits=(("name", "李四方"),))
    return meet(new(), traits=more.get("one", SAID)), meet(new(), traits=more.get("other", AGAIN))


def proposals() -> list[Proposal]:
    people.matching.run(actor=SYSTEM)
    return people.matching_reads.queue(OPERATOR)


def decide(proposal: Proposal, answer: str, *, actor: Actor = OPERATOR, reason: str = "") -> int | None:
    with transaction.atomic():
        return people.matching.decide(proposal.id, answer, actor=actor, reason=reason)


def test_who_is_one_waits_with_reasons_and_masked_values() -> None:
    one, other = twice()
    (found,) = proposals()
    assert (found.person_a, found.person_b) == (one, other) and found.probability > 0.99
    assert {s.name: s.level for s in found.steps} == {
        "surname": "same", "given": "same", "birthday": "same", "phone": "same", "street": "same", "numbers": "same",
        "area": "same", "email": "", "stores": "",
    }  # fmt: skip
    assert people.matching_reads.words(found.steps[0]) == ("姓", "姓相同")
    left, right = people.matching_reads.sides(OPERATOR, found)
    assert left.values["phone"] == "138****1234" and right.values["name"] == "張曉明"
    assert canonical(one, other) == [one, other], "nothing is joined by itself"
    kept = sql.fetch_one(sql.Statement("steps", "select steps::text as steps from match_proposal")).steps
    assert all(word not in kept for word in ("张", "138", "1990", "祖冲之")), (
        "reasons keep no value of anybody"
    )


def test_of_a_dealers_customer_head_office_reads_neither_name_nor_contacts_until_she_agrees(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = twice()
    (found,) = proposals()
    sql.run(_CARDS, person_ids=[one, other], dealer_ids=[70, None])
    monkeypatch.setattr(registry, "hear_dealers", lambda actor, dealers: dict.fromkeys(dealers, True))
    settings.HUOSHUI_DEALERS_OWN_CUSTOMERS = True
    hers, open_one = people.matching_reads.sides(OPERATOR, found)
    told = f"{hers.title} {hers.values}"
    assert all(word not in told for word in ("晓明", "138", "1234", "祖冲之")) and hers.title == "张**"
    assert hers.hidden == {"name", "phone", "address"} and hers.values["birthday"] == "1990-01-02"
    assert open_one.values["phone"] == "138****1234" and not open_one.hidden, (
        "head office's own stays legible"
    )
    people.say_consent(one, [people.Said("head_office", "", True, "self", "v2", "")], actor=SYSTEM)
    assert people.matching_reads.sides(OPERATOR, found)[0].values["phone"] == "138****1234"
    people.say_consent(one, [people.Said("head_office", "", False, "self", "", "")], actor=SYSTEM)
    settings.HUOSHUI_DEALERS_OWN_CUSTOMERS = False
    assert people.matching_reads.sides(OPERATOR, found)[0].values["phone"] == "••••", (
        "her no holds everywhere"
    )


def test_same_makes_them_one_with_evidence_and_may_be_taken_back() -> None:
    one, other = twice()
    (found,) = proposals()
    link_id = decide(found, "same", reason="电话里核实过")
    assert canonical(other) == [one]
    (step,) = people.why(one, other)
    assert step.link_id == link_id and "生日相同" in step.sentence and "电话里核实过" in step.sentence
    with pytest.raises(Refused):
        decide(found, "different")
    assert proposals() == []
    assert link_id is not None
    with transaction.atomic():
        people.unmerge(link_id=link_id, reason="弄错了", actor=OPERATOR)
    assert canonical(other) == [other]
    assert proposals() == [], "whom somebody has parted is not proposed again"


def test_different_is_remembered_also_of_those_who_are_one_with_them() -> None:
    one, other = twice()
    (found,) = proposals()
    decide(found, "different")
    assert proposals() == [] and links() == []
    third = meet(new(), traits=AGAIN)
    with transaction.atomic():
        people.merge(person_a=other, person_b=third, reason="同一张卡", actor=OPERATOR)
    assert [(p.person_a, p.person_b) for p in proposals()] == []
    assert people.matching_reads.held_by_latest_run()["decided"] == 1
    assert one == canonical(one)[0]


def test_later_stays_and_comes_last() -> None:
    twice()
    twice(
        one=(("name", "欧阳娜"), ("birthday", "1980-03-04")),
        other=(("name", "欧阳娜"), ("birthday", "19800304")),
    )
    first, second = proposals()
    decide(first, "later")
    assert [p.id for p in people.matching_reads.queue(OPERATOR)] == [second.id, first.id]
    assert [p.id for p in proposals()] == [second.id, first.id]


@pytest.mark.parametrize(
    "other",
    [
        (("name", "张晓红"), ("birthday", "1990-01-02"), ("phone_hint", "138****1234"), WHERE),  # a twin
        (("name", "张先生"), ("phone_hint", "138****1234"), WHERE),
        (("phone_hint", "138****1234"),),
        (("name", "张晓明"), ("birthday", "1962-11-30")),
    ],
)
def test_who_lives_together_or_only_shares_a_phone_is_not_proposed(
    other: tuple[tuple[str, str], ...],
) -> None:
    twice(other=other)
    assert proposals() == []


def test_two_wechat_accounts_are_two_humans() -> None:
    meet(new("unionid"), traits=SAID)
    meet(new("unionid"), traits=AGAIN)
    assert proposals() == []
    assert people.matching_reads.held_by_latest_run() == {"identifier": 1}


def test_who_does_not_want_to_be_profiled_is_not_compared() -> None:
    one, _ = twice()
    with transaction.atomic():
        people.say_consent(one, [people.Said("profiling", "", False, "self", "", "")], actor=OPERATOR)
    assert proposals() == []


def test_what_is_no_longer_likely_is_withdrawn_and_an_erased_person_is_in_no_pair() -> None:
    one, other = twice()
    (found,) = proposals()
    with transaction.atomic():
        people.merge(person_a=one, person_b=other, reason="同一张卡", actor=OPERATOR)
    assert people.matching.run(actor=SYSTEM).withdrawn == 1
    twice(
        one=(("name", "欧阳娜"), ("birthday", "1980-03-04")),
        other=(("name", "欧阳娜"), ("birthday", "19800304")),
    )
    (found,) = proposals()
    with transaction.atomic():
        from huoshui.people.matching.actions import erase

        assert erase(Erased((found.person_b,))) == {"疑似同一人": 1}
    assert people.matching_reads.queue(OPERATOR) == []


def test_only_who_answers_for_it_may_look_or_decide() -> None:
    one, other = twice()
    (found,) = proposals()
    with pytest.raises(NotFound):
        people.matching_reads.queue(GUIDE)
    with pytest.raises(NotFound):
        decide(found, "same", actor=GUIDE)
    with pytest.raises(NotFound):
        people.matching.run(actor=GUIDE)
    assert canonical(one, other) == [one, other]


_JUDGED = sql.Statement(
    "judged",
    "insert into match_proposal (person_a, person_b, run_id, probability, steps, links_itself, state, proposed_at,"
    " decided_at, decided_by) select -2 * n, 1 - 2 * n, %(run_id)s, 0.9999, '[]', true,"
    " case when n <= %(wrong)s then 'different' else 'same' end, now(), now(), 'staff:3'"
    " from generate_series(1, %(count)s::int) n",
)


def judged(count: int, wrong: int) -> None:
    sql.run(_JUDGED, run_id=people.matching.run(actor=SYSTEM).run_id, count=count, wrong=wrong)


def links_at(at: float | None) -> None:
    with transaction.atomic():
        people.matching.set_links_at(at, actor=OPERATOR)


def test_nothing_links_itself_until_people_have_borne_it_out() -> None:
    one, other = twice()
    proposals()
    with pytest.raises(Refused, match="人工判断过 0 对"):
        links_at(0.99)
    judged(250, wrong=10)
    with pytest.raises(Refused, match=r"96\.0%"):
        links_at(0.99)
    assert people.matching_reads.setting().links_at is None
    sql.run(
        sql.Statement(
            "mend", "update match_proposal set state = 'same' where state = 'different' and person_a < -4"
        )
    )
    links_at(0.99)
    assert people.matching.run(actor=SYSTEM).linked == 1
    assert canonical(other) == [one]
    (step,) = people.why(one, other)
    assert step.actor == str(SYSTEM) and "自动合并" in step.sentence
    before = people.matching_reads.measured(at=0.99)[0]
    with transaction.atomic():
        people.unmerge(link_id=step.link_id, reason="其实是两个人", actor=OPERATOR)
    after = people.matching_reads.measured(at=0.99)[0]
    assert after.judged == before.judged + 1 and after.precision < before.precision, (
        "taken back: it was wrong"
    )
    assert people.matching.run(actor=SYSTEM).linked == 0 and canonical(other) == [other]


def test_a_run_takes_no_more_statements_for_more_people() -> None:
    twice()
    few = statements(lambda: people.matching.run(actor=SYSTEM))
    for n in range(4):
        day = f"198{n}-03-04"
        twice(one=(("name", "欧阳娜"), ("birthday", day)), other=(("name", "歐陽娜"), ("birthday", day)))
    assert statements(lambda: people.matching.run(actor=SYSTEM)) == few


def test_nothing_heavy_is_loaded_where_the_room_is() -> None:
    room = "huoshui.people.matching"
    heavy = {"splink", "pypinyin", "opencc", "pyspark", f"{room}.splinking", f"{room}.sparking"}
    for file in Path(rules.__file__).parent.glob("*.py"):
        if file.name == "sparking.py":  # of splinking, and loaded there
            continue
        loaded = {
            name
            for node in ast.parse(file.read_text(encoding="utf-8")).body
            for name in (
                [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else []
            )
        }
        assert not loaded & heavy, file.name
