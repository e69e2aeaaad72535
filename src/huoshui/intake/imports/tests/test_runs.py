"""The life of a run: upload, correct, try, start, fail, be killed, go on; and who may do any of it."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from pytest import MonkeyPatch

from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.errors import NotFound, Refused, RetryLater
from huoshui.core.facts import api as facts
from huoshui.intake.imports import api as imports
from huoshui.intake.imports import lanes
from huoshui.intake.imports.models import ImportRun
from huoshui.intake.imports.tests.shop import SALES, clean_tables, run, shop, sums, write
from huoshui.intake.river.api import settle, sweep
from huoshui.intake.river.tests.world import check_books

__all__ = ["clean_tables", "shop"]

OPERATOR = Actor("staff", 2, "运营", frozenset({"operator"}))
ANALYST = Actor("staff", 3, "分析", frozenset({"analyst"}))
GUIDE = Actor("staff", 4, "导购", frozenset({"guide"}), frozenset({1}))


def many_sales(orders: int) -> str:
    head = "销售单号,交易时间,门店编码,会员卡号,商品编码,数量,实付金额,类型,原订单号"
    rows = [
        f"O{n},2026-03-{1 + n % 28:02d} 10:00:00,S{n % 3},C{n % 17},P{n % 5},1,{10 + n}.00,销售,"
        for n in range(orders)
    ]
    back = [
        f"R{n},2026-03-29 10:00:00,S{n % 3},,P{n % 5},1,{10 + n}.00,退货,O{n}" for n in range(0, orders, 10)
    ]
    return "\n".join([head, *rows, *back]) + "\n"


class TestUpload:
    def upload(self, *names: str, actor: Actor = OPERATOR) -> imports.RunView:
        run_id = imports.upload(actor, [(name, BytesIO(SALES.encode())) for name in names], kind="sales")
        return imports.run_for(actor, run_id)

    @pytest.mark.parametrize(
        "name",
        [
            "../../etc/passwd",
            "C:\\账\\销售.csv",
            "a\x00b.csv",
            "",
            "/",
            "..",
            "x" * 300 + ".csv",
            "a.exe",
            "销售 (1).xlsx",
            "‮vsc.csv",
        ],
    )
    def test_no_name_leads_out_of_the_runs_folder(self, shop: Path, name: str) -> None:
        view = self.upload(name, name)
        kept = [Path(f["path"]) for f in ImportRun.objects.get(id=view.id).files]
        assert len(set(kept)) == 2
        for path in kept:
            assert path.resolve().is_relative_to(shop / "imports" / str(view.id) / "files")
            assert path.read_bytes() == SALES.encode()
        assert view.state == "uploaded"

    def test_an_upload_is_looked_at_and_imported(self, shop: Path) -> None:
        view = self.upload("销售.csv")
        assert imports.preview(OPERATOR, view.id).kind == "sales"
        assert imports.execute(view.id, actor=SYSTEM).state == "done"
        assert sums() == (2, 5050, 35)

    def test_nothing_is_refused_in_words(self, shop: Path) -> None:
        with pytest.raises(Refused, match="选择要导入的文件"):
            imports.upload(OPERATOR, [])


class TestRights:
    @pytest.mark.parametrize("actor", [ANALYST, GUIDE])
    def test_whoever_may_not_import_sees_no_run_and_makes_none(self, shop: Path, actor: Actor) -> None:
        run_id = imports.add_run([write(shop, "a.csv", SALES)], kind="sales", actor=OPERATOR)
        doors: list[Callable[[], object]] = [
            lambda: imports.upload(actor, [("a.csv", BytesIO(b"x"))]),
            lambda: imports.add_run([], actor=actor),
            lambda: imports.runs(actor),
            lambda: imports.run_for(actor, run_id),
            lambda: imports.preview(actor, run_id),
            lambda: imports.problems(actor, run_id),
            lambda: imports.problem_file(actor, run_id),
            lambda: imports.set_mapping(actor, run_id, None, "sales", "live"),
            lambda: imports.start(actor, run_id),
        ]
        for door in doors:
            with pytest.raises(NotFound):
                door()
        assert ImportRun.objects.count() == 1
        assert ImportRun.objects.get().state == "uploaded"
        assert not imports.may_import(actor)

    def test_a_run_that_does_not_exist_looks_the_same(self, shop: Path) -> None:
        for door in (imports.run_for, imports.preview, imports.problem_file, imports.start):
            with pytest.raises(NotFound):
                door(OPERATOR, 10**6)
        with pytest.raises(NotFound):
            imports.execute(10**6, actor=SYSTEM)


class TestMapping:
    ODD = SALES.replace("实付金额", "我们收的钱")

    def test_a_header_nobody_knows_is_pointed_at(self, shop: Path) -> None:
        run_id = imports.add_run([write(shop, "a.csv", self.ODD)], kind="sales", actor=OPERATOR)
        assert imports.execute(run_id, actor=SYSTEM).state == "failed"
        assert "缺少必需的列" in imports.run_for(OPERATOR, run_id).message
        seen = imports.preview(OPERATOR, run_id)
        imports.set_mapping(
            OPERATOR, run_id, {**seen.mapping, "amount": "我们收的钱"}, "sales", "live", "收银"
        )
        view = imports.run_for(OPERATOR, run_id)
        assert (view.source_name, view.mode) == ("收银", "live")
        imports.execute(run_id, actor=SYSTEM)
        assert sums() == (2, 5050, 35)

    @pytest.mark.parametrize(("kind", "mode"), [("cats", "live"), ("sales", "tomorrow")])
    def test_a_choice_that_is_none_is_refused(self, shop: Path, kind: str, mode: str) -> None:
        run_id = imports.add_run([], kind="sales", actor=OPERATOR)
        with pytest.raises(Refused):
            imports.set_mapping(OPERATOR, run_id, None, kind, mode)
        assert imports.run_for(OPERATOR, run_id).kind == "sales"

    def test_what_was_imported_is_not_changed_any_more(self, shop: Path) -> None:
        view = run("sales", SALES, shop)
        with pytest.raises(Refused, match="已经完成"):
            imports.set_mapping(OPERATOR, view.id, None, "people", "live")
        with pytest.raises(Refused, match="已经完成"):
            imports.start(OPERATOR, view.id)

    def test_a_trial_may_be_followed_by_the_real_thing(self, shop: Path) -> None:
        view = run("sales", SALES, shop, is_dry_run=True)
        assert sums() == (0, 0, 0)
        imports.start(OPERATOR, view.id)
        assert imports.run_for(OPERATOR, view.id).state == "queued"
        with pytest.raises(Refused, match="已经在进行"):
            imports.start(OPERATOR, view.id)
        imports.execute(view.id, actor=SYSTEM)
        assert sums() == (2, 5050, 35)


class TestProblems:
    def test_a_trial_that_read_it_otherwise_leaves_no_problems_behind(self, shop: Path) -> None:
        bad = write(shop, "a.csv", SALES.replace("A2,2026-03-01", "A2,2026-02-30"))
        run_id = imports.add_run([bad], kind="sales", is_dry_run=True, actor=OPERATOR)
        imports.execute(run_id, actor=SYSTEM)
        assert imports.problem_file(OPERATOR, run_id).exists()
        write(shop, "a.csv", SALES)
        imports.execute(run_id, actor=SYSTEM)
        assert (imports.run_for(OPERATOR, run_id).problems, imports.problems(OPERATOR, run_id)) == (0, [])
        with pytest.raises(NotFound):
            imports.problem_file(OPERATOR, run_id)

    def test_a_failed_file_leaves_the_service_up(self, shop: Path) -> None:
        zip_bomb_like = write(shop, "b.csv", "\x00\x01\x02" * 100)
        run_id = imports.add_run([zip_bomb_like], kind="sales", actor=OPERATOR)
        assert imports.execute(run_id, actor=SYSTEM).state == "failed"
        view = imports.run_for(OPERATOR, run_id)
        assert view.message and view.ended_at
        assert run("sales", SALES, shop).state == "done"

    def test_a_file_that_is_gone_says_so(self, shop: Path) -> None:
        file = write(shop, "a.csv", SALES)
        run_id = imports.add_run([file], kind="sales", actor=OPERATOR)
        file.unlink()
        with pytest.raises(FileNotFoundError):
            imports.execute(run_id, actor=SYSTEM)
        assert imports.run_for(OPERATOR, run_id).state == "failed"


class TestKilled:
    """Settling stops somewhere; what was received stays, and the next try goes on from there."""

    @pytest.mark.parametrize("after", [0, 1, 3])
    def test_a_run_that_broke_off_is_carried_on(
        self, shop: Path, monkeypatch: MonkeyPatch, after: int
    ) -> None:
        file = write(shop, "a.csv", many_sales(400))
        monkeypatch.setattr("huoshui.intake.imports.runner.RECEIVE_ORDERS", 100)
        run_id = imports.add_run([file], kind="sales", actor=OPERATOR)
        done: list[object] = []

        def breaks(*args: Any, **more: Any) -> object:
            if len(done) >= after:
                raise ConnectionError("the server went away")
            done.append(settle(*args, **more))
            return done[-1]

        with monkeypatch.context() as patched:
            patched.setattr(lanes, "settle", breaks)
            with pytest.raises(ConnectionError):
                imports.execute(run_id, actor=SYSTEM)
        failed = imports.run_for(OPERATOR, run_id)
        assert (failed.state, "接着做" in failed.message) == ("failed", True)
        imports.start(OPERATOR, run_id)
        imports.execute(run_id, actor=SYSTEM)
        assert imports.run_for(OPERATOR, run_id).state == "done"
        assert facts.open_counts() == (0, 0)
        orders, paid, _ = sums()
        assert (orders, paid) == (400, sum((10 + n) * 100 for n in range(400) if n % 10))
        check_books()

    def test_busy_lanes_are_tried_again_later(self, shop: Path, monkeypatch: MonkeyPatch) -> None:
        run_id = imports.add_run([write(shop, "a.csv", SALES)], kind="sales", actor=OPERATOR)

        def busy(*_: object, **__: object) -> None:
            raise RetryLater

        monkeypatch.setattr(lanes, "settle", busy)
        with pytest.raises(RetryLater):
            imports.execute(run_id, actor=SYSTEM)
        monkeypatch.undo()
        assert facts.open_counts() == (2, 0)
        assert sweep() == 2
        assert sums() == (2, 5050, 35)


class TestWhole:
    def test_refunds_find_their_sales_across_lanes_and_chunks(
        self, shop: Path, monkeypatch: MonkeyPatch
    ) -> None:
        monkeypatch.setattr("huoshui.intake.imports.runner.RECEIVE_ORDERS", 30)
        heard: list[imports.Progress] = []
        run_id = imports.add_run([write(shop, "a.csv", many_sales(300))], kind="sales", actor=OPERATOR)
        imports.execute(run_id, actor=SYSTEM, listener=heard.append)
        view = imports.run_for(OPERATOR, run_id)
        assert (view.counts["new"], view.counts["known"], view.counts["waiting"]) == (330, 0, 0)
        assert (view.done, view.total, view.share) == (330, 330, 1.0)
        received = [p.done for p in heard if p.phase == "写入数据"]
        assert received == sorted(received) and received[-1] == 330
        assert sums()[:2] == (300, sum((10 + n) * 100 for n in range(300) if n % 10))
        check_books()

    def test_what_waits_is_counted_exactly(self, shop: Path) -> None:
        lonely = "销售单号,交易时间,门店编码,会员卡号,商品编码,数量,实付金额,类型,原订单号\n"
        lonely += "R1,2026-03-29 10:00:00,S1,C1,P1,1,10.00,退货,O77\n"
        assert run("sales", lonely, shop).counts["waiting"] == 1
        assert run("sales", SALES, shop).counts["waiting"] == 0

    def test_no_connection_is_left_open(self, shop: Path) -> None:
        def open_now() -> int:
            with connection.cursor() as cursor:
                cursor.execute("select count(*) from pg_stat_activity where datname = current_database()")
                return int(cursor.fetchone()[0])

        before = open_now()
        run("sales", SALES, shop)
        assert open_now() == before

    def test_files_that_lie_there_done_are_known_to_be(self, shop: Path) -> None:
        run("sales", SALES, shop)
        file = shop / "sales.csv"
        assert imports.is_done([file], kind="sales")
        assert not imports.is_done([file], kind="people")
        write(shop, "sales.csv", SALES + "A7,2026-03-01 11:00:00,S1,,,P1,1,15.00,,已付款\n")
        assert not imports.is_done([file], kind="sales")
