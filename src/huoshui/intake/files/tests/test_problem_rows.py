"""The rows set aside go back to the user, who mends them and imports the same file."""

from __future__ import annotations

import csv
from pathlib import Path

from huoshui.intake.files.problems import write_problem_rows
from huoshui.intake.files.tests.bench import SALES, Bench, ask, tables

GOOD = "A0,2025-03-08,S1,M1,P1,1,9.90"


def read(path: Path) -> list[dict[str, str]]:
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_they_keep_their_columns_and_say_why(bench: Bench) -> None:
    staged = bench.sales(
        GOOD + ",",
        "A1,2025-02-30,S1,M1,P1,1,9.90,备注一",
        "A1,2025-03-08,S1,M1,P2,1,5,备注二",
        header=SALES + ",备注",
    )
    target = bench.folder / "问题.csv"

    assert write_problem_rows(staged, target) == 2
    rows = read(target)
    assert list(rows[0]) == [*SALES.split(","), "备注", "原因", "怎么改"]
    assert [(row["销售单号"], row["商品编码"], row["备注"], row["原因"]) for row in rows] == [
        ("A1", "P1", "备注一", "没有这一天或这个时刻"),
        ("A1", "P2", "备注二", "同一单里有别的行要改（第 3 行），整单先放在一边"),
    ]
    assert "正确的日期" in rows[0]["怎么改"]


def test_mended_they_import_as_if_nothing_had_been(bench: Bench) -> None:
    mended = ["A1,2025-02-28,S1,M1,P1,1,9.90", "A1,2025-03-01,S1,M1,P2,1,-5"]
    staged = bench.sales(mended[0].replace("02-28", "02-30"), mended[1], GOOD)
    target = bench.folder / "问题.csv"
    write_problem_rows(staged, target)
    target.write_text(
        target.read_text(encoding="utf-8").replace("2025-02-30", "2025-02-28"), encoding="utf-8"
    )

    again = bench.stage(target)

    assert again.problems == 0
    assert ask(again, "select order_key, content_hash from orders") == ask(
        bench.sales(*mended), "select order_key, content_hash from orders"
    )


def test_a_spreadsheet_runs_none_of_their_cells(bench: Bench) -> None:
    header = "会员卡号,生日,备注,=1+1"
    cells = ['=HYPERLINK("x")', "+1", "-2", "@SUM", "\t=1", "＝1"]
    text = "\n".join(
        [header, *(f'"M{n}",坏,"{cell.replace(chr(34), chr(34) * 2)}",1' for n, cell in enumerate(cells))]
    )
    target = bench.folder / "问题.csv"
    write_problem_rows(bench.text(text), target)

    with target.open(encoding="utf-8-sig", newline="") as file:
        written = [cell for row in csv.reader(file) for cell in row]
    assert len(read(target)) == len(cells)
    assert not [cell for cell in written if cell[:1] in "=+-@\t\r＝＋－＠" and cell]

    # and the import takes the guard off again
    mended = target.read_text(encoding="utf-8").replace("坏", "2000-01-01")
    direct = bench.text(text.replace("坏", "2000-01-01"))
    assert [row[-2] for row in tables(bench.text(mended))["people"]] == [
        row[-2] for row in tables(direct)["people"]
    ]


def test_rows_of_files_with_other_columns_stand_side_by_side(bench: Bench) -> None:
    one = bench.write("会员卡号,生日,宠物\nM1,坏,猫\n", "一.csv")
    other = bench.write("会员卡号,血型,生日\nM2,A,坏\n", "二.csv")
    target = bench.folder / "问题.csv"
    write_problem_rows(bench.stage(one, other), target)

    assert [(row["会员卡号"], row["宠物"], row["血型"]) for row in read(target)] == [
        ("M1", "猫", ""),
        ("M2", "", "A"),
    ]


def test_kept_rows_are_not_among_them(bench: Bench) -> None:
    staged = bench.text("会员卡号,手机号\nM1,12345\n")

    assert staged.problems == 1
    assert write_problem_rows(staged, bench.folder / "问题.csv") == 0
