"""What each room tells the lake of people: attributes, tiers, points, clusters, as changes since a transaction."""

from __future__ import annotations

import pyarrow as pa
import pytest
from django.db import transaction

from huoshui.brand import api as brand
from huoshui.core.actor import SYSTEM
from huoshui.core.facts import api as facts
from huoshui.core.subscribers import STATE_SCHEMA, XidRange, registry
from huoshui.core.tests.ground import clean_tables, wait_for_readers
from huoshui.engage.loyalty import api as loyalty
from huoshui.intake.river.tests.world import Shop, line
from huoshui.people import api as people

__all__ = ["clean_tables"]


@pytest.fixture
def shop(clean_tables: None) -> Shop:
    brand.ensure_headquarters("总部")
    return Shop()


def changes(low: int = 0) -> list[tuple[int, str, str | None, float | None]]:
    """(person, key, value, number) that all rooms tell since a transaction."""
    wait_for_readers()
    tables = [source(XidRange(low, facts.horizon())) for source in registry.state.values()]
    for table in tables:
        assert table.schema.names == STATE_SCHEMA.names
        assert table.cast(STATE_SCHEMA).schema == STATE_SCHEMA
    rows = pa.concat_tables([t.cast(STATE_SCHEMA) for t in tables]).to_pylist()
    return sorted((r["person_id"], r["key"], r["value"], r["number"]) for r in rows)


def test_each_room_tells_what_changed_and_only_then(shop: Shop) -> None:
    shop.tell(shop.member(("card_no", shop.card), city="上海", household_size="3", code="0012.50"))
    person = shop.person()
    assert changes() == [
        (person, "attr.city", "上海", None),
        (person, "attr.code", "0012.50", 12.5),
        (person, "attr.household_size", "3", 3.0),
    ]
    wait_for_readers()
    low = facts.horizon()
    assert changes(low) == []
    shop.tell(shop.order(line(1_000_00)))
    tier = (person, "tier", "银卡会员", 1.0)
    assert changes(low) == [(person, "balance.points", None, 1000.0), tier]
    shop.tell(shop.order(line(1_00), key="O2"))
    assert changes(low) == [(person, "balance.points", None, 1001.0), tier], "more spent, the same tier"


def test_a_merge_and_a_parting_are_changes_too(shop: Shop) -> None:
    other = Shop()
    for one in (shop, other):
        one.tell(one.member(("card_no", one.card)))
    a, b = shop.person(), other.person()
    wait_for_readers()
    low = facts.horizon()
    with transaction.atomic():
        link = people.merge(person_a=a, person_b=b, reason="同一个人", actor=SYSTEM)
    assert changes(low) == [(b, "cluster", str(a), float(a))]
    wait_for_readers()
    low = facts.horizon()
    with transaction.atomic():
        people.unmerge(link_id=link, reason="弄错了", actor=SYSTEM)
    assert changes(low) == [(a, "cluster", str(a), float(a)), (b, "cluster", str(b), float(b))]


def test_tiers_are_named_from_the_lowest(db: None) -> None:
    assert loyalty.tier_names() == ["普通会员", "银卡会员", "金卡会员", "钻石会员"]
