"""What tracked events do in the house: people, orders, the cheapest way, mending."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM
from huoshui.core.errors import Refused
from huoshui.core.facts import api as facts
from huoshui.intake.river.api import sweep
from huoshui.intake.tracking import api as tracking
from huoshui.intake.tracking import jobs, keys, plan
from huoshui.people import api as people
from huoshui.trade.sales import api as sales

FACTS = sql.Statement(
    "facts",
    "select f.id, f.name, f.body, s.state, s.person_id from fact f join settlement s on s.fact_id = f.id"
    " where f.source_id = %(source_id)s order by f.id",
)
LINKS = sql.Statement(
    "links", "select person_a, person_b, rule from link where unlinked_at is null order by id"
)


class Door:
    def __init__(self, source_id: int) -> None:
        self.source_id = source_id
        self.writer = keys.writer_for(source_id, tuple(tracking.SCOPES))

    def tell(self, *events: dict[str, Any]) -> list[tracking.Verdict]:
        frame = tracking.Frame(received_at=clock.now())
        return tracking.take([tracking.Told(self.writer, json.dumps(e).encode(), frame) for e in events])

    def tracked(self, event: str = "Viewed", **more: Any) -> tracking.Verdict:
        return self.tell({"type": "track", "event": event} | more)[0]

    def identified(self, **more: Any) -> tracking.Verdict:
        return self.tell({"type": "identify"} | more)[0]

    def facts(self) -> list[Any]:
        return sql.fetch(FACTS, source_id=self.source_id)


Doors = Callable[..., Door]


@pytest.fixture
def doors(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Doors]:
    brand.ensure_headquarters("总部")
    brand.upsert_stores(pa.table({"store_code": ["S1"], "name": ["网店"], "dealer": ["甲"]}), actor=SYSTEM)
    plan.forget()
    monkeypatch.setattr("huoshui.intake.tracking.actions.seen", plan.Seen())

    def make(name: str = "web", **told: Any) -> Door:
        how: dict[str, Any] = {"name": name, "label": "", "kind": "web", "store_code": "S1", "actor": SYSTEM}
        source = tracking.add_source(**how | told)
        return Door(source.source_id)

    yield make
    plan.forget()


@pytest.fixture
def door(doors: Doors) -> Door:
    return doors()


def kinds_of(fact: Any) -> set[str]:
    found = sql.Statement("kinds", "select kind from identifier where person_id = %(person_id)s")
    return {row.kind for row in sql.fetch(found, person_id=fact.person_id)}


def test_a_first_visit_waits_for_the_river_and_the_next_is_settled_as_it_is_written(door: Door) -> None:
    door.tracked(anonymousId="a1")
    (first,) = door.facts()
    assert (first.state, first.person_id) == ("received", None)
    sweep()
    door.tracked(anonymousId="a1")
    first, second = door.facts()
    assert first.state == second.state == "settled"
    assert first.person_id == second.person_id is not None


def test_what_is_settled_as_it_is_written_reaches_readers_by_its_transaction(door: Door) -> None:
    door.tracked(anonymousId="a1")
    sweep()
    door.tracked(anonymousId="a1")
    row = sql.fetch_one(
        sql.Statement(
            "last",
            "select seq, xid = pg_current_xact_id() as here, settled_at from settlement"
            " order by fact_id desc limit 1",
        )
    )
    assert row.seq is not None and row.here and row.settled_at is not None


def test_the_same_user_of_two_sources_is_two_unless_they_share_their_users(doors: Doors) -> None:
    web, app, other = doors("web"), doors("app", user_scope="web"), doors("other")
    for door in (web, app, other):
        door.identified(userId="1001")
    sweep()
    ids = [door.facts()[0].person_id for door in (web, app, other)]
    assert ids[0] == ids[1] != ids[2]


def test_identify_tells_traits_and_contacts_and_they_are_kept_sealed(door: Door) -> None:
    verdict = door.identified(
        userId="u1",
        traits={"name": "张三", "phone": "139 1234 5678", "email": "Z@Example.com", "vip": True},
        context={"traits": {"email": "z@example.com"}},
    )
    sweep()
    (fact,) = door.facts()
    assert verdict.warnings == ()
    assert kinds_of(fact) == {"account", "phone", "email"}
    (told,) = sql.fetch(sql.Statement("told", "select name, value, person_id from attribute"))
    assert (told.name, told.value, told.person_id) == ("name", "张三", fact.person_id)
    text = fact.body.lower()
    assert "13912345678" not in text.replace(" ", "") and "example.com" not in text
    assert json.loads(fact.body)["traits"]["vip"] is True


def test_a_phone_that_is_none_is_warned_of_and_the_rest_comes_in(door: Door) -> None:
    verdict = door.identified(userId="u1", traits={"phone": "12"})
    assert verdict.status == "accepted"
    assert [(w.code, w.pointer) for w in verdict.warnings] == [("not_a_phone", "/traits/phone")]


def test_what_a_visitor_did_is_theirs_once_they_sign_in_and_not_the_next_ones(door: Door) -> None:
    door.tracked(anonymousId="a1")
    sweep()
    door.identified(userId="u1", anonymousId="a1")
    sweep()
    door.identified(userId="u2", anonymousId="a1")
    sweep()
    door.tracked(userId="u2", anonymousId="a1")
    visited, first, second, last = (fact.person_id for fact in door.facts())
    assert people.canonical_id(visited) == people.canonical_id(first)
    assert people.canonical_id(second) == second != people.canonical_id(first)
    assert last == second and door.facts()[-1].state == "settled"


def test_a_browser_handed_on_is_of_whoever_was_known_there_last_when_it_happened(door: Door) -> None:
    def at(minutes: int) -> str:
        return (clock.now() - timedelta(minutes=600 - minutes)).isoformat()

    def told(*events: dict[str, Any]) -> list[int | None]:
        stamps: list[dict[str, Any]] = [{"timestamp": at(e.pop("minutes"))} for e in events]
        before = len(door.facts())
        common = {"type": "track", "event": "Viewed", "anonymousId": "a1"}
        door.tell(*(common | e | stamp for e, stamp in zip(events, stamps, strict=True)))
        sweep()
        return [fact.person_id for fact in door.facts()[before:]]

    a, on_hers = told({"userId": "u1", "minutes": 0}, {"minutes": 60})
    (again,) = told({"minutes": 120})
    # One delivery: the sign-in is not settled as its next event is looked at
    b, on_theirs = told({"userId": "u2", "minutes": 200}, {"minutes": 201})
    (later,) = told({"minutes": 300})
    assert door.facts()[-1].state == "settled"
    offline, first = told({"minutes": 150}, {"minutes": 30})
    assert [on_hers, again, offline, first] == [a] * 4
    assert [on_theirs, later] == [b] * 2 and a != b
    assert people.canonical_id(a or 0) != people.canonical_id(b or 0)
    back, hers = told({"userId": "u1", "minutes": 400}, {"minutes": 401})
    assert back == hers == a
    door.tracked(userId="u1", anonymousId="a1", timestamp=at(402))
    assert door.facts()[-1].state == "settled", "in one visit nothing more is to be kept"


def test_a_phone_joins_who_has_it_in_two_sources(doors: Doors) -> None:
    one, other = doors("web"), doors("miniapp")
    one.identified(userId="u1", traits={"phone": "13912345678"})
    sweep()
    other.identified(userId="x9")
    sweep()
    other.identified(userId="x9", traits={"phone": "13912345678"})
    sweep()
    a, b = one.facts()[0].person_id, other.facts()[0].person_id
    assert a != b
    assert people.canonical_id(a) == people.canonical_id(b)


def test_alias_links_two_users_and_the_link_can_be_taken_back(door: Door) -> None:
    door.identified(userId="old")
    door.identified(userId="new")
    sweep()
    old, new = (fact.person_id for fact in door.facts())
    door.tell({"type": "alias", "previousId": "old", "userId": "new"})
    sweep()
    assert people.canonical_id(old) == people.canonical_id(new)
    assert len(sql.fetch(LINKS)) == 1


def test_external_ids_need_all_four_and_a_known_type(door: Door) -> None:
    whole = {"id": "oUnion", "type": "unionid", "collection": "users", "encoding": "none"}
    verdict = door.tracked(
        userId="u1",
        context={
            "externalIds": [whole, {"id": "x", "type": "openid"}, whole | {"type": "shoe_size", "id": "43"}]
        },
    )
    assert [(w.code, w.pointer) for w in verdict.warnings] == [
        ("external_id_incomplete", "/context/externalIds/1")
    ]
    sweep()
    assert kinds_of(door.facts()[0]) == {"account", "unionid"}


def test_an_order_goes_through_the_whole_chain_and_comes_back(door: Door) -> None:
    products = [{"sku": "A", "price": 10, "quantity": 2}, {"sku": "B", "price": "5.50"}]
    told = {"order_id": "O1", "products": products, "discount": 2.5, "currency": "CNY"}
    verdict = door.tracked("Order Completed", userId="u1", messageId="m1", properties=told)
    assert verdict.status == "accepted" and verdict.fact_id is not None
    state = sales.order_state(door.source_id, "O1")
    assert state is not None and state.total == 2300
    assert door.tracked("Order Completed", userId="u1", messageId="m1", properties=told).status == "duplicate"
    back = door.tracked(
        "Order Refunded", userId="u1", properties={"order_id": "O1", "products": [{"sku": "A"}]}
    )
    assert back.status == "accepted"
    state = sales.order_state(door.source_id, "O1")
    assert state is not None and state.returned == 901  # half of 20.00 less its share of the discount
    whole = door.tracked("Order Refunded", userId="u1", properties={"order_id": "O1"})
    assert whole.status == "accepted"
    state = sales.order_state(door.source_id, "O1")
    assert state is not None and state.returned == state.total
    assert {fact.state for fact in door.facts()} == {"settled"}
    assert len({fact.person_id for fact in door.facts()}) == 1


def test_a_refund_that_comes_before_its_order_waits_for_it(door: Door) -> None:
    for told in ({"order_id": "O1", "total": "3.00"}, {"order_id": "O1"}):
        assert door.tracked("Order Refunded", userId="u1", properties=told).status == "accepted"
    products = [{"sku": "A", "price": 10, "quantity": 2}]
    door.tracked("Order Completed", userId="u1", properties={"order_id": "O1", "products": products})
    state = sales.order_state(door.source_id, "O1")
    assert state is not None and (state.total, state.returned) == (2000, 2000)
    assert {fact.state for fact in door.facts()} == {"settled"}


def test_an_order_that_cannot_be_read_is_set_aside_mended_and_told_again(door: Door) -> None:
    told = {"order_id": "O1", "products": [{"sku": "A", "price": "ten"}]}
    event = {
        "type": "track",
        "event": "Order Completed",
        "userId": "u1",
        "messageId": "m1",
        "properties": told,
    }
    (verdict,) = door.tell(event)
    assert (verdict.status, verdict.pointer) == ("rejected", "/properties/products/0/price")
    door.tell(event)
    (kept,) = tracking.set_aside()
    assert (kept.code, kept.times, kept.name) == ("order_amount_unreadable", 2, "Order Completed")
    text = tracking.open_one(kept.id).text
    assert json.loads(text) == event
    still = tracking.replay(kept.id, text=text.replace('"ten"', '"eleven"'), actor=SYSTEM)
    assert still.status == "rejected"
    assert "eleven" in tracking.open_one(kept.id).text
    done = tracking.replay(kept.id, text=text.replace('"ten"', "10"), actor=SYSTEM)
    assert done.status == "accepted"
    assert tracking.open_one(kept.id).state == "replayed"
    state = sales.order_state(door.source_id, "O1")
    assert state is not None and state.total == 1000
    with pytest.raises(Refused):
        tracking.replay(kept.id, text=None, actor=SYSTEM)


def test_what_is_set_aside_cannot_be_read_in_the_database(door: Door) -> None:
    door.tell({"type": "identify", "traits": {"phone": "13912345678"}})
    row = sql.fetch_one(sql.Statement("aside", "select body, frame::text as frame from tracked_aside"))
    assert b"13912345678" not in bytes(row.body)


def test_declared_properties_are_checked_and_others_counted(door: Door) -> None:
    tracking.declare(
        fact="Viewed", name="sku", type="string", klass="behaviour", is_required=True, actor=SYSTEM
    )
    tracking.declare(fact="Viewed", name="price", type="number", klass="plain", actor=SYSTEM)
    seen = plan.Seen()
    pytest.MonkeyPatch().setattr("huoshui.intake.tracking.actions.seen", seen)
    good = {"type": "track", "event": "Viewed", "userId": "u1"}
    verdicts = door.tell(
        good | {"properties": {"sku": "A", "price": 1.5, "colour": "red"}},
        good | {"properties": {"price": 1}},
        good | {"properties": {"sku": "A", "price": "1"}},
        good | {"event": "Other", "properties": {"price": "x"}},
    )
    assert [(v.status, v.code, v.pointer) for v in verdicts] == [
        ("accepted", "", ""),
        ("rejected", "property_missing", "/properties/sku"),
        ("rejected", "property_wrong", "/properties/price"),
        ("accepted", "", ""),
    ]
    seen.write(clock.now())
    names = {(s.fact, s.property): (s.times, s.sample_type) for s in tracking.seen_names()}
    assert names == {
        ("Viewed", ""): (1, ""),
        ("Viewed", "sku"): (1, "string"),
        ("Viewed", "price"): (1, "number"),
        ("Viewed", "colour"): (1, "string"),
        ("Other", ""): (1, ""),
        ("Other", "price"): (1, "string"),
    }
    assert json.loads(door.facts()[0].body)["properties"]["colour"] == "red"


def test_names_without_end_fill_no_table(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "MOST_NAMES", 5)
    seen = plan.Seen()
    for n in range(20):
        seen.add({(door.source_id, "X", (f"p{n}",)): (1, {f"p{n}": 1})})
    seen.write(clock.now())
    found = tracking.seen_names()
    assert len(found) <= 6
    assert sum(s.times for s in found) == 40


def test_messages_are_forgotten_after_their_days_and_not_before(door: Door, settings: Any) -> None:
    door.tracked(userId="u1", messageId="m1")
    assert jobs.forget_messages() == 0
    settings.HUOSHUI_TRACKING_MEMORY_DAYS = -1
    assert jobs.forget_messages() == 1


def test_the_stream_tells_the_latest_first_and_filters(door: Door) -> None:
    door.tracked("A", userId="u1", properties={"colour": "red"})
    door.tracked("B", userId="u2")
    ids = [door.source_id]
    assert [s.name for s in tracking.stream(ids)] == ["B", "A"]
    assert [s.name for s in tracking.stream(ids, name="A")] == ["A"]
    assert [s.name for s in tracking.stream(ids, text="red")] == ["A"]
    last = tracking.stream(ids)[0].fact_id
    assert tracking.stream(ids, after=last) == []
    assert tracking.stream([0]) == []
    sweep()
    person = tracking.stream(ids, name="B")[0].person_id
    assert [s.name for s in tracking.stream(ids, person_id=person)] == ["B"]


def test_a_source_of_history_tells_history(doors: Doors) -> None:
    door = doors("past", mode="history")
    door.tracked(userId="u1")
    sweep()
    assert facts.head(door.facts()[0].id).is_history


def test_reports_of_the_house_cannot_be_settled_past_the_river(door: Door) -> None:
    from huoshui.core.facts.told import Told, take_in

    told = Told(["Identify"], ["k"], ["0" * 32], [clock.now()], [None], [True], [b"{}"])
    with pytest.raises(ValueError, match="river"):
        take_in(told, source=door.writer.source, received_at=clock.now(), actor=SYSTEM)


def test_only_what_was_declared_for_it_reaches_the_lake(door: Door) -> None:
    from huoshui.core.subscribers import PROPERTY_SCHEMA
    from huoshui.intake.tracking import lake

    assert lake.properties([]) is None
    tracking.declare(fact="Viewed", name="sku", type="string", klass="behaviour", actor=SYSTEM)
    tracking.declare(fact="Viewed", name="price", type="number", klass="plain", actor=SYSTEM)
    tracking.declare(fact="Viewed", name="note", type="string", klass="none", actor=SYSTEM)
    tracking.declare(fact="Viewed", name="phone", type="string", klass="plain", actor=SYSTEM)
    values = {"sku": "A", "price": 1.5, "note": "n", "phone": "13912345678", "colour": "red", "tags": []}
    door.tracked(userId="u1", properties=values)
    door.tracked("Other", userId="u1", properties={"sku": "B"})
    sweep()
    rows = lake.properties([fact.id for fact in door.facts()])
    assert rows is not None
    assert rows.select(PROPERTY_SCHEMA.names).cast(PROPERTY_SCHEMA).num_rows == 2
    found = {r["property"]: (r["value"], r["number"], r["person_id"]) for r in rows.to_pylist()}
    person = door.facts()[0].person_id
    assert found == {"sku": ("A", None, person), "price": ("1.5", 1.5, person)}


def test_objects_are_not_declared_for_the_lake(door: Door) -> None:
    with pytest.raises(Refused):
        tracking.declare(fact="Viewed", name="tags", type="array", klass="plain", actor=SYSTEM)
