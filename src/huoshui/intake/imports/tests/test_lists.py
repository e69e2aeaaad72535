"""Lists of people, products and stores: what they add, and that the same again adds nothing."""

from __future__ import annotations

from pathlib import Path

from pytest import MonkeyPatch

from huoshui.brand import api as brand
from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.core.tests.ground import wait_for_readers
from huoshui.intake.imports import lists
from huoshui.intake.imports.tests.shop import clean_tables, run, shop
from huoshui.people import api as people

__all__ = ["clean_tables", "shop"]

STORES = "门店编码,门店名称,大区,经销商,城市,面积,开业日期\nS1,一店,华东,甲商贸,上海,120.5,2020-01-02\nS2,二店,华东,,杭州,,\n"
PRODUCTS = "商品编码,商品名称,品牌,一级分类,二级分类,吊牌价\nP1,鲜牛奶,牧场,乳品,鲜奶,12.90\nP2,绿茶,茶园,饮料,,5.00\n"
PEOPLE = "会员卡号,姓名,手机号,城市\nC1,王小丽,13912345678,上海\nC2,李敏,,北京\nC1,王小丽,13912345678,杭州\n"


def test_stores_take_their_place_in_the_tree(shop: Path) -> None:
    view = run("stores", STORES, shop)
    assert (view.state, view.counts["stores"], view.counts["changed"]) == ("done", 2, 2)
    units = {u["code"]: (u["region"], u["dealer"], u["name"]) for u in brand.org_units_table().to_pylist()}
    assert units["S1"] == ("华东", "甲商贸", "一店")
    area = sql.Statement("area", "select area_sqm from org_unit where code = 'S1'")
    assert sql.fetch_one(area).area_sqm == 120
    assert run("stores", STORES, shop).counts["changed"] == 0


def test_products_keep_what_a_shorter_list_does_not_say(shop: Path) -> None:
    assert run("products", PRODUCTS, shop).counts["changed"] == 2
    assert run("products", PRODUCTS, shop).counts["changed"] == 0
    assert run("products", "商品编码,商品名称\nP1,鲜牛奶\nP3,红茶\n", shop).counts["changed"] == 1
    found = {p["code"]: (p["name"], p["category"]) for p in brand.products_table().to_pylist()}
    assert found == {"P1": ("鲜牛奶", "乳品/鲜奶"), "P2": ("绿茶", "饮料"), "P3": ("红茶", "")}


def test_the_same_member_list_twice_changes_nothing(shop: Path) -> None:
    first = run("people", PEOPLE, shop)
    assert (first.counts["new"], first.counts["known"]) == (3, 0)
    before = attributes()
    assert ("城市", "杭州") in before and ("城市", "上海") not in before, "the later row is the later word"
    again = run("people", PEOPLE, shop)
    assert (again.counts["new"], again.counts["known"]) == (0, 3)
    assert attributes() == before


def test_in_whatever_pieces_it_is_read(shop: Path, monkeypatch: MonkeyPatch) -> None:
    """All rows of one customer come together, however far apart they stand."""
    rows = [f"C{n % 40},顾客{n},,城{n}" for n in range(100)]
    text = "会员卡号,姓名,手机号,城市\n" + "\n".join(rows) + "\n"
    whole = lists.people_chunks
    monkeypatch.setattr(
        lists, "people_chunks", lambda staged, size, scope: whole(staged, size=7, scope=scope)
    )
    assert run("people", text, shop).counts["new"] == 100
    before = attributes()
    assert len(before) == 80
    assert run("people", text, shop).counts["new"] == 0
    assert attributes() == before


def test_a_corrected_row_is_a_later_word(shop: Path) -> None:
    run("people", PEOPLE, shop)
    view = run("people", PEOPLE.replace("北京", "天津"), shop)
    assert (view.counts["new"], view.counts["known"]) == (1, 2)
    assert ("城市", "天津") in attributes()


def test_a_guides_phone_on_every_row_makes_no_one_person(shop: Path) -> None:
    rows = [f"C{n},顾客{n},13912345678" for n in range(12)]
    run("people", "会员卡号,姓名,手机号\n" + "\n".join(rows) + "\n", shop)
    wait_for_readers()
    people.refresh_cards()
    cards = people.search(SYSTEM, "", people.Filters()).rows
    assert len(cards) == 12 - 5, "six of them, until it was noticed"
    exceptions = sql.fetch(sql.Statement("exceptions", "select code from fact_exception"))
    assert [e.code for e in exceptions] == ["shared_identifier"]


def attributes() -> list[tuple[str, str]]:
    return sorted(
        tuple(r) for r in sql.fetch(sql.Statement("attributes", "select name, value from attribute"))
    )
