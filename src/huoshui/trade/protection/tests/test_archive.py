"""What a dealer takes along is all that is its own, nothing of another's, and cannot be changed unnoticed."""

from __future__ import annotations

import csv
import hashlib
import io
import subprocess
import zipfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.db import transaction

from huoshui.brand import api as brand
from huoshui.core import sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.crypto import lookup_key, seal
from huoshui.core.errors import NotFound
from huoshui.core.tests.ground import Line, clean_tables, number, sale, texts
from huoshui.people import api as people
from huoshui.trade.bonds.tests.world import day, no_waiting
from huoshui.trade.commission import api as commission
from huoshui.trade.commission.tests.world import BOSS, World, world
from huoshui.trade.protection import api as protection
from huoshui.trade.protection import archive, taking

__all__ = ["clean_tables", "no_waiting", "world"]

pytestmark = pytest.mark.django_db(transaction=True)

OFFICER = Actor("staff", 905, "隐私", frozenset({"privacy_officer"}))
MINE, ELSEWHERE, THEIRS = "+8613800000001", "+8613800000002", "+8613900000009"
_SEAL = sql.Statement(
    "seal", "update fact_identifier set sealed = %(sealed)s where fact_id = %(fact_id)s and kind = 'phone'"
)
_PHONES = sql.Statement(
    "phones", "select count(*)::int as n from fact_identifier where kind = 'phone' and sealed is not null"
)


def buy(world: World, card: str, phone: str | None, dealer: int, **more: Any) -> int:
    carried = (("card_no", card), *((("phone", lookup_key(phone)),) if phone else ()))
    store = world.shops.own if dealer < 0 else world.shops.stores[dealer][0]
    told = sale(
        more.pop("key", f"a{number()}"),
        Line(amount=more.pop("amount", 10_000)),
        at=day(world.today),
        identifiers=carried,
        store=store,
    )
    fact_id = world.settle(told, None if dealer < 0 else dealer * 2)
    if phone:
        with transaction.atomic():
            sql.run(_SEAL, sealed=seal(phone), fact_id=fact_id)
    return fact_id


def taken(world: World, dealer: int = 0) -> zipfile.ZipFile:
    with transaction.atomic():
        made = protection.take_along(world.shops.dealers[dealer], actor=world.shops.owner(dealer))
    return zipfile.ZipFile(made.file)


def table(archive: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(archive.read(f"{name}.csv").decode("utf-8-sig"))))


@pytest.fixture
def told(world: World) -> World:
    """c1 is dealer 0's, and her other number was told at dealer 1's store; c2 is dealer 1's and bought at dealer 0's too."""
    world.brand(fee_permille=30, return_days=7)
    world.employer(0, rates=[{"permille": 50}])
    buy(world, "c1", MINE, 0, key="E1")
    buy(world, "c2", THEIRS, 1, key="W1")
    world.read()
    world.today = 1
    buy(world, "c1", ELSEWHERE, 1, key="W2")
    buy(world, "c2", THEIRS, 0, key="E2")
    buy(world, "c1", None, 0, key="=E3")
    world.read()
    people.refresh_cards()
    world.today = 30
    for payer in (*world.shops.dealers, 0):
        with transaction.atomic():
            commission.close("2026-03", actor=SYSTEM, payer_id=payer)
    return world


def test_all_that_is_its_own_and_nothing_of_anothers(told: World) -> None:
    assert sql.fetch_one(_PHONES).n == 4
    made = taken(told)
    (one,) = table(made, "顾客")
    person = people.find("card_no", "c1")
    assert one["顾客编号"] == str(person) and one["会员卡号"] == "c1"
    assert one["手机（您门店带来的）"] == MINE.removeprefix("+86"), (
        "in clear, and only what its own stores were told"
    )
    assert one["服务门店"] == "东一店" and one["专属顾问"] == "小王" and one["何时归您"] and one["保护到"]
    orders = {o["订单号"]: o["顾客编号（归您的）"] for o in table(made, "订单")}
    assert orders == {"E1": str(person), "E2": "", "'=E3": str(person)}
    own = {(s.payee_kind, s.payee_id, s.payer_id) for s in commission.statements(told.shops.owner(0))}
    statements = table(made, "对账单")
    assert len(statements) == len(own) > 0
    assert {x["对账单号"] for x in table(made, "对账单明细")} == {s["对账单号"] for s in statements}
    whole = b"".join(made.read(n) for n in made.namelist() if n.endswith(".csv"))
    for foreign in (THEIRS[3:], ELSEWHERE[3:], "W1", "W2", "c2"):
        assert foreign.encode() not in whole
    assert THEIRS[3:] in taken(told, 1).read("顾客.csv").decode(), "control: whose it is has it"


def test_what_is_hers_no_more_is_not_taken(told: World) -> None:
    """A number that turned out to be wrong."""
    told.today = 31
    person = people.find("card_no", "c1")
    assert person is not None
    phones = [i for i in people.identifiers_for(told.shops.owner(0), person) if i.kind == "phone"]
    with transaction.atomic():
        for phone in phones:
            people.correcting.correct_contact(
                OFFICER, person, identifier_id=phone.id, value="", reason="空号，打不通"
            )
    (one,) = table(taken(told), "顾客")
    assert one["手机（您门店带来的）"] == ""


def test_each_whose_data_goes_sees_it_and_who_is_restricted_is_left_out(told: World) -> None:
    person = people.find("card_no", "c1")
    assert person is not None
    taken(told)
    seen = [r for r in people.rights_reads.copy_of(person).parts["谁查看过"] if "经销商导出" in r["做了什么"]]
    assert [r["谁"] for r in seen] == [str(told.shops.owner(0))]
    with transaction.atomic():
        case = people.rights.ask(OFFICER, person, "restrict", said="先别用")
    with transaction.atomic():
        people.rights.restrict(OFFICER, case)
    made = taken(told)
    assert table(made, "顾客") == []
    assert {o["顾客编号（归您的）"] for o in table(made, "订单")} == {""}
    again = people.rights_reads.copy_of(person).parts
    assert len([r for r in again["谁查看过"] if "经销商导出" in r["做了什么"]]) == 1, (
        "not taken a second time"
    )
    assert [(r["请求"], r["结果"]) for r in again["个人信息请求"]] == [("限制使用", "办好了")]


def test_workbook_and_csv_say_the_same_and_no_cell_is_a_formula(told: World) -> None:
    made = taken(told)
    for name in ("顾客", "订单", "对账单", "对账单明细"):
        book = openpyxl.load_workbook(io.BytesIO(made.read(f"{name}.xlsx")))
        cells = [[c.value or "" for c in row] for row in book.active.iter_rows(min_row=2)]
        lines = [list(r.values()) for r in table(made, name)]
        assert [[archive.safe(v) for v in row] for row in cells] == lines
        assert all(c.data_type == "s" for row in book.active.iter_rows() for c in row if c.value)
    for bad in ("=1+1", "+86", "-cmd", "@SUM(1)", "\t=1", "  =1", "|x", "-1.2.3", "--1"):
        assert archive.safe(bad) == f"'{bad}"
    assert [archive.safe(v) for v in ("-12.50", "张三")] == ["-12.50", "张三"]


def test_changed_by_a_byte_it_is_noticed(told: World, tmp_path: Path) -> None:
    made = taken(told)
    made.extractall(tmp_path)
    assert (tmp_path / "public.pem").read_text() == protection.public_key()
    listed = (tmp_path / "SHA256SUMS").read_text().splitlines()
    assert {x.split("  ", 1)[1] for x in listed} == {*made.namelist()} - {
        "SHA256SUMS",
        "SHA256SUMS.sig",
        "public.pem",
    }
    for line in listed:
        value, name = line.split("  ", 1)
        assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() == value

    def verified() -> list[int]:
        return [
            subprocess.run(x.split(), cwd=tmp_path, capture_output=True).returncode for x in archive.VERIFY
        ]

    assert verified() == [0, 0] and all(
        line in (tmp_path / "说明.txt").read_text() for line in archive.VERIFY
    )
    customers = tmp_path / "顾客.csv"
    customers.write_bytes(customers.read_bytes().replace(b"c1", b"c7"))
    assert verified()[0] != 0
    forged = hashlib.sha256(customers.read_bytes()).hexdigest()
    was = next(x for x in listed if x.endswith("顾客.csv"))
    sums = (tmp_path / "SHA256SUMS").read_text().replace(was, f"{forged}  顾客.csv")
    (tmp_path / "SHA256SUMS").write_text(sums)
    assert [code == 0 for code in verified()] == [True, False], "the hashes agree, the signature does not"


def test_only_the_owner_takes_it_and_both_sides_see_it(told: World) -> None:
    dealer, owner = told.shops.dealers[0], told.shops.owner(0)
    acting = Actor("staff", 950, "区域经理", frozenset({"dealer"}), frozenset({dealer}), acting_id=1)
    for actor in (BOSS, SYSTEM, told.guide(0), told.shops.owner(1), acting):
        with pytest.raises(NotFound):
            protection.take_along(dealer, actor=actor)
    assert protection.exported(BOSS, dealer) == []
    taken(told)
    (seen,) = protection.exported(owner, dealer)
    assert seen.customers == 1 and seen.actor == str(owner) and protection.exported(BOSS, dealer) == [seen]


def test_a_day_when_the_store_was_anothers_is_not_in_it(told: World, monkeypatch: pytest.MonkeyPatch) -> None:
    real = brand.owners_on

    def later(asked: Any) -> Any:
        """As if the store had come to the dealer on the second day."""
        found = real(asked)
        first = min(day for _, day in asked) if asked else date.min
        return [
            type(o)(None, o.region_id) if d < first + timedelta(days=1) else o
            for o, (_, d) in zip(found, asked, strict=True)
        ]

    monkeypatch.setattr(brand, "owners_on", later)
    assert [o["订单号"] for o in table(taken(told), "订单")] == ["E2", "'=E3"]


def test_a_page_costs_the_same_however_many_are_on_it(told: World) -> None:
    owner, dealer = told.shops.owner(0), told.shops.dealers[0]
    counts = []
    for n in (2, 20):
        for i in range(n):
            buy(told, f"n{n}-{i}", f"+86137{n:04}{i:04}", 0)
        told.read()
        people.refresh_cards()
        counts.append(len(texts(lambda: [list(t.rows) for t in taking.tables(owner, dealer)])))
    assert counts[0] == counts[1]
