"""A folder: whole files only, each telling once, never lost."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from huoshui.core.actor import SYSTEM
from huoshui.intake.imports import api as imports
from huoshui.intake.imports.tests.shop import SALES, sums, write
from huoshui.intake.pickup import api as pickup
from huoshui.intake.pickup import passing
from huoshui.intake.pickup.tests.places import begun, fault, folder, items, look, settled, states

MORE = SALES.replace("A1,", "B1,").replace("A2,", "B2,")


def test_a_whole_file_is_imported_once(inbox: Path, travel: Any) -> None:
    write(inbox, "一日.csv", SALES)
    pickup_id = begun(folder(inbox))
    assert [item.state for item in look(pickup_id)] == ["seen"]  # it may still be written
    travel.shift(timedelta(seconds=40))
    (item,) = look(pickup_id)
    assert (item.state, item.rows, item.problems) == ("done", 3, 0)
    assert sums()[:2] == (2, 5050)
    run = imports.run_for(SYSTEM, item.run_id or 0)
    assert (run.source_name, run.state, run.actor_name) == ("收银系统", "done", "定时取数：日报")
    for _ in range(3):
        travel.shift(timedelta(minutes=5))
        look(pickup_id)
    assert states(pickup_id) == [("一日.csv", "done")] and len(imports.runs(SYSTEM)) == 1


def test_a_file_that_grows_waits_until_it_no_longer_does(inbox: Path, travel: Any) -> None:
    lines = SALES.splitlines(keepends=True)
    pickup_id = begun(folder(inbox))
    for n in range(2, 5):
        write(inbox, "一日.csv", "".join(lines[:n]))
        assert [item.state for item in look(pickup_id)] == ["seen"]
        travel.shift(timedelta(seconds=40))
    assert [item.rows for item in look(pickup_id)] == [3]
    assert sums()[0] == 2


def test_a_changed_file_of_the_same_name_is_told_again(inbox: Path, travel: Any) -> None:
    write(inbox, "一日.csv", SALES)
    pickup_id = begun(folder(inbox))
    settled(pickup_id, travel)
    write(inbox, "一日.csv", SALES.replace("15.00", "16.00"))
    settled(pickup_id, travel)
    assert states(pickup_id) == [("一日.csv", "done"), ("一日.csv", "done")]
    assert sums()[:2] == (2, 5150)


def test_a_file_touched_is_known(inbox: Path, travel: Any) -> None:
    file = write(inbox, "一日.csv", SALES)
    pickup_id = begun(folder(inbox))
    settled(pickup_id, travel)
    os.utime(file, (1, 1))
    settled(pickup_id, travel)
    assert states(pickup_id) == [("一日.csv", "done"), ("一日.csv", "known")]
    assert len(imports.runs(SYSTEM)) == 1


def test_a_marker_says_that_a_file_is_whole(inbox: Path, travel: Any) -> None:
    write(inbox, "一日.csv", SALES)
    pickup_id = begun(folder(inbox, complete="marker"))
    settled(pickup_id, travel)
    assert states(pickup_id) == [("一日.csv", "seen")]
    (inbox / "一日.csv.done").touch()
    look(pickup_id)
    assert states(pickup_id) == [("一日.csv", "done")]


def test_a_file_renamed_into_place_is_whole(inbox: Path, travel: Any) -> None:
    file = write(inbox, "一日.csv.part", SALES)
    pickup_id = begun(folder(inbox, complete="renamed", pattern="*"))
    assert look(pickup_id) == []
    file.rename(inbox / "一日.csv")
    look(pickup_id)
    assert states(pickup_id) == [("一日.csv", "done")]


def test_what_was_taken_is_moved_and_never_deleted(inbox: Path, travel: Any) -> None:
    write(inbox, "一日.csv", SALES)
    pickup_id = begun(folder(inbox, pattern="**/*.csv", done_folder="已取"))
    settled(pickup_id, travel)
    look(pickup_id)
    (item,) = items(pickup_id)
    assert item.put_away == f"已取/一日-{item.id}.csv"
    assert (inbox / item.put_away).read_text(encoding="utf-8-sig") == SALES
    assert not (inbox / "一日.csv").exists()
    settled(pickup_id, travel)
    assert len(imports.runs(SYSTEM)) == 1  # although the pattern would find it there


def test_a_newer_file_of_the_name_is_not_moved_for_the_older(inbox: Path, travel: Any) -> None:
    write(inbox, "一日.csv", SALES)
    pickup_id = begun(folder(inbox))
    settled(pickup_id, travel)
    told = folder(inbox, done_folder="done")
    pickup.change(pickup_id, told, actor=SYSTEM)
    write(inbox, "一日.csv", MORE)
    look(pickup_id)
    assert (inbox / "一日.csv").exists() and not (inbox / "done").exists()


def test_days_in_the_name(inbox: Path, travel: Any) -> None:
    for day in ("20260302", "20260301", "20260201"):
        write(inbox, f"销售_{day}.csv", SALES)
    pickup_id = begun(folder(inbox, pattern="销售_{YYYY}{MM}{DD}*.CSV", look_back=3))
    look(pickup_id)
    assert sorted(states(pickup_id)) == [("销售_20260301.csv", "seen"), ("销售_20260302.csv", "seen")]


def test_a_table_with_problems_waits_for_a_person_and_the_next_goes_on(inbox: Path, travel: Any) -> None:
    write(inbox, "一日.csv", SALES.replace("15.00", "十五"))
    pickup_id = begun(folder(inbox))
    (item,) = settled(pickup_id, travel)
    assert (item.state, item.reason, item.problems) == ("waiting", "problems", 1)
    assert "1 处读不懂" in item.said and sums()[0] == 0
    write(inbox, "二日.csv", MORE)
    settled(pickup_id, travel)
    assert states(pickup_id) == [("一日.csv", "waiting"), ("二日.csv", "done")]
    # What the source tolerates goes in
    pickup.change(pickup_id, replace(folder(inbox), tolerance=334), actor=SYSTEM)
    write(inbox, "三日.csv", SALES.replace("A1,", "C1,").replace("A2,", "C2,").replace("15.00", "十五"))
    assert [(i.state, i.problems) for i in settled(pickup_id, travel)][-1] == ("done", 1)
    # A person looks at the first, and imports what can be read
    assert item.run_id
    imports.start(SYSTEM, item.run_id)
    imports.execute(item.run_id, actor=SYSTEM)
    pickup.follow()
    assert states(pickup_id)[0] == ("一日.csv", "done")


STRANGE = "甲,乙,丙,丁\nA1,2026-03-01 10:00:00,30.00,P1\nA2,2026-03-01 11:00:00,5.50,P2\n"


def test_a_strange_table_waits_until_it_was_told_how_to_read_it(inbox: Path, travel: Any) -> None:
    write(inbox, "一日.csv", STRANGE)
    pickup_id = begun(folder(inbox))
    (item,) = settled(pickup_id, travel)
    assert (item.state, item.reason) == ("waiting", "unsure") and sums()[0] == 0
    mapping = {"order_no": "甲", "ordered_at": "乙", "amount": "丙", "sku_code": "丁"}
    imports.save_mapping(
        SYSTEM,
        source_name="收银系统",
        kind="sales",
        form=imports.OWN,
        mapping=mapping,
        headers=tuple("甲乙丙丁"),
    )
    write(inbox, "二日.csv", STRANGE.replace("A", "B"))
    settled(pickup_id, travel)
    assert states(pickup_id) == [("一日.csv", "waiting"), ("二日.csv", "done")]
    pickup.skip(pickup_id, item.id, actor=SYSTEM)
    settled(pickup_id, travel)
    assert states(pickup_id) == [("一日.csv", "skipped"), ("二日.csv", "done")] and sums()[0] == 2


def test_a_newer_telling_waits_for_the_older_of_its_name(inbox: Path, travel: Any) -> None:
    write(inbox, "一日.csv", SALES.replace("15.00", "十五"))
    pickup_id = begun(folder(inbox))
    (first,) = settled(pickup_id, travel)
    write(inbox, "一日.csv", SALES)
    settled(pickup_id, travel)
    assert [state for _, state in states(pickup_id)] == ["waiting", "seen"]
    pickup.skip(pickup_id, first.id, actor=SYSTEM)
    settled(pickup_id, travel)
    assert [state for _, state in states(pickup_id)] == ["skipped", "done"] and sums()[:2] == (2, 5050)


def test_hostile_names_are_told_and_never_opened(inbox: Path, travel: Any) -> None:
    names = (b"..\\evil.csv", b"new\nline.csv", b"\xff\xfe.csv", "rtl\u202egpj.csv".encode())
    for name in names:
        (os.fsencode(inbox) + b"/" + name) and Path(os.fsdecode(os.fsencode(inbox) + b"/" + name)).write_text(
            SALES
        )
    outside = inbox.parent / "secret.csv"
    outside.write_text(SALES)
    (inbox / "link.csv").symlink_to(outside)
    pickup_id = begun(folder(inbox))
    settled(pickup_id, travel)
    found = items(pickup_id)
    assert {(item.state, item.reason) for item in found} == {("refused", "bad_name")} and len(found) == len(
        names
    )
    assert all(item.path.isprintable() for item in found) and sums()[0] == 0


def test_what_cannot_be_a_table_waits_with_its_reason(inbox: Path, travel: Any) -> None:
    (inbox / "空.csv").write_text("")
    (inbox / "半个.zip").write_bytes(b"PK\x03\x04" + bytes(100))
    (inbox / "图.csv").write_bytes(b"\x89PNG" + bytes(50))
    pickup_id = begun(folder(inbox, pattern="*"))
    settled(pickup_id, travel)
    assert {item.state for item in items(pickup_id)} == {"waiting"} and len(items(pickup_id)) == 3
    assert all(item.said for item in items(pickup_id))


def test_a_file_too_large_is_refused_unread(
    inbox: Path, travel: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (inbox / "大.csv").open("wb") as file:
        file.truncate(3 << 30)  # sparse: it takes no room
    pickup_id = begun(folder(inbox))
    (item,) = settled(pickup_id, travel)
    assert (item.state, item.reason) == ("refused", "too_large") and "2,048 MB" in item.said


def test_folders_that_nobody_opened_are_refused(
    shop: Path, travel: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n, path in enumerate(("/etc", str(shop / "secrets"), f"{shop}/inbox/../secrets")):
        pickup_id = begun(replace(folder(shop), name=f"第 {n} 个", place={"path": path}))
        look(pickup_id)
        assert fault(pickup_id) == "not_allowed_folder"
    elsewhere = shop / "elsewhere"
    elsewhere.mkdir()
    write(elsewhere, "一日.csv", SALES)
    monkeypatch.setenv("HUOSHUI_PICKUP_FOLDERS", f"/nowhere{os.pathsep}{elsewhere}")
    pickup_id = begun(folder(elsewhere))
    settled(pickup_id, travel)
    assert states(pickup_id) == [("一日.csv", "done")]


def test_a_source_in_quarantine_is_held_whoever_fetches_it(inbox: Path, travel: Any) -> None:
    marked = imports.add_run([write(inbox.parent, "x.csv", SALES)], source_name="乙公司", actor=SYSTEM)
    said = {"relation": "partner", "from_whom": "乙公司", "obtained_on": "2026-02-01", "contract": "HT-1"}
    imports.mark_quarantine(SYSTEM, marked, said | {"legal_basis": "separate_consent", "notice_version": "1"})
    write(inbox, "一日.csv", SALES)
    pickup_id = begun(replace(folder(inbox), source_name="乙公司"))
    settled(pickup_id, travel)
    passing.follow()
    (item,) = items(pickup_id)
    assert (item.state, item.reason) == ("waiting", "quarantined") and sums() == (0, 0, 0)
    run_id = item.run_id or 0
    assert imports.run_for(SYSTEM, run_id).quarantine == "held"
    imports.release(SYSTEM, run_id, reason="合同看过")
    imports.execute(run_id, actor=SYSTEM)
    passing.follow()
    assert items(pickup_id)[0].state == "done" and sums()[0] == 2
