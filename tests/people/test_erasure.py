"""The human goes, the books stay: through every door that could bring him back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction
from psycopg.errors import ForeignKeyViolation
from pytest_django import Settings

from huoshui.core import sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.crypto import lookup_key
from huoshui.core.errors import Refused
from huoshui.core.tests.ground import clean_tables, wait_for_readers
from huoshui.intake.imports import api as imports
from huoshui.intake.imports.tests.shop import shop, sums
from huoshui.intake.river.api import after_settling
from huoshui.intake.river.tests.world import check_books
from huoshui.lake import api as lake
from huoshui.lake import tables
from huoshui.lake.tests import planting
from huoshui.people import api as people
from huoshui.people.rights import journal
from tests.people.erasure import columns, dump, files, hits

__all__ = ["clean_tables", "shop"]

BOSS = Actor("staff", 1, "老板", frozenset({"boss"}))
GUIDE = Actor("staff", 4, "导购", frozenset({"guide"}), frozenset({1}))

PEOPLE = """会员卡号,手机号,邮箱,姓名,生日,同意短信
VIP90001,13911110001,lin.a@example.com,林要走,1990-01-01,是
VIP90002,13911110002,wang.b@example.com,王留下,1991-01-01,是
VIP90003,13911110003,lin.c@example.com,林也走,1990-01-01,否
"""
SALES = """销售单号,交易时间,门店编码,会员卡号,手机号,商品编码,数量,实付金额
A1,2026-03-01 10:00:00,S1,VIP90001,13911110001,P1,1,30.00
A2,2026-03-01 11:00:00,S1,VIP90002,,P1,1,15.00
A3,2026-03-02 11:00:00,S1,,13911110003,P2,2,70.00
A4,2026-03-02 12:00:00,S1,,,P2,1,35.00
"""
HERS = (
    *("VIP90001", "13911110001", "+8613911110001", "lin.a@example.com", "林要走"),
    *("VIP90003", "13911110003", "+8613911110003", "lin.c@example.com", "林也走"),
    *map(lookup_key, ("+8613911110001", "+8613911110003", "lin.a@example.com", "lin.c@example.com")),
)
OTHERS = ("VIP90002", lookup_key("+8613911110002"), "王留下")


@pytest.fixture
def home(shop: Path, settings: Settings) -> Iterator[Path]:
    settings.HUOSHUI_LAKE = str(shop / "lake")
    settings.HUOSHUI_DATABASE_URL = planting.database_url()
    planting.clean()
    journal.place().unlink(missing_ok=True)
    yield shop
    planting.clean()
    tables.catalog().close()
    journal.place().unlink(missing_ok=True)


def upload(kind: str, text: str) -> int:
    run_id = imports.upload(BOSS, [(f"{kind}.csv", BytesIO(text.encode("utf-8-sig")))], kind=kind)
    imports.execute(run_id, actor=SYSTEM)
    assert imports.run_for(BOSS, run_id).state == "done"
    return run_id


def told(home: Path) -> None:
    """Both lists, read by everybody; the two Lins are one. The server's log has a number in it."""
    upload("people", PEOPLE)
    upload("sales", SALES)
    with transaction.atomic():
        people.merge(
            person_a=person("VIP90001"), person_b=person("VIP90003"), reason="林要走本人说的", actor=BOSS
        )
    (home / "serve.log").write_text("error near +8613911110001 here, 林要走\n号码 13911110002\n")
    settle()


def settle() -> None:
    wait_for_readers()
    after_settling()


def person(card: str) -> int:
    found = people.find("card_no", card)
    assert found is not None
    return found


def ask(card: str) -> int:
    with transaction.atomic():
        return people.rights.ask(
            BOSS, person(card), "erase", said="请删掉 13911110001 的资料", proof="验证码 13911110001"
        )


def erase(card: str = "VIP90001") -> int:
    case_id = ask(card)
    people.erasing.erase([case_id], actor=BOSS)
    wait_for_readers()
    return case_id


def everywhere(home: Path) -> dict[str, Mapping[str, str]]:
    return {
        "dump": dump(),
        "columns": columns(),
        "files": files(home / "imports"),
        "logs": {"serve": (home / "serve.log").read_text()},
    }


def left_of_her(home: Path) -> dict[str, list[tuple[str, str]]]:
    return {place: found for place, texts in everywhere(home).items() if (found := hits(HERS, texts))}


_MONEY = "select sum(amount), sum(refunded), count(*) from sale"
_MOVED = "select count(*), sum(amount) from transfer"


def books() -> list[object]:
    with connection.cursor() as cursor:
        rows = []
        for text in (_MONEY, _MOVED):
            cursor.execute(text)
            rows.append(cursor.fetchone())
    lines = lake.engine()
    facts = lines.run(lines.tables().order_lines)
    return [
        *rows,
        sums(),
        sum(facts["amount"].to_pylist()),
        sum(facts["quantity"].to_pylist()),
        facts.num_rows,
    ]


def test_nothing_leads_to_her_any_more_and_the_books_are_as_they_were(home: Path) -> None:
    told(home)
    before = books()
    assert set(left_of_her(home)) == {"dump", "columns", "files", "logs"}, "she can be found before"
    hers = {person("VIP90001"), person("VIP90003")}
    erase()
    assert left_of_her(home) == {}
    assert {word for word, _ in hits(OTHERS, dump())} == set(OTHERS), "nobody else is touched"
    assert "13911110002" in (home / "serve.log").read_text()
    assert books() == before
    check_books()
    assert lake.reconcile().agrees
    people_in_lake = {
        p for p in lake.engine().run(lake.engine().tables().facts)["person_id"].to_pylist() if p
    }
    assert not people_in_lake & hers
    assert people.find("phone", "13911110001") is None
    with pytest.raises(Refused):
        people.card_for(BOSS, min(hers))


def test_the_old_files_a_rebuild_and_a_second_erasure_bring_nothing_back(home: Path) -> None:
    told(home)
    erase()
    before = books()
    upload("people", PEOPLE)
    upload("sales", SALES)
    upload("sales", SALES.replace("A1,", "B1,").replace(",30.00", ",44.00"))  # an order nobody knows yet
    settle()
    assert left_of_her(home) == {}
    wait_for_readers()
    lake.rebuild()
    assert left_of_her(home) == {}
    after = books()
    assert after[0] == (before[0][0] + 4400, before[0][1], before[0][2] + 1), "the new order counts, nobody's"  # type: ignore[index]  # a row of numbers
    assert person("VIP90002"), "the others are who they were"
    assert people.count_people() == 1
    check_books()


def test_a_restored_backup_is_cleaned_before_anybody_looks(home: Path) -> None:
    told(home)
    rows = dump()
    erase()
    _restore(rows)
    assert left_of_her(home), "the backup knows her"
    assert people.reapply_erasures() == 2
    wait_for_readers()
    lake.rebuild()
    assert left_of_her(home) == {}
    assert people.reapply_erasures() == 0
    check_books()


def _restore(rows: Mapping[str, str]) -> None:
    """As `pg_restore` would: every table as it was, those that others lean on first, walls after the rows."""
    months = re.compile(
        r"public\.(fact_(default|\d{6})$|django_|auth_|procrastinate)"
    )  # read with their table, or not ours
    left = {n: text for n, text in rows.items() if not months.match(n)}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select oid::regclass::text from pg_class where relforcerowsecurity")
        walled = [name for (name,) in cursor.fetchall()]
        for name in walled:
            cursor.execute(f"alter table {name} no force row level security")
        cursor.execute(f"truncate {', '.join(left)} cascade")
        while left:
            done = [name for name, text in left.items() if _copied(name, text)]
            assert done, f"nothing leans on nothing: {sorted(left)}"
            for name in done:
                del left[name]
        for name in walled:
            cursor.execute(f"alter table {name} force row level security")


def _copied(name: str, text: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            with cursor.copy(f"copy {name} from stdin") as target:
                target.write(text)
            cursor.execute("set constraints all immediate")
    except (IntegrityError, ForeignKeyViolation):
        return False
    return True


def test_a_certificate_says_what_went_what_stays_and_why(home: Path) -> None:
    told(home)
    case_id = erase()
    case = people.rights_reads.case(BOSS, case_id)
    assert (case.state, case.said, case.outcome["identities"]) == ("done", "", 2)
    gone = {e["where"] for e in case.outcome["erased"] if e["count"]}
    assert gone >= {"数据库", "数据仓", "订单", "导入", "日志"}
    assert next(k["what"] for k in case.outcome["kept"]) == "订单、退款和库存的数目"
    assert all(k["why"] for k in case.outcome["kept"])
    assert hits(HERS, {"certificate": str(case)}) == []


def test_a_killed_erasure_is_taken_up_where_it_was(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from huoshui.core.subscribers import registry

    told(home)
    case_id = ask("VIP90001")

    def killed(whom: object) -> dict[str, int]:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setitem(registry.erasers, "数据仓", ("files", killed))
        with pytest.raises(KeyboardInterrupt):
            people.erasing.erase([case_id], actor=BOSS)
    assert people.rights_reads.case(BOSS, case_id).state == "doing"
    from huoshui.people.rights.jobs import erase_waiting

    erase_waiting.func()
    wait_for_readers()
    assert people.rights_reads.case(BOSS, case_id).state == "done"
    assert left_of_her(home) == {}
    hers = people.rights_reads.case(BOSS, case_id)
    in_lake = lake.engine().run(lake.engine().tables().facts)["person_id"].to_pylist()
    assert hers.person_id not in in_lake


def test_she_may_come_back_of_her_own_will(home: Path) -> None:
    told(home)
    erase()
    with transaction.atomic():
        assert (
            people.erasing.let_return(BOSS, "card_no", "VIP90001", reason="本人在门店重新入会，签了字") == 1
        )
    upload("people", "会员卡号,姓名\nVIP90001,林回来\n")
    assert people.find("card_no", "VIP90001") is not None
    assert people.find("phone", "13911110001") is None
    assert people.reapply_erasures() == 0


def test_only_who_answers_for_the_data_may_erase(home: Path) -> None:
    told(home)
    case_id = ask("VIP90001")
    with pytest.raises(Refused), transaction.atomic():
        people.erasing.start(GUIDE, case_id)
    assert sql.fetch(sql.Statement("marks", "select 1 from erased_identifier")) == []
    assert person("VIP90001")
