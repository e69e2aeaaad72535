"""Lists of people as platforms write them: who is one, who is told apart, and what is kept of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.intake.imports import api as imports
from huoshui.intake.imports.tests import exports as files
from huoshui.intake.imports.tests.exports import Export
from huoshui.intake.imports.tests.shop import clean_tables, run, shop
from huoshui.intake.imports.tests.test_formats import bring, identifiers

__all__ = ["clean_tables", "shop"]

_PEOPLE = sql.Statement(
    "people",
    "select count(*) as n from person p where not exists (select from person_cluster c where c.person_id = p.id)",
)
_ATTRIBUTES = sql.Statement(
    "attributes", "select person_id, name, value from attribute order by person_id, name, value"
)


def people() -> int:
    return int(sql.fetch_one(_PEOPLE).n)


def attributes(name: str) -> list[str]:
    return sorted(r.value for r in sql.fetch(_ATTRIBUTES) if r.name == name)


CASES = (
    (files.YOUZAN_CUSTOMERS, "youzan_customers", 3, False),
    (files.WECOM, "wecom_customers", 3, False),
    (files.SHOPIFY_CUSTOMERS, "shopify_customers", 1, False),
    (files.FOLLOWERS, "official_account", 2, True),
    (files.CRM, "crm_customers", 2, True),
)


@pytest.mark.parametrize(("export", "form", "count", "is_weak"), CASES, ids=[c[1] for c in CASES])
def test_a_list_is_known_and_told_once(
    shop: Path, export: Export, form: str, count: int, is_weak: bool
) -> None:
    run_id = imports.add_run([export.write(shop)], actor=SYSTEM)
    seen = imports.preview(SYSTEM, run_id)
    assert (seen.format, seen.kind, seen.is_weak, seen.missing) == (form, "people", is_weak, ())
    view = bring(export, shop)
    assert (view.problems, view.counts["new"], people()) == (0, count, count)
    assert bring(export, shop).counts["new"] == 0
    assert people() == count


def test_a_masked_customer_is_a_card_of_his_own(shop: Path) -> None:
    bring(files.YOUZAN_CUSTOMERS, shop)
    assert [i for i in identifiers() if i[0] == "phone"] == [("phone", "", "5678")]
    assert attributes("phone_hint") == ["138****1234"]
    assert ("alias", "youzan", "阿周 · 2025-02-03 10:00:00") in identifiers()


def test_a_nickname_joins_nobody_but_finds_its_own(shop: Path) -> None:
    """Who is later exported with the whole number is found again when the number is masked once more."""
    bring(files.YOUZAN_CUSTOMERS, shop)
    masked = files.YOUZAN_CUSTOMERS.with_rows({**files.YOUZAN_CUSTOMERS.rows[0], "客户手机号": "139****5678"})
    bring(masked, shop)
    assert people() == 3
    known = files.YOUZAN_CUSTOMERS.with_rows({**files.YOUZAN_CUSTOMERS.rows[1], "客户手机号": "13800001234"})
    bring(known, shop)
    assert people() == 4, "his nickname was another card's, and weak: the two are not joined"


def test_tag_groups_go_by_their_own_names(shop: Path) -> None:
    bring(files.WECOM, shop)
    assert (attributes("肤质"), attributes("意向")) == (["干性"], ["高"])
    assert attributes("添加人所属部门") == ["粟屿/华东/二店", "粟屿/华东/稻香路店", "粟屿/华东/稻香路店"]


def test_a_crm_tells_who_looks_after_whom_under_one_name(shop: Path) -> None:
    bring(files.CRM, shop)
    assert attributes("负责人") == ["周敏", "李雷"], "of two columns for one thing the first has the name"
    assert attributes("跟进人") == ["李雷"]
    assert attributes("客户阶段") == ["意向", "新客户"]
    assert attributes("客户来源") == ["线下活动"]
    assert attributes("最后联系时间") == ["2026-03-05 16:20:00"]
    assert attributes("备注") == ["喜欢无糖"]
    assert attributes("最后跟进记录") == ["约了周六到店"]
    assert ("alias", "crm", "阿周 · 李雷 · 2026-02-02 10:00:00") in identifiers()


def test_a_wecom_list_is_no_crms(shop: Path) -> None:
    run_id = imports.add_run([files.WECOM.write(shop)], actor=SYSTEM)
    assert imports.preview(SYSTEM, run_id).format == "wecom_customers"


def test_balances_of_others_are_only_told(shop: Path) -> None:
    bring(files.YOUZAN_CUSTOMERS, shop)
    assert attributes("客户积分") == ["120"]
    accounts = sql.fetch(
        sql.Statement("accounts", "select from account where unit = 'points' and owner_kind = 'person'")
    )
    assert accounts == []


def test_a_list_and_orders_of_one_platform_are_one_person(shop: Path) -> None:
    bring(files.YOUZAN_CUSTOMERS, shop)
    bring(files.YOUZAN_ORDERS, shop)
    bring(files.WECOM, shop)
    phones = [i for i in identifiers() if i[0] == "phone"]
    assert (phones, people()) == ([("phone", "", "5678")], 5)


WIDE = "提交答卷时间,1、您的手机号码,2、您多久买一次坚果？,3、最在意什么（多选）\n2026-03-08 10:00:00,13912345678,每月一次,口味┋价格\n2026-03-08 11:00:00,,每周,价格\n"
LONG = "访谈时间,手机号,问题,回答\n2026-03-08 10:00,13912345678,为什么买,送礼\n2026-03-08 10:00,13912345678,下次买什么,绿茶\n2026-03-09 10:00,13912345678,为什么买,自己吃\n2026-03-08 10:00,13912345679,为什么买,尝鲜\n"


def test_answers_become_attributes_with_their_source(shop: Path) -> None:
    view = run("survey", WIDE, shop, source_name="坚果问卷")
    assert (view.counts["new"], view.problems) == (1, 1)
    [problem] = imports.problems(SYSTEM, view.id)
    assert (problem.row_no, problem.code) == (3, "no_identifier")
    assert attributes("2、您多久买一次坚果？") == ["每月一次"]
    assert attributes("3、最在意什么（多选）") == ["口味┋价格"]
    assert run("survey", WIDE, shop, source_name="坚果问卷").counts["new"] == 0


def test_answers_one_per_row_are_gathered_by_who_gave_them(shop: Path) -> None:
    view = run("survey", LONG, shop, source_name="访谈")
    assert (view.counts["new"], view.counts["repeated"], view.problems) == (2, 1, 0)
    assert attributes("为什么买") == ["尝鲜", "自己吃"]
    assert attributes("下次买什么") == ["绿茶"]
    assert run("survey", LONG, shop, source_name="访谈").counts["new"] == 0


def test_a_workbooks_lines_above_the_header_are_no_people(shop: Path) -> None:
    assert bring(replace(files.WECOM, suffix=".csv"), shop).counts["rows"] == 3
