"""What a person did on sites and apps stands among their orders, as it happened."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from huoshui.core.actor import SYSTEM
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import Note
from huoshui.web.console.contexts import doings
from huoshui.web.console.tests.stand_ins import GUIDE, NOON, House

HTMX = {"HX-Request": "true"}
Did = Callable[[Sequence[tuple[datetime, str, str]]], None]


@pytest.fixture
def did(boss: Client) -> Did:
    """(when, name, product) of person 11, settled."""
    source = facts.ensure_source(name="track:web", label="商城", mode="live")

    def told(some: Sequence[tuple[datetime, str, str]]) -> None:
        bodies = [json.dumps({"properties": {"name": about}}).encode() for _, _, about in some]
        with transaction.atomic():
            facts.take_in(
                facts.Told(
                    names=[name for _, name, _ in some],
                    keys=[str(n) for n in range(len(some))],
                    hashes=[f"{n:032x}" for n in range(len(some))],
                    times=[at for at, _, _ in some],
                    person_ids=[11] * len(some),
                    settled=[True] * len(some),
                    bodies=bodies,
                ),
                source=source,
                received_at=NOON,
                actor=SYSTEM,
            )

    return told


def shown(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_doings_of_two_hours_at_one_place_stand_together(boss: Client, did: Did) -> None:
    at = NOON + timedelta(days=1)
    did(
        [
            (at, "Product Viewed", "<b>牛奶</b>"),
            (at + timedelta(minutes=1), "Product Viewed", "<b>牛奶</b>"),
            (at + timedelta(minutes=2), "Coffee Rated", "拿铁"),
            (at + timedelta(hours=3), "Product Added", "酸奶"),
        ]
    )
    page = boss.get("/people/11/").content.decode()
    said = shown(page)
    assert "商城 3 个动作" in said and "看商品 <b>牛奶</b> 2 次" in said and "Coffee Rated 拿铁" in said
    assert said.index("放进购物车 酸奶") < said.index("Coffee Rated") < said.index("看商品")
    assert "<b>牛奶</b>" not in page


def test_facts_of_our_own_say_in_words_what_they_are_about(boss: Client) -> None:
    told: dict[str, tuple[dict[str, Any], str]] = {
        "Segment Entered": ({"segment": "爱喝茶"}, "进了人群 爱喝茶"),
        "Segment Left": ({"segment": "新客"}, "离开了人群 新客"),
        "Consent Given": (
            {"consents": [{"purpose": "marketing", "channel": "sms"}, {"purpose": "sensitive"}]},
            "同意了 营销消息 · 短信，使用敏感信息",
        ),
        "Consent Withdrawn": ({"properties": {"purpose": "marketing"}}, "撤回了同意 营销消息"),
        "Person Referred": ({}, "别人推荐来的"),
        "Relation Declared": ({}, "说明了和谁的关系"),
        "Member Joined": ({}, "入会"),
        "Membership Ended": ({}, "退会"),
        "Product Scanned": ({"properties": {"name": "春茶"}}, "扫了商品 春茶"),
        "Tier Reached": ({"tier": "金卡", "rank": 2}, "升到会员等级 金卡"),
        "Payment Made": ({}, "付款"),
        "Contact Removed": ({}, "删了企业微信"),
        "Screen Touched": ({"content": "春茶上新"}, "点了门店屏幕 春茶上新"),
    }
    notes = [
        Note(name, f"n{n}", 11, NOON + timedelta(days=n), body)
        for n, (name, (body, _)) in enumerate(told.items())
    ]
    with transaction.atomic():
        facts.note(notes, actor=SYSTEM)
    said = shown(boss.get("/people/11/").content.decode())
    for name, (_, words) in told.items():
        assert words in said and name not in said, name


def test_the_timeline_of_orders_and_doings_shows_each_once_whatever_is_more(
    boss: Client, did: Did, house: House
) -> None:
    oldest = min(sale.occurred_at for sale in house.sales.sold)
    times = [oldest + timedelta(hours=6 * n) for n in range(-20, 2 * doings.PAGE)]
    did([(at, "Product Viewed", f"P{n}") for n, at in enumerate(times)])
    path, doing, sold, pages = "/people/11/", [], [], 0
    while path:
        page = boss.get(path, headers=HTMX if pages else {}).content.decode()
        page = page[page.index('<ol class="hs-tl"') if pages == 0 else 0 :]
        doing += re.findall(r"<b>(P\d+)</b>", page)
        sold += re.findall(r"sale=(\d+)", page)
        more = re.search(r'href="(/people/11/timeline/[^"]+)"', page)
        path, pages = html.unescape(more[1]) if more else "", pages + 1
    assert doing == [f"P{n}" for n in reversed(range(len(times)))] and pages > 2
    assert sorted(map(int, sold)) == sorted(sale.fact_id for sale in house.sales.sold)


def test_what_was_taken_back_is_not_shown(boss: Client, did: Did) -> None:
    did([(NOON, "Product Viewed", "牛奶"), (NOON, "Product Viewed", "酸奶")])
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into fact_withdrawn (fact_id, run_id) select id, 1 from fact where body::text like %s",
            ["%牛奶%"],
        )
    page = boss.get("/people/11/").content.decode()
    assert "牛奶" not in page and "酸奶" in page


def test_who_sees_a_part_of_the_brand_is_not_told_what_its_customers_look_at_elsewhere(
    boss: Client, did: Did
) -> None:
    did([(NOON, "Product Viewed", "牛奶")])
    assert "牛奶" in boss.get("/people/11/").content.decode()
    assert doings.read(GUIDE, 11, None) == []
