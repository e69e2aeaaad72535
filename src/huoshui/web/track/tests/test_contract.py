"""The contract of `/v1/*`, address by address and rule by rule."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.core.tests import ground
from huoshui.intake.tracking import api as tracking
from huoshui.intake.trust import api as trust
from huoshui.web.track import reading, service
from huoshui.web.track.tests.conftest import Open, Site

NOW = datetime(2026, 11, 26, 8, 0, tzinfo=UTC)

FACTS = sql.Statement(
    "facts",
    "select f.name, f.client_key, f.occurred_at, f.body, s.state, s.person_id from fact f"
    " join settlement s on s.fact_id = f.id where f.source_id = %(source_id)s order by f.id",
)


def facts(site: Site) -> list[Any]:
    return sql.fetch(FACTS, source_id=site.source_id)


def body_of(fact: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(fact.body)
    return found


WHO = {"anonymousId": "a-1"}


@pytest.mark.parametrize(
    ("path", "letter", "event", "name"),
    [
        ("track", "t", {"event": "Product Viewed"}, "Product Viewed"),
        ("page", "p", {"name": "home"}, "Page"),
        ("screen", "s", {"name": "home"}, "Screen"),
        ("identify", "i", {"traits": {"plan": "gold"}}, "Identify"),
        ("group", "g", {"groupId": "g1"}, "Group"),
        ("alias", "a", {"previousId": "old", "userId": "u1"}, "Alias"),
    ],
)
def test_each_call_has_its_address_and_its_letter(
    site: Site, path: str, letter: str, event: dict[str, Any], name: str
) -> None:
    assert site.told(path, event | WHO)["accepted"] == 1
    assert site.told(letter, event | WHO, way="body", content_type="text/plain")["accepted"] == 1
    assert site.verdicts(event | WHO | {"type": path})[0]["status"] == "accepted"
    assert [fact.name for fact in facts(site)] == [name] * 3


@pytest.mark.parametrize("path", ["batch", "b"])
def test_a_batch_may_be_packed(site: Site, path: str) -> None:
    told = site.told(path, {"batch": [{"type": "page"} | WHO] * 2}, packed=True)
    assert (told["success"], told["accepted"]) == (True, 2)


def test_the_key_may_come_in_the_header_in_the_body_or_in_both(site: Site) -> None:
    event = {"event": "X"} | WHO
    assert site.post("track", event, way="basic").status_code == 200
    assert site.post("track", event, way="body").status_code == 200
    assert site.post("track", event | {"writeKey": site.token}).status_code == 200
    bearer: dict[str, Any] = {"HTTP_AUTHORIZATION": "Bearer something"}
    assert site.post("track", event, way="body", **bearer).status_code == 200
    wrong: dict[str, Any] = {"HTTP_AUTHORIZATION": "Basic bm9ib2R5Og=="}
    assert site.post("track", event, way="none", **wrong).status_code == 401
    assert site.post("track", event, way="none").status_code == 401
    assert len(facts(site)) == 4
    assert all("writeKey" not in body_of(fact) for fact in facts(site))


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b"7", b'"x"', b"null", b"\xff\xfe", b"[" * 5000, b'{"batch":7}', b"{}"]
)
def test_what_is_no_batch_is_told_so_with_code_and_message(site: Site, raw: bytes) -> None:
    response = site.post("batch", raw)
    told = json.loads(response.content)
    assert response.status_code == 400
    assert told["code"] and told["message"]
    assert not facts(site)


def test_bodies_of_four_megabytes_come_in_and_no_more(site: Site) -> None:
    event = {"type": "track", "event": "X", "properties": {"x": "y" * 30_000}} | WHO
    batch = {"batch": [event] * 138}
    assert 4_000_000 < len(json.dumps(batch)) <= reading.MOST_BYTES
    assert site.told("batch", batch)["accepted"] == 138
    response = site.post("batch", {"batch": [event] * 150})
    assert response.status_code == 413
    assert json.loads(response.content)["code"] == "body_too_large"


def test_a_bomb_is_not_unpacked(site: Site) -> None:
    response = site.post("batch", b"0" * 200_000_000, packed=True)
    assert response.status_code == 413


def test_an_event_has_32_kilobytes_and_a_batch_2500_events(site: Site) -> None:
    large = {"type": "track", "event": "X", "properties": {"x": "y" * 33_000}} | WHO
    small = {"type": "track", "event": "X"} | WHO
    first, second = site.verdicts(large, small)
    assert (first["status"], first["code"]) == ("rejected", "event_too_large")
    assert second["status"] == "accepted"
    assert site.post("batch", {"batch": [small] * 2501}).status_code == 400


def test_every_item_has_its_verdict_and_its_pointer(site: Site) -> None:
    told = site.verdicts(
        {"type": "track", "event": "X"} | WHO,
        {"type": "track"} | WHO,
        {"event": "X"} | WHO,
        {"type": "no", "event": "X"} | WHO,
        {"type": "track", "event": "X"},
        {"type": "track", "event": "X", "properties": 7} | WHO,
        7,
        {"type": "track", "event": "X", "timestamp": "yesterday"} | WHO,
        {"type": "track", "event": "X", "messageId": "m" * 101} | WHO,
        {"type": "group"} | WHO,
        {"type": "alias", "userId": "u"} | WHO,
        {"type": "track", "event": "Identify"} | WHO,
    )
    assert [(v["status"], v.get("code"), v.get("pointer")) for v in told] == [
        ("accepted", None, None),
        ("rejected", "event_missing", "/batch/1/event"),
        ("rejected", "type_missing", "/batch/2/type"),
        ("rejected", "type_unknown", "/batch/3/type"),
        ("rejected", "ids_missing", "/batch/4/userId"),
        ("rejected", "event_unreadable", "/batch/5/properties"),
        ("rejected", "event_unreadable", "/batch/6"),
        ("rejected", "time_unreadable", "/batch/7/timestamp"),
        ("rejected", "message_id_too_long", "/batch/8/messageId"),
        ("rejected", "group_missing", "/batch/9/groupId"),
        ("rejected", "alias_incomplete", "/batch/10/previousId"),
        ("rejected", "name_reserved", "/batch/11/event"),
    ]
    assert all(v["message"] for v in told[1:])
    assert len(facts(site)) == 1
    assert sum(items for _, _, items, _ in tracking.aside_counts()) == 11


def test_a_message_counts_once_whatever_it_says(site: Site) -> None:
    event = {"type": "track", "event": "X", "messageId": "m1"} | WHO
    assert [v["status"] for v in site.verdicts(event, event)] == ["accepted", "duplicate"]
    again = event | {"event": "Y", "timestamp": "2026-11-20T00:00:00Z"}
    assert [v["status"] for v in site.verdicts(again)] == ["duplicate"]
    assert [v["status"] for v in site.told("track", event, way="body")["verdicts"]] == ["duplicate"]
    assert [fact.name for fact in facts(site)] == ["X"]
    # How often that was is on the pages of data trust
    tracking.write_counts()
    assert trust.source_trust(SYSTEM, site.source_id)[0].duplicates == 3
    site.verdicts(event)
    tracking.write_counts()
    assert tracking.repeated() == {site.source_id: 4}


def test_a_message_of_another_source_is_set_aside_and_not_lost(site: Site, open_site: Open) -> None:
    other = open_site("other")
    event = {"type": "track", "event": "X", "messageId": "m1"} | WHO
    site.verdicts(event)
    (verdict,) = other.verdicts(event)
    assert (verdict["status"], verdict["code"]) == ("rejected", "message_of_another")
    assert not facts(other)
    assert len(tracking.set_aside(source_id=other.source_id)) == 1


def test_a_rejected_event_takes_no_message_id(site: Site) -> None:
    wrong = {"type": "track", "messageId": "m1"} | WHO
    assert site.verdicts(wrong)[0]["status"] == "rejected"
    assert site.verdicts(wrong | {"event": "X"})[0]["status"] == "accepted"


@time_machine.travel(NOW, tick=False)
def test_the_senders_clock_is_corrected_by_ours(site: Site) -> None:
    event = {"type": "track", "event": "X"} | WHO
    said, sent = "2026-11-26T05:00:00.000Z", "2026-11-26T05:00:10.000Z"
    site.told("batch", {"batch": [event | {"timestamp": said}], "sentAt": sent})
    site.told("track", event | {"timestamp": said, "sentAt": sent})
    site.told("track", event | {"timestamp": "2026-11-26T15:59:00+08:00"})
    site.told("track", event)
    site.told("track", event | {"timestamp": sent, "sentAt": said})  # would be in the future
    assert [fact.occurred_at for fact in facts(site)] == [
        NOW - timedelta(seconds=10),
        NOW - timedelta(seconds=10),
        NOW - timedelta(minutes=1),
        NOW,
        NOW,
    ]
    kept = body_of(facts(site)[0])
    assert kept["originalTimestamp"] == said
    assert datetime.fromisoformat(kept["timestamp"]) == NOW - timedelta(seconds=10)
    assert datetime.fromisoformat(kept["receivedAt"]) == NOW
    assert datetime.fromisoformat(kept["sentAt"]) == datetime.fromisoformat(sent)


def test_a_time_nobody_can_believe_makes_no_month(site: Site) -> None:
    (verdict,) = site.verdicts({"type": "track", "event": "X", "timestamp": "0001-01-01T00:00:00Z"} | WHO)
    assert verdict["code"] == "time_unbelievable"


def test_what_stands_at_the_top_of_a_batch_is_every_items(site: Site) -> None:
    items = [{"type": "page", "context": {"locale": "zh-CN"}} | WHO, {"type": "page"} | WHO]
    top = {
        "context": {"app": {"name": "shop"}, "locale": "en", "direct": True},
        "integrations": {"All": True},
    }
    site.told("batch", {"batch": items} | top)
    first, second = map(body_of, facts(site))
    assert first["context"] == {"app": {"name": "shop"}, "locale": "zh-CN", "direct": True, "ip": "127.0.0.1"}
    assert second["context"]["locale"] == "en"
    assert second["integrations"] == {"All": True}


def test_what_the_database_cannot_hold_is_found_and_the_rest_comes_in(site: Site) -> None:
    good = {"type": "track", "event": "X"} | WHO
    raw = [json.dumps(good)] * 9
    raw[4] = '{"type":"track","event":"X","anonymousId":"a","context":{"n":1e999999}}'
    told = site.told("batch", ('{"batch":[' + ",".join(raw) + "]}").encode())
    assert [v["status"] for v in told["verdicts"]] == ["accepted"] * 4 + ["rejected"] + ["accepted"] * 4
    assert told["verdicts"][4]["code"] == "event_not_storable"


def test_a_nul_is_dropped_wherever_it_stands(site: Site) -> None:
    told = site.verdicts(
        {"type": "track", "event": "X", "properties": {"a\x00": "b\x00c"}, "anonymousId": "a\x00"}
    )
    assert told[0]["status"] == "accepted"
    assert body_of(facts(site)[0])["properties"] == {"a": "bc"}


def test_a_key_may_do_what_its_scopes_say(open_site: Open) -> None:
    site = open_site(scopes=("events",))
    told = site.verdicts(
        {"type": "track", "event": "X"} | WHO,
        {"type": "identify", "userId": "u1"},
        {"type": "track", "event": "Order Completed", "userId": "u1", "properties": {"order_id": "1"}},
    )
    assert [v.get("code") for v in told] == [None, "key_may_not", "key_may_not"]
    assert len(tracking.set_aside()) == 2


def test_keys_are_rotated_with_days_of_grace_and_ended(site: Site) -> None:
    old, old_token = tracking.source_view(site.source_id).keys[0].prefix, site.token
    made = tracking.rotate_key(old, grace=timedelta(days=1), actor=SYSTEM)
    for token in (old_token, made.token):
        site.token = token
        assert site.post("page", WHO).status_code == 200
    with time_machine.travel(datetime.now(UTC) + timedelta(days=2)):
        assert tracking.source_view(site.source_id).keys[1].has_ended(datetime.now(UTC))
    tracking.end_key(made.prefix, actor=SYSTEM)
    assert site.post("page", WHO).status_code == 401


def test_a_disabled_source_is_404(site: Site) -> None:
    tracking.change_source(
        site.source_id, store_code="", origins=[], rate_per_minute=60, is_enabled=False, actor=SYSTEM
    )
    response = site.post("page", WHO)
    assert (response.status_code, json.loads(response.content)["code"]) == (404, "source_disabled")


def test_who_is_too_fast_is_told_when_to_come_again(open_site: Open) -> None:
    site = open_site(rate_per_minute=60)
    answers = [site.post("page", WHO) for _ in range(12)]
    assert [a.status_code for a in answers].count(429) == 2
    refused = answers[-1]
    assert int(refused["Retry-After"]) >= 1
    assert int(refused["X-RateLimit-Reset"]) > 1_700_000_000
    assert json.loads(refused.content).keys() >= {"code", "message"}
    assert len(facts(site)) == 10


def test_too_many_in_hand_are_told_to_come_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service.in_hand, "most", 0)
    response = site.post("page", WHO)
    assert (response.status_code, response["Retry-After"]) == (429, "1")
    assert not facts(site)


def test_too_much_that_waits_for_the_river_is_told_to_come_again(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracking.settler, "_fact_ids", range(tracking.MOST_WAITING + 1))
    assert site.post("page", WHO).status_code == 429


def test_browsers_of_the_sources_origins_are_let_in_and_no_others(open_site: Open) -> None:
    site = open_site(origins=["https://shop.example.com"])
    good: dict[str, Any] = {"HTTP_ORIGIN": "https://shop.example.com"}
    bad: dict[str, Any] = {"HTTP_ORIGIN": "https://evil.example.com"}
    response = site.post("t", {"event": "X"} | WHO, way="body", content_type="text/plain", **good)
    assert response["Access-Control-Allow-Origin"] == "https://shop.example.com"
    refused = site.post("t", {"event": "X"} | WHO, way="body", **bad)
    assert refused.status_code == 403
    assert "Access-Control-Allow-Origin" not in refused
    before = site.client.options(
        "/v1/batch", HTTP_ACCESS_CONTROL_REQUEST_HEADERS="authorization,content-type", **good
    )
    assert before.status_code == 204
    assert before["Access-Control-Allow-Headers"] == "authorization,content-type"
    assert "Access-Control-Allow-Origin" not in site.client.options("/v1/batch", **bad)
    assert len(facts(site)) == 1


def test_the_browser_library_is_told_where_to_send(site: Site) -> None:
    response = site.client.get(f"/v1/projects/{site.token}/settings")
    told = json.loads(response.content)
    assert told["integrations"]["Segment.io"]["apiHost"] == "testserver/v1"
    assert told["integrations"]["Segment.io"]["apiKey"] == site.token
    assert site.client.get("/v1/projects/nobody/settings").status_code == 404


def test_metrics_of_the_browser_library_are_thanked(site: Site) -> None:
    assert site.told("m", {"series": []}, way="none") == {"success": True}


def test_other_addresses_and_methods_are_refused_as_json(site: Site) -> None:
    for response, status in (
        (site.client.get("/v1/track"), 405),
        (site.client.post("/v1/nothing", b"{}", content_type="application/json"), 404),
        (site.client.post("/v1/track/more", b"{}", content_type="application/json"), 404),
    ):
        assert response.status_code == status
        assert json.loads(response.content).keys() >= {"code", "message"}


def test_2n_events_cost_no_more_statements_than_n(site: Site) -> None:
    def cost(count: int) -> int:
        events = [{"type": "track", "event": "X", "userId": f"u{n}"} | WHO for n in range(count)]
        return ground.statements(lambda: site.verdicts(*events))

    cost(1)
    assert cost(40) == cost(80)


def test_keys_are_known_for_seconds_only() -> None:
    assert tracking.KEY_SECONDS <= 5
