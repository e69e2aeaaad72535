"""What was not taken in is mended and told again: once however often asked, whole or not at all, never lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.core.tests.ground import clean_tables
from huoshui.core.tests.racing import race
from huoshui.intake.imports import api as imports
from huoshui.intake.river import submit
from huoshui.intake.river.tests.world import Shop, given_back
from huoshui.intake.tracking import api as tracking
from huoshui.intake.trust import api as trust
from huoshui.intake.trust import mending
from huoshui.intake.trust.tests.ground import open_shop

__all__ = ["clean_tables", "open_shop"]

BOSS = Actor("staff", 1, "Zhou", frozenset({"boss"}), frozenset({1}))
ANALYST = Actor("staff", 5, "Xu", frozenset({"analyst"}), frozenset({1}))
DEALER = Actor("staff", 9, "Gao", frozenset({"dealer"}), frozenset({7}))

FILE = """销售单号,交易时间,门店编码,会员卡号,商品编码,数量,实付金额
B1,2026-03-01 10:00:00,S1,C1,P1,1,10.00
B2,2026-03-01 10:05:00,S1,C2,P1,1,面议
B3,2026-02-30 10:10:00,S1,C3,P1,1,26.90
B4,2026-03-01 11:00:00,S1,C4,P1,1,面议
B4,2026-03-01 11:00:00,S1,C4,P2,1,5.00
"""


@pytest.fixture
def place(clean_tables: None, settings: Settings, tmp_path: Path) -> Path:
    settings.HUOSHUI_HOME = tmp_path
    brand.ensure_headquarters("总部")
    return tmp_path


@pytest.fixture
def run_id(place: Path) -> int:
    file = place / "销售.csv"
    file.write_text(FILE, encoding="utf-8-sig")
    made = imports.add_run([file], kind="sales", actor=SYSTEM, source_name="老店")
    imports.execute(made, actor=SYSTEM)
    return made


def sold() -> dict[str, int]:
    rows = sql.fetch(sql.Statement("sold", "select order_key, amount from sale order by order_key"))
    return {r.order_key: r.amount for r in rows}


def count(table: str) -> int:
    return int(sql.fetch_one(sql.Statement("count", f"select count(*) as n from {table}")).n)


def test_bad_rows_tell_where_and_why(run_id: int) -> None:
    rows = trust.bad_rows(BOSS, run_id)
    assert [(r.row_no, r.cells["销售单号"]) for r in rows] == [(3, "B2"), (4, "B3"), (5, "B4"), (6, "B4")]
    assert [(f.column, f.value, f.code) for f in rows[0].faults] == [("实付金额", "面议", "bad_money")]
    assert rows[1].faults[0].reason and rows[1].faults[0].remedy
    found = [(c.door, c.object_id, c.code, c.column, c.items) for c in trust.causes(BOSS)]
    assert ("file", run_id, "bad_money", "实付金额", 2) in found
    assert ("file", run_id, "no_such_day", "交易时间", 1) in found


def test_a_mended_row_is_brought_again_and_once(run_id: int) -> None:
    before = sold()
    assert before == {"B1": 1000}
    new = trust.mend_rows(run_id, {(_file_no(run_id), 4): {"交易时间": "2026-02-28 10:10:00"}}, actor=BOSS)
    imports.execute(new, actor=SYSTEM)
    assert sold() == before | {"B3": 2690}
    again = {(_file_no(run_id), 4): {"交易时间": "2026-02-27 10:10:00"}}
    with pytest.raises(Refused):
        trust.mend_rows(run_id, again, actor=BOSS)
    assert [r.new_run_id for r in trust.bad_rows(BOSS, run_id)] == [None, new, None, None]
    view = imports.run_for(BOSS, new)
    assert (view.source_name, view.kind, view.mode) == ("老店", "sales", "live")
    audited = sql.fetch(
        sql.Statement("a", "select actor, detail from audit_entry where action = 'rows.mended'")
    )
    assert [a.actor for a in audited] == [str(BOSS)]
    assert json.loads(audited[0].detail)["rows"] == [[_file_no(run_id), 4]]


def _file_no(run_id: int) -> int:
    return trust.bad_rows(BOSS, run_id)[0].file_no


def test_one_answer_mends_all_rows_with_the_same_fault_and_the_rest_of_their_order_comes_along(
    run_id: int,
) -> None:
    new = trust.mend_rows(run_id, {}, [trust.Swap("实付金额", "面议", "8.80")], actor=BOSS)
    imports.execute(new, actor=SYSTEM)
    assert sold() == {"B1": 1000, "B2": 880, "B4": 1380}
    assert [c.code for c in trust.causes(BOSS) if c.door == "file"] == ["no_such_day"]


def test_what_is_still_wrong_is_set_aside_anew_and_not_lost(run_id: int) -> None:
    new = trust.mend_rows(run_id, {}, [trust.Swap("实付金额", "面议", "好商量")], actor=BOSS)
    imports.execute(new, actor=SYSTEM)
    assert {r.cells["销售单号"] for r in trust.bad_rows(BOSS, new)} == {"B2", "B4"}
    last = trust.mend_rows(new, {}, [trust.Swap("实付金额", "好商量", "1")], actor=BOSS)
    imports.execute(last, actor=SYSTEM)
    assert sold()["B2"] == 100


def test_an_order_is_traced_to_the_rows_of_its_file(run_id: int) -> None:
    new = trust.mend_rows(run_id, {}, [trust.Swap("实付金额", "面议", "8.80")], actor=BOSS)
    imports.execute(new, actor=SYSTEM)
    facts = {
        r.order_key: r.fact_id
        for r in sql.fetch(sql.Statement("o", "select order_key, fact_id from fact_order"))
    }
    first = trust.origin_of(BOSS, facts["B1"])
    assert (first.run_id, trust.rows_in_file(BOSS, first)) == (run_id, [trust.FileRow("销售.csv", 2)])
    mended = trust.origin_of(BOSS, facts["B4"])
    assert mended.run_id == new
    assert [row.row_no for row in trust.rows_in_file(BOSS, mended)] == [3, 4]
    assert trust.rows_in_file(ANALYST, first) == []
    assert trust.runs_of(BOSS)[run_id].files == ("销售.csv",) and trust.runs_of(DEALER) == {}


def test_unchanged_rows_are_not_brought_again(run_id: int) -> None:
    runs = count("import_run")
    for edits in (
        {},
        {(_file_no(run_id), 3): {"实付金额": "面议"}},
        {(_file_no(run_id), 3): {"没有这一列": "1"}},
        {(9, 9): {"实付金额": "1"}},
    ):
        with pytest.raises(Refused):
            trust.mend_rows(run_id, edits, actor=BOSS)
    assert (count("import_run"), count("trust_mend")) == (runs, 0)


def test_a_mending_that_fails_half_way_leaves_nothing(run_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    runs, jobs = count("import_run"), count("procrastinate_jobs")

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("huoshui.core.audit.record", fail)
    with pytest.raises(RuntimeError):
        trust.mend_rows(run_id, {}, [trust.Swap("实付金额", "面议", "8.80")], actor=BOSS)
    assert (count("import_run"), count("procrastinate_jobs"), count("trust_mend")) == (runs, jobs, 0)
    monkeypatch.undo()
    assert trust.mend_rows(run_id, {}, [trust.Swap("实付金额", "面议", "8.80")], actor=BOSS)


def test_of_two_who_mend_the_same_rows_at_once_one_does(run_id: int) -> None:
    def mend() -> int:
        return trust.mend_rows(run_id, {}, [trust.Swap("实付金额", "面议", "8.80")], actor=BOSS)

    outcome = race(mend, mend)
    assert [type(error) for error in outcome.errors] == [mending.NothingToMend]
    (new,) = outcome.results
    imports.execute(new, actor=SYSTEM)
    assert sold() == {"B1": 1000, "B2": 880, "B4": 1380}


def test_who_may_not_mend_changes_nothing(run_id: int) -> None:
    for actor in (ANALYST, DEALER):
        with pytest.raises(NotFound):
            trust.mend_rows(run_id, {}, [trust.Swap("实付金额", "面议", "8.80")], actor=actor)
        with pytest.raises(NotFound):
            trust.bad_rows(actor, run_id)
        with pytest.raises(NotFound):
            trust.tell_events(1, "property_wrong", actor=actor)
        with pytest.raises(NotFound):
            trust.settle_again("parent_unknown", actor=actor)
    assert count("trust_mend") == 0
    assert not [c for c in trust.causes(ANALYST) if c.door == "file"]


@pytest.fixture
def tell(clean_tables: None) -> Iterator[object]:
    tracking.forget()
    source = tracking.add_source(name="web", label="商城", kind="web", actor=SYSTEM)
    tracking.declare(fact="Poured", name="size", type="number", klass="none", is_required=True, actor=SYSTEM)
    tracking.forget()
    key = tracking.add_key(source.source_id, scopes=["events", "people"], actor=SYSTEM)

    def told(**event: object) -> str:
        writer = tracking.writer_of(key.token)
        assert writer is not None
        frame = tracking.Frame(received_at=clock.now())
        return tracking.take([tracking.Told(writer, json.dumps(event).encode(), frame)])[0].status

    yield source.source_id, told
    tracking.forget()


def poured(**more: object) -> dict[str, object]:
    return {"type": "track", "event": "Poured", "anonymousId": "a", **more}


def test_events_of_one_cause_are_mended_by_one_answer(tell: tuple[int, object]) -> None:
    source_id, told = tell
    for n in range(3):
        assert told(**poured(messageId=f"m{n}", properties={"size": "大"})) == tracking.REJECTED  # type: ignore[operator]  # the fixture's
    (cause,) = trust.causes(BOSS)
    assert (cause.door, cause.object_id, cause.code, cause.items) == ("event", source_id, "property_wrong", 3)
    first = trust.tell_events(
        source_id, cause.code, pointer="/properties/size", value=500, actor=BOSS, limit=2
    )
    assert (first.taken, first.refused, first.left) == (2, 0, 1)
    assert (
        trust.tell_events(source_id, cause.code, pointer="/properties/size", value=500, actor=BOSS).left == 0
    )
    assert trust.causes(BOSS) == [] and count("fact") == 3
    assert (
        trust.tell_events(source_id, cause.code, pointer="/properties/size", value=1, actor=BOSS).taken == 0
    )
    assert count("fact") == 3


def test_an_event_without_an_id_told_again_after_a_kill_counts_once(tell: tuple[int, object]) -> None:
    source_id, told = tell
    told(**poured(properties={"size": "大"}))  # type: ignore[operator]  # the fixture's
    trust.tell_events(source_id, "property_wrong", pointer="/properties/size", value=1, actor=BOSS)
    # As if it had been killed between the telling and the mark
    sql.run(sql.Statement("open", "update tracked_aside set state = 'open', fact_id = null"))
    trust.tell_events(source_id, "property_wrong", pointer="/properties/size", value=1, actor=BOSS)
    assert count("fact") == 1
    assert trust.causes(BOSS) == []


def test_what_is_no_event_at_all_stays_and_stops_nobody(tell: tuple[int, object]) -> None:
    source_id, told = tell
    told(**poured(messageId="m1"))  # type: ignore[operator]  # the fixture's
    told(**poured(messageId="m2", properties=[1]))  # type: ignore[operator]  # the fixture's
    codes = {c.code for c in trust.causes(BOSS)}
    for code in codes:
        trust.tell_events(source_id, code, pointer="/properties/size", value=2, actor=BOSS)
    assert count("fact") + sum(c.items for c in trust.causes(BOSS)) == 2
    assert count("fact") >= 1


def _die(*_: object) -> None:
    """As a process that ends between receiving and settling."""
    raise RuntimeError("killed")


_RAISE = sql.Statement(
    "raise",
    "insert into fact_exception (fact_id, code) select fact_id, 'stuck' from settlement where state <> 'settled'",
)


def test_what_waits_under_an_exception_settles_together_and_the_rest_stays(
    open_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_shop
    shop.tell(shop.refund(given_back(100), key="R1", of="nowhere"))
    with monkeypatch.context() as patch, pytest.raises(RuntimeError):
        patch.setattr(submit, "_settle", _die)
        shop.tell(shop.order(key="O1"), shop.order(key="O2"))
    sql.run(_RAISE)
    assert [(c.door, c.code, c.items) for c in trust.causes(BOSS)] == [("exception", "stuck", 3)]
    assert trust.settle_again("stuck", actor=BOSS) == trust.Told(2, 1, 1)
    assert sold() == {"O1": 10_000, "O2": 10_000}
    assert trust.settle_again("stuck", actor=BOSS) == trust.Told(0, 1, 1)
    assert sold() == {"O1": 10_000, "O2": 10_000}
