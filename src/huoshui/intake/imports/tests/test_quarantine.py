"""What was bought or comes from a partner: held, known to nobody, until a second person lets all of it in."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from django.db import connection

from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.approvals.api import SecondPersonNeeded
from huoshui.core.errors import NotFound, Refused
from huoshui.core.tests.ground import number, wait_for_readers
from huoshui.intake.imports import api as imports
from huoshui.intake.imports.quarantine_types import LABELS, provenance_from
from huoshui.intake.imports.runner import folder
from huoshui.intake.imports.tests.shop import SALES, clean_tables, run, shop, sums, write
from huoshui.people import api as people
from huoshui.people.api import Filters

__all__ = ["clean_tables", "shop"]

BOSS = Actor("staff", 1, "老板", frozenset({"boss"}), frozenset({1}))
OPERATOR = Actor("staff", 2, "小运", frozenset({"operator"}))
GUIDE = Actor("staff", 3, "小导", frozenset({"guide"}))
FROM = {
    "relation": "acquired",
    "from_whom": "甲公司",
    "obtained_on": "2026-02-01",
    "contract": "HT-2026-017",
    "legal_basis": "transfer",
    "notice_version": "隐私政策 3.2",
}
BASE = """姓名,手机号,会员卡号
钱多多,13912345678,X1
孙小美,13700000123,C1
周大福,13700000456,X3
周大福,138****1234,X4
"""


def told(at: Path, text: str = BASE, *, source: str = "") -> int:
    """A marked run that has not been started. Sources outlive a test, so each has a name of its own."""
    file = write(at, "base.csv", text)
    run_id = imports.add_run(
        [file], kind="people", source_name=source or f"甲公司会员{number()}", actor=OPERATOR
    )
    imports.mark_quarantine(OPERATOR, run_id, FROM)
    return run_id


def held(at: Path) -> int:
    run_id = told(at)
    imports.execute(run_id, actor=SYSTEM)
    assert state(run_id) == "held"
    return run_id


def state(run_id: int) -> str:
    found = imports.quarantine_of(BOSS, run_id)
    return found.state if found else ""


def everything() -> dict[str, int]:
    """Rows of every table in which something of a run could come to stand."""
    names = ("fact", "fact_identifier", "fact_trait", "source", "person", "identifier", "link", "attribute", "card",
             "consent", "transfer", "sale", "sku", "org_unit")  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("select tablename from pg_tables where schemaname = 'public'")
        there = {name for (name,) in cursor.fetchall()}
        found = {}
        for name in there & set(names):
            cursor.execute(f"select count(*) from {name}")
            found[name] = cursor.fetchone()[0]
    assert {"fact", "person", "identifier", "source", "transfer"} <= found.keys()
    return found


def audited(action: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from audit_entry where action = %s", [action])
        return int(cursor.fetchone()[0])


def test_nothing_of_a_held_base_is_anywhere_and_its_overlap_is_known(shop: Path) -> None:
    run("sales", SALES, shop)
    wait_for_readers()
    people.refresh_cards()
    before, books = everything(), sums()
    run_id = held(shop)
    view, found = imports.run_for(BOSS, run_id), imports.quarantine_of(BOSS, run_id)
    assert (view.quarantine, view.is_dry_run, view.counts["rows"]) == ("held", True, 4)
    assert found is not None and found.from_whom == "甲公司" and found.contract == "HT-2026-017"
    assert (found.counts["told_phone"], found.counts["known_phone"]) == (3, 1)
    assert (found.counts["told_card_no"], found.counts["known_card_no"]) == (4, 1)
    assert found.counts["persons_known"] == 1  # the phone and the card are one customer of ours
    wait_for_readers()
    people.refresh_cards()
    assert everything() == before and sums() == books
    for text in ("钱多多", "孙小美", "0123", "X1"):
        assert people.search(BOSS, text, Filters()).rows == []
    assert people.find("phone", "13700000123") is None
    assert not (folder(run_id) / "work").exists()
    imports.execute(run_id, actor=SYSTEM)  # by whomever: a queued job, a retry
    assert everything() == before and state(run_id) == "held"
    with pytest.raises(imports.Quarantined):
        imports.start(BOSS, run_id)
    with pytest.raises(imports.Quarantined):
        imports.set_mapping(BOSS, run_id, None, "people", "live")


def test_a_second_person_lets_it_in_and_it_says_where_it_is_from(shop: Path) -> None:
    run("sales", SALES, shop)
    run_id = held(shop)
    write(shop, "base.csv", "姓名,手机号\n换过的,13700009999\n")  # what is let in is what was looked at
    with pytest.raises(imports.QuarantineReasonMissing):
        imports.release(OPERATOR, run_id, reason=" ")
    assert imports.release(OPERATOR, run_id, reason="法务看过合同").state == "asked"
    imports.execute(run_id, actor=SYSTEM)
    with pytest.raises(SecondPersonNeeded):
        imports.approve_release(OPERATOR, run_id)
    assert people.find("phone", "13700000456") is None
    imports.decline_release(BOSS, run_id)
    assert state(run_id) == "held"
    imports.release(OPERATOR, run_id, reason="补了告知书")
    assert imports.approve_release(BOSS, run_id).state == "released"
    imports.execute(run_id, actor=SYSTEM)
    done, kept = imports.run_for(BOSS, run_id), imports.quarantine_of(BOSS, run_id)
    assert (done.state, done.is_dry_run, done.counts["new"]) == ("done", False, 4)
    assert people.find("phone", "13700000456") is not None and people.find("phone", "13700009999") is None
    assert kept is not None and (kept.reason, kept.decided_by) == ("补了告知书", "老板")
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from fact r join import_quarantine q on q.run_id = r.run_id where r.run_id = %s",
            [run_id],
        )
        assert cursor.fetchone()[0] == 4
    assert [audited(f"import.{x}") for x in ("quarantined", "held", "released", "release.asked")] == [
        1,
        1,
        1,
        2,
    ]
    imports.execute(run_id, actor=SYSTEM)
    assert imports.run_for(BOSS, run_id).counts["new"] == 4


def test_rejected_it_leaves_its_provenance_and_no_file(shop: Path) -> None:
    run_id = held(shop)
    imports.preview(BOSS, run_id)
    before = everything()
    imports.reject_quarantined(OPERATOR, run_id, reason="没有告知本人")
    assert not folder(run_id).exists() and everything() == before
    found, view = imports.quarantine_of(BOSS, run_id), imports.run_for(BOSS, run_id)
    assert found is not None and (found.state, found.reason, found.from_whom) == (
        "rejected",
        "没有告知本人",
        "甲公司",
    )
    assert found.counts["rows"] == 4 and "已拒绝" in view.message and view.mapping is None
    imports.execute(run_id, actor=SYSTEM)
    with pytest.raises(Refused, match="已被拒绝"):
        imports.start(BOSS, run_id)
    with pytest.raises(imports.NotHeld):
        imports.release(BOSS, run_id, reason="x")
    assert everything() == before


def test_every_later_run_of_its_source_is_held_and_ours_are_not(shop: Path) -> None:
    told(shop, source="戊公司ABC")
    later = run("people", BASE, shop, source_name=" 戊公司 abc")  # nobody marked it
    assert (later.quarantine, people.find("phone", "13700000123")) == ("held", None)
    ours = run("people", "姓名,手机号\n我们的,13700000777\n", shop)
    assert ours.quarantine == "" and people.find("phone", "13700000777") is not None


@pytest.mark.parametrize("name", FROM)
def test_all_of_its_provenance_is_asked_for(name: str) -> None:
    with pytest.raises(imports.ProvenanceIncomplete, match=f"还缺：{LABELS[name]}"):
        provenance_from(FROM | {name: " "}, today=date(2026, 3, 1))


@pytest.mark.parametrize(
    ("said", "why"),
    [({"obtained_on": "2026-03-02"}, "不能晚于今天"), ({"obtained_on": "昨天"}, "2026-03-01"),
     ({"legal_basis": "x"}, "从列表里"), ({"relation": "x"}, "收购来的")],
)  # fmt: skip
def test_wrong_provenance_is_told_how_to_mend(said: dict[str, str], why: str) -> None:
    assert provenance_from(FROM, today=date(2026, 3, 1)).obtained_on == date(2026, 2, 1)
    with pytest.raises(imports.ProvenanceIncomplete, match=why):
        provenance_from(FROM | said, today=date(2026, 3, 1))


def test_a_source_of_our_own_is_not_marked(shop: Path) -> None:
    run("people", BASE, shop, source_name="自家系统")
    for source in ("会员表", "淘宝/天猫店", "自家系统"):
        with pytest.raises(imports.SourceOfOurOwn):
            told(shop, source=source)


def test_what_has_begun_to_come_in_is_not_marked_after_all(shop: Path) -> None:
    done = run("people", BASE, shop, source_name="丙公司")
    with pytest.raises(Refused):
        imports.mark_quarantine(BOSS, done.id, FROM)
    with pytest.raises(Refused):  # its name stands for itself once it is said where it is from
        imports.set_mapping(BOSS, told(shop, source="乙公司"), None, "people", "live", "别的名字")


def test_whoever_may_not_import_may_nothing(shop: Path) -> None:
    run_id = held(shop)
    for act in (
        lambda: imports.quarantine_of(GUIDE, run_id),
        lambda: imports.mark_quarantine(GUIDE, run_id, FROM),
        lambda: imports.release(GUIDE, run_id, reason="x"),
        lambda: imports.approve_release(GUIDE, run_id),
        lambda: imports.decline_release(GUIDE, run_id),
        lambda: imports.reject_quarantined(GUIDE, run_id, reason="x"),
        lambda: imports.preview(GUIDE, run_id),
    ):
        with pytest.raises(NotFound):
            act()
    assert state(run_id) == "held"
