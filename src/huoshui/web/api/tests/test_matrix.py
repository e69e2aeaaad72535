"""Every address × whoever may not: made from the router, so that a new address is asked too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

import pytest

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM
from huoshui.core.ledger.api import GoodsLine
from huoshui.core.scope import scoped
from huoshui.engage.loyalty import api as loyalty
from huoshui.insight.api import segments, tags
from huoshui.trade.leads import api as leads
from huoshui.web.api import addresses as _declared  # noqa: F401
from huoshui.web.api.keys import add_key, revoke_key
from huoshui.web.api.service import routes
from huoshui.web.api.tests.client import AT, Answer, Caller, quote, sale
from huoshui.web.api.tests.conftest import ALL, Call
from huoshui.web.api.tests.stand_ins import Campaigns, Tills


class Address(NamedTuple):
    method: str
    path: str
    name: str
    scopes: tuple[str, ...]


def addresses() -> Iterator[Address]:
    for path, method, asked in routes:
        if asked.described:
            yield Address(method, path, asked.name, asked.scopes)


ADDRESSES = list(addresses())
each_address = pytest.mark.parametrize("address", ADDRESSES, ids=[a.name for a in ADDRESSES])

# What each address is asked, of a store and its customer
BODIES: dict[str, Any] = {
    "quote": lambda store, person: quote(store=store),
    "add_sale": lambda store, person: sale(store=store, order_key="new"),
    "add_sales": lambda store, person: sale(store=store, order_key="new", key="k1"),
    "add_refund": lambda store, person: AT,
    "add_exchange": lambda store, person: {
        **AT,
        "returned": [{"line_no": 1}],
        "sale": sale(store="S1", order_key="new"),
    },
    "void_sale": lambda store, person: AT,
    "claim_receipt": lambda store, person: {**AT, "bind_code": "A" * 16, "customer": {"card_no": "c1"}},
    "claim_coupon": lambda store, person: {"customer_id": person},
    "add_visit": lambda store, person: visit(store),
    "undo_visit": lambda store, person: {},
    "add_lead": lambda store, person: {**AT, "store": store, "customer": {"card_no": "lead-1"}},
    "add_reservation": lambda store, person: kept(store, "new"),
    "hand_over": lambda store, person: {},
    "release_reservation": lambda store, person: {},
    "transfer_coupon": lambda store, person: {"from_customer_id": person, "to_customer_id": person},
    "exchange_points": lambda store, person: {"partner": "kafei", "way": "in", "points": 3},
    "add_partner_points": lambda store, person: {"customer_id": person, "points": 3},
    "preview_rule": lambda store, person: {"rule": RULE},
    "estimate_rule": lambda store, person: {"rule": RULE},
    "call_off_count": lambda store, person: {"token": "t1"},
    "add_segment": lambda store, person: {"name": "新的", "rule": RULE},
    "add_segment_version": lambda store, person: {"rule": RULE},
    "set_segment_schedule": lambda store, person: {"every_minutes": 60},
    "plan_segment_export": lambda store, person: {"hour": 3},
    "define_tag": lambda store, person: {"key": "fresh", "name": "尝鲜", "kind": "flag"},
    "add_tag_version": lambda store, person: {"means": {"meaning": "常来"}},
    "give_tag": lambda store, person: {"tag": "regular", "reason": "她说的"},
    "end_tag": lambda store, person: {"reason": "弄错了"},
    "query_metrics": lambda store, person: {
        "measures": ["amount"],
        "by": ["store"],
        "where": {"store": [store]},
    },
}
RULE = "count(buy) >= 2"
WHOLE_BRAND = {"leads", "segments", "segments_save", "segments_export", "tags", "tags_define"}
"""What is asked for under these is no store's: a key of some stores gets none of it."""


def visit(store: str) -> dict[str, Any]:
    return {**AT, "store": store, "reason": "price"}


def kept(store: str, order_key: str) -> dict[str, Any]:
    return {"order_key": order_key, "store": store, "lines": [{"sku": "N1", "quantity": 1}]}


KEPT = sql.Statement("kept", "select order_key, state from goods_reservation order by 1")
CHANGED = sql.Statement(
    "changed",
    "select count(*) as n from settlement where name in ('Points Exchanged', 'Partner Points Issued')",
)
SEGMENTS = sql.Statement(
    "segments",
    "select name, version_no, beat_minutes, hour from segment s"
    " left join segment_export_plan p on p.segment_id = s.id order by s.id",
)
LEAD = sql.Statement("lead", "select min(id) as id from lead")
LEADS = sql.Statement("leads", "select count(*) as n from lead")
GIVEN = sql.Statement("given", "select id from tag_given where person_id = %(person)s")
TAGS = sql.Statement(
    "tags",
    "select (select string_agg(key || version_no, ',' order by id) from tag) as known,"
    " (select count(*) from tag_given where until is null) as worn, (select count(*) from tag_given) as said",
)
VISIT = sql.Statement("visit", "select fact_id from visit where client_key = %(key)s")
VISITS = sql.Statement("visits", "select client_key, taken_back_by from visit order by id")


def ask(who: Caller, address: Address, *, store: str, person: int) -> Answer:
    told = sql.fetch_one(VISIT, key=f"of-{store}").fact_id
    path = address.path.format(
        order_key=f"of-{store}",
        customer_id=person,
        template_id=7,
        record_id=told,
        code="C1",
        partner="kafei",
        segment_id=segment_id(),
        file_id=file_id(),
        tag_id=tags.find_key("regular"),
        lead_id=sql.fetch_one(LEAD).id,
    )
    if address.name == "end_tag":
        path = path.replace(f"/{told}/end", f"/{sql.fetch_one(GIVEN, person=person).id}/end")
    if address.name == "stock_documents":
        path += f"?store={store}"
    if address.name == "available_stock":
        path += f"?store={store}&sku=N1"
    if address.name == "find_customer":
        path += f"?phone=1391234000{store[-1]}"
    if address.method == "GET":
        return who.get(path)
    body = BODIES[address.name](store, person)
    return who.bulk(body) if address.name == "add_sales" else who.post(path, body)


def segment_id() -> int:
    return segments.listed(SYSTEM)[0].id


def file_id() -> int:
    return segments.files(SYSTEM, segment_id())[0].id


@pytest.fixture
def shop(call: Call, tills: Tills, campaigns: Campaigns, people: dict[str, int]) -> dict[str, int]:
    """An order and a customer of each of two dealers' stores, sold under one source."""
    head = call(name="pos")
    nuts = brand.find_or_add_skus({"N1": "坚果"})["N1"].id
    for store, unit in brand.find_units(list(people)).items():
        brand.receive_stock(key="R", org_unit_id=unit, lines=[GoodsLine(nuts, 5000)], actor=SYSTEM)
        assert head.post("/stock/reservations", kept(store, f"of-{store}")).status == 201
    loyalty.put_partner(loyalty.Partner(0, "kafei", "咖啡馆", 10, 3, "both", 1000, 500, 90), actor=SYSTEM)
    for person in people.values():
        said = {"customer_id": person, "points": 30}
        assert head.post("/partners/kafei/points", said, key=f"p{person}").status == 201
    kept_id = segments.create(name="老客", document="top(5, count(buy))", actor=SYSTEM).segment_id
    assert head.post(f"/segments/{kept_id}/exports/plan", {"hour": 5}, key="files").status == 200
    assert segments.carry_out(clock.now() + timedelta(days=1)) == 1
    regular = tags.define(key="regular", name="常客", kind="flag", definition=tags.Definition(), actor=SYSTEM)
    for person in people.values():
        tags.give(person_id=person, tag_id=regular.tag_id, reason="常来", actor=SYSTEM)
    for store in people:
        assert head.post("/sales", sale(store=store, order_key=f"of-{store}"), key=store).status == 201
        assert head.post("/visits", visit(store), key=f"of-{store}").status == 201
    draft = leads.Draft("of-S1", "form", people["S1"], clock.now())
    assert leads.make([draft], actor=SYSTEM)
    revoke_key(head.token.split("_")[1], actor=SYSTEM)
    tills.asked.clear()
    return people


def untouched(tills: Tills, campaigns: Campaigns) -> bool:
    visits = [(row.client_key, row.taken_back_by) for row in sql.fetch(VISITS)]
    assert visits == [("of-S1", None), ("of-S2", None)]
    assert [tuple(row) for row in sql.fetch(SEGMENTS)] == [("老客", 1, None, 5)]
    assert tuple(sql.fetch_one(TAGS)) == ("regular1", 2, 2)
    held = [(row.order_key.partition("/")[2], row.state) for row in sql.fetch(KEPT)]
    assert held == [("of-S1", "held"), ("of-S2", "held")]
    assert sql.fetch_one(CHANGED).n == 2, "the partner's points of the two, and no exchange"
    with scoped(SYSTEM):  # whoever asked last saw a store's only
        assert sql.fetch_one(LEADS).n == 1
    touched = campaigns.taken or campaigns.given
    return {order for _, order in tills.sold} == {"of-S1", "of-S2"} and not touched


@each_address
def test_the_right_key_gets_in(address: Address, call: Call, shop: dict[str, int]) -> None:
    """Else the refusals below would prove nothing."""
    stores = () if WHOLE_BRAND & {*address.scopes} else ("S1",)
    answer = ask(call(*address.scopes, stores=stores), address, store="S1", person=shop["S1"])

    assert answer.status in (200, 201), answer.content
    if address.name == "add_sales":
        assert answer.json["status"] == 201


@each_address
@pytest.mark.parametrize("who", ["nobody", "basic", "wrong", "revoked"])
def test_no_living_key_is_401(
    address: Address, who: str, call: Call, shop: dict[str, int], tills: Tills, campaigns: Campaigns
) -> None:
    made = add_key(name="pos", scopes=ALL, actor=SYSTEM)
    caller = Caller(made.token)
    if who == "nobody":
        caller = Caller()
    elif who == "basic":
        caller.headers["Authorization"] = f"Basic {made.token}"
    elif who == "wrong":
        caller = Caller(made.token[:-8] + "00000000")
    else:
        revoke_key(made.prefix, actor=SYSTEM)

    answer = ask(caller, address, store="S1", person=shop["S1"])

    assert (answer.status, answer.code) == (401, "unauthorized")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert not tills.asked
    assert untouched(tills, campaigns)


@each_address
def test_each_missing_scope_is_403(
    address: Address, call: Call, shop: dict[str, int], tills: Tills, campaigns: Campaigns
) -> None:
    for missing in address.scopes:
        others = [scope for scope in ALL if scope != missing]
        answer = ask(call(*others, name=f"no-{missing}"), address, store="S1", person=shop["S1"])

        assert (answer.status, answer.code) == (403, "scope_missing")
        assert answer.json["data"] == {"scope": missing}
    assert address.scopes
    assert not tills.asked
    assert untouched(tills, campaigns)


@each_address
def test_another_store_is_404(
    address: Address, call: Call, shop: dict[str, int], tills: Tills, campaigns: Campaigns
) -> None:
    answer = ask(call(stores=("S1",)), address, store="S2", person=shop["S2"])

    if address.name == "add_sales":
        assert answer.json["status"] == 404
        assert answer.json["problem"]["code"] == "not_found"
    elif address.name == "query_metrics":
        # A question and no address of a thing: another store sold nothing (test_metrics has it of a lake where it did)
        assert (answer.status, answer.json["rows"], answer.json["whole"]) == (200, [], {"amount": 0})
    elif address.name == "list_metrics":
        assert answer.status == 200, "what measures mean is no store's"
    else:
        assert (answer.status, answer.code) == (404, "not_found")
        assert not set(json.loads(answer.content)["data"]), "a refusal tells nothing"
    assert untouched(tills, campaigns)
