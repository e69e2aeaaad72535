"""数据可信: the real rooms behind the pages; every door tried by those who may not enter."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM
from huoshui.core.tests.ground import clean_tables
from huoshui.intake.imports import api as imports
from huoshui.intake.tracking import api as tracking
from huoshui.intake.trust import api as trust
from huoshui.web.console.tests.stand_ins import GUIDE, House

__all__ = ["clean_tables"]

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def shop(clean_tables: None, settings: Settings, tmp_path: Path) -> int:
    """Yesterday's sales of two stores, of which some rows are wrong. Returns the run."""
    cache.clear()
    settings.HUOSHUI_HOME = tmp_path
    settings.WHITENOISE_USE_FINDERS = False
    brand.ensure_headquarters("总部")
    day = clock.today() - timedelta(days=1)
    rows = [
        "销售单号,交易时间,门店编码,会员卡号,商品编码,数量,实付金额",
        f"B1,{day} 10:00:00,S1,C1,P1,1,10.00",
        f"B2,{day} 10:05:00,S2,,P1,1,2.50",
        f"B3,{day} 10:06:00,S1,C2,P1,1,面议",
        f"B4,{day} 10:07:00,S1,C3,P1,1,面议",
        f"B5,{day} 10:08:00,S1,C3,{HOSTILE},1,一些",
    ]
    file = tmp_path / "销售.csv"
    file.write_text("\n".join(rows), encoding="utf-8-sig")
    run_id = imports.add_run([file], kind="sales", source_name=f"收银{HOSTILE}", actor=SYSTEM)
    imports.execute(run_id, actor=SYSTEM)
    sql.run(
        sql.Statement(
            "lake",
            "insert into watermark (reader, xid) values ('lake', (pg_current_xact_id()::text::bigint + 1)::text::xid8)",
        )
    )
    trust.fold()
    return run_id


def enter(role: str, unit: str = "") -> Client:
    brand.ensure_login(username=role, password="a-long-password", name=role, roles=[role], actor=SYSTEM)
    user = User.objects.get(username=role)
    if unit:
        unit_id = brand.find_units([unit])[unit]
        sql.run(
            sql.Statement(
                "place",
                "update placement set org_unit_id = %(unit_id)s where staff_id ="
                " (select id from staff where user_id = %(user_id)s)",
            ),
            unit_id=unit_id,
            user_id=user.pk,
        )
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, path
    return response.content.decode()


def source_id() -> int:
    # Sources of tests that went before are there still
    return max(int(s.id) for s in trust.sources_for(SYSTEM) if s.name.startswith("收银"))


def the_day() -> str:
    return (clock.today() - timedelta(days=1)).isoformat()


def test_it_opens_with_a_sentence_and_every_number_opens(shop: int) -> None:
    boss = enter("boss")
    shown = page(boss, "/trust/")
    assert "昨天的数" in shown and "已齐" in shown
    assert HOSTILE not in shown and html.escape(HOSTILE) in shown
    for path in set(re.findall(r'href="(/trust/[^"#]*)', shown)):
        page(boss, html.unescape(path))
    assert "50.0%" in page(boss, "/trust/stores/")


def test_a_source_says_what_it_carries(shop: int) -> None:
    shown = page(enter("boss"), f"/trust/sources/{source_id()}/")
    assert "会员卡或账号" in shown and "50.00%" in shown
    assert "还看不出多少算正常" in shown and HOSTILE not in shown


def test_lineage_sums_and_opens_into_the_rows_of_the_file(shop: int) -> None:
    boss = enter("boss")
    shown = page(boss, f"/trust/lineage/?from={the_day()}&to={the_day()}")
    assert "¥12.50" in shown and "销售.csv" in shown
    assert "¥10.00" in page(boss, f"/trust/lineage/?from={the_day()}&to={the_day()}&store=S1")
    assert "¥2.50" in page(boss, f"/trust/lineage/?from={the_day()}&to={the_day()}&unknown=1")
    first = re.search(r'href="(/trust/lineage/\d+/)"[^>]*>B1<', shown)
    assert first and "第 2 行" in page(boss, first[1])


NONSENSE = (
    "from=yesterday",
    "from=2026-02-30",
    "from=2026-01-02&to=2026-01-01",
    "from=1990-01-01&to=2026-01-01",
    "store=nowhere",
    "product=nothing",
    "run=x",
    "source=9999999999999",
    "after=1",
)


def test_an_address_that_means_nothing_is_not_found(shop: int) -> None:
    boss = enter("boss")
    for query in NONSENSE:
        page(boss, f"/trust/lineage/?{query}", 404)


def test_rows_are_mended_in_place_once(shop: int) -> None:
    boss, url = enter("boss"), f"/trust/rejected/files/{shop}/"
    assert url in page(boss, "/trust/rejected/")
    shown = page(boss, url)
    assert "面议" in shown and HOSTILE not in shown
    inputs = [html.unescape(name) for name in re.findall(r'name="((?:cell|swap)\.[^"]*)"', shown)]
    swap = next(name for name in inputs if name.startswith("swap."))
    untouched = {
        name: "面议" for name in inputs if name.startswith("cell.") and not name.startswith("cell.0.6")
    }
    assert boss.post(url, untouched).status_code == 422
    done = boss.post(url, untouched | {swap: "8.80"})
    assert done.status_code == 302
    new_run_id = int(done["Location"].rstrip("/").rpartition("/")[2])
    imports.execute(new_run_id, actor=SYSTEM)
    found = sql.fetch(sql.Statement("sold", "select order_key from sale order by order_key"))
    assert [r.order_key for r in found] == ["B1", "B2", "B3", "B4"]
    assert boss.post(url, untouched | {swap: "9.90"}).status_code == 422
    assert "已经改好重新导入了" in page(boss, url)
    for name in ("cell.x.1.a", "cell.1", "swap.{", 'swap.["a"]'):
        assert boss.post(url, {name: "1"}).status_code == 404


def test_events_are_mended_together(shop: int) -> None:
    tracking.forget()
    source = tracking.add_source(name="web", label="商城", kind="web", actor=SYSTEM)
    tracking.declare(fact="Poured", name="size", type="number", klass="none", is_required=True, actor=SYSTEM)
    key = tracking.add_key(source.source_id, scopes=["events"], actor=SYSTEM)
    tracking.forget()
    writer = tracking.writer_of(key.token)
    assert writer is not None
    frame = tracking.Frame(received_at=clock.now())
    event = {"type": "track", "event": "Poured", "anonymousId": "a", "properties": {"size": HOSTILE}}
    for n in range(3):
        tracking.take([tracking.Told(writer, json.dumps(event | {"messageId": f"m{n}"}).encode(), frame)])
    boss, url = enter("boss"), f"/trust/rejected/events/{source.source_id}/property_wrong/"
    assert "/properties/size" in page(boss, url)
    assert page(enter("analyst"), url).count("<form method=") == page(enter("analyst"), "/trust/").count(
        "<form method="
    )
    put = {"act": "put", "pointer": "/properties/size", "as": "number"}
    assert boss.post(url, put | {"value": "大"}).status_code == 422
    assert boss.post(url, put | {"value": "nan"}).status_code == 422
    assert enter("analyst").post(url, put | {"value": "5"}).status_code == 404
    assert tracking.aside_counts() != []
    assert "收下了 3 条" in boss.post(url, put | {"value": "5"}).content.decode()
    assert "收下了 0 条" in boss.post(url, put | {"value": "5"}).content.decode()
    page(boss, url, 404)
    tracking.forget()


def _doors(run_id: int) -> list[str]:
    return [
        "/trust/",
        "/trust/stores/",
        f"/trust/sources/{source_id()}/",
        "/trust/lineage/",
        "/trust/rejected/",
        f"/trust/rejected/files/{run_id}/",
    ]


def test_a_dealer_sees_his_own_and_no_more(shop: int) -> None:
    dealer = enter("dealer", "S2")
    shown = page(dealer, "/trust/")
    assert html.escape(HOSTILE) not in shown  # the source's: it speaks of another's store too
    assert "没有收下" not in shown and "0.0%" in shown and "100.0%" not in shown
    assert "¥2.50" in page(dealer, f"/trust/lineage/?from={the_day()}&to={the_day()}")
    for path in (
        f"/trust/lineage/?from={the_day()}&to={the_day()}&store=S1",
        *_doors(shop)[2:3],
        *_doors(shop)[4:],
    ):
        page(dealer, path, 404)
    others = sql.fetch_one(
        sql.Statement("b1", "select fact_id from fact_order where order_key = 'B1'")
    ).fact_id
    page(dealer, f"/trust/lineage/{others}/", 404)
    for path in (f"/trust/rejected/files/{shop}/", "/trust/rejected/facts/stuck/"):
        assert dealer.post(path, {'swap.["实付金额", "面议"]': "1"}).status_code == 404
    assert len(trust.bad_rows(SYSTEM, shop)) == 3 and not any(
        r.new_run_id for r in trust.bad_rows(SYSTEM, shop)
    )


def test_who_has_no_part_in_data_finds_no_door(shop: int) -> None:
    for role in ("guide", "manager", "privacy_officer"):
        client = enter(role)
        for path in _doors(shop):
            page(client, path, 404)
        assert 'href="/trust/"' not in page(client, "/people/")


def test_an_analyst_looks_and_does_not_mend(shop: int) -> None:
    analyst = enter("analyst")
    for path in _doors(shop)[:5]:
        page(analyst, path)
    page(analyst, _doors(shop)[5], 404)
    assert analyst.post(_doors(shop)[5], {'swap.["实付金额", "面议"]': "1"}).status_code == 404
    assert not any(r.new_run_id for r in trust.bad_rows(SYSTEM, shop))


OURS = re.compile(r"[\u4e00-\u9fff]+")
THEIRS = {
    "简体中文",
    "繁體中文",
    "收银",
    "销售",
    "销售单号",
    "交易时间",
    "门店编码",
    "会员卡号",
    "商品编码",
    "数量",
    "实付金额",
    "一些",
    "面议",
    "我的品牌",
}


def test_it_speaks_english(shop: int) -> None:
    boss = enter("boss")
    boss.cookies["django_language"] = "en"
    for path in _doors(shop):
        shown = re.sub(r"<(script|style|aside).*?</\1>", "", page(boss, path), flags=re.DOTALL)
        assert set(OURS.findall(re.sub(r"<[^>]+>", " ", shown))) <= THEIRS, path


def test_a_number_of_sales_leads_to_where_it_comes_from(
    boss: Client, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def way(query: str, question: str = "sales") -> str:
        found = re.search(
            r'href="(/trust/lineage/[^"]*)"', boss.get(f"/behind/{question}/?{query}").content.decode()
        )
        return html.unescape(found[1]) if found else ""

    assert way("from=2017-01-01&to=2017-12-31") == "/trust/lineage/?from=2017-01-01&to=2017-12-31"
    day = "cell.day=2017-12-30&cell.store=S1"
    assert way(f"by=store&{day}") == "/trust/lineage/?from=2017-12-30&to=2017-12-30&store=S1"
    # Of a category or a group it could not tell just these
    assert way("from=2017-01-01&to=2017-12-31&cell.category=x") == ""
    assert way("cell.frequency=high&cell.ticket=low", "groups") == ""
    monkeypatch.setattr(house.brand, "actor_of", lambda user: GUIDE)
    assert way("from=2017-01-01&to=2017-12-31") == ""
