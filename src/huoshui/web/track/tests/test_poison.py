"""One event that nobody can take in costs itself and no other: clients tell a failed request again, and then throw it away."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

from huoshui.core import sql
from huoshui.intake.tracking import api as tracking
from huoshui.web.track.tests.conftest import Open, Site
from huoshui.web.track.tests.test_contract import body_of, facts

pytestmark = pytest.mark.django_db(transaction=True)

_BODY = sql.Statement("body", "update fact set body = %(body)s::jsonb where client_key = %(client_key)s")

GOOD = {"type": "track", "event": "Viewed", "anonymousId": "a"}


def order(number: str, **more: Any) -> dict[str, Any]:
    told = {"order_id": number, "products": [{"product_id": "P1", "price": 10, "quantity": 1}]}
    return {"type": "track", "event": "Order Completed", "userId": "u", "properties": told | more}


def line(**more: Any) -> list[dict[str, Any]]:
    return [{"product_id": "P1", "price": 1, "quantity": 1} | more]


def test_figures_without_end_and_letters_without_a_place(site: Site) -> None:
    bad = [
        order("1", products=line(price="9e999999")),
        order("2", products=line(quantity="9e999999")),
        order("3", revenue="9e999999"),
        order("4", total="-9e99999999"),
    ]
    odd = [order("5\u0000"), order("6", products=line(product_id="P\u0000")), order("7", coupon="x\u0000")]
    found = site.verdicts(*bad, *odd, GOOD)
    assert [v["status"] for v in found] == ["rejected"] * 4 + ["accepted"] * 4
    assert found[0]["code"] == "order_amount_unreadable"


@pytest.mark.parametrize("deep", [60, 900])
def test_what_is_too_deep_is_seen_behind_any_text(site: Site, deep: int) -> None:
    hidden = '{"type":"track","event":"x","anonymousId":"q","properties":{"a":"\\\\","b":%s%s,"c":"1","phone":"1"}}'
    raw = f'{{"batch":[{hidden % ("[" * deep, "]" * deep)},{json.dumps(GOOD)}]}}'
    found = site.told("batch", raw.encode())["verdicts"]
    assert [v.get("code", "") for v in found] == ["event_too_deep", ""]
    top = (
        f'{{"context":{{"phone":"1","a":"\\\\","b":{"[" * deep}{"]" * deep}}},"batch":[{json.dumps(GOOD)}]}}'
    )
    assert site.post("batch", top.encode()).status_code == 400
    braces = {**GOOD, "properties": {"html": 'say "hi" \\ ' + "{" * 60}}
    assert site.verdicts(braces)[0]["status"] == "accepted"


def test_half_an_emoji_and_no_utf8_cost_no_other(site: Site) -> None:
    cut = '{"type":"track","event":"cut","userId":"u","properties":{"t":"cut \\ud83d","b":"\\\\ud83d","e":"\\ud83d\\ude00"}}'
    found = site.told("batch", f'{{"batch":[{cut},{json.dumps(GOOD)}]}}'.encode())
    assert found["accepted"] == 2
    kept = next(body_of(one)["properties"] for one in facts(site) if one.name == "cut")
    assert kept == {"t": "cut \ufffd", "b": "\\ud83d", "e": "\U0001f600"}
    assert site.told("track", cut.encode())["accepted"] == 1
    top = b'{"context":{"page":{"title":"\xff"}},"batch":[%b]}' % json.dumps(GOOD).encode()
    assert site.told("batch", top)["accepted"] == 1


@pytest.mark.parametrize("sent", [1700000000000, "yesterday"])
def test_a_clock_that_cannot_be_read_is_not_put_right(site: Site, sent: Any) -> None:
    warned = [{"code": "time_unreadable", "pointer": "/batch/0/sentAt"}]
    for body in (
        {"sentAt": sent, "batch": [GOOD]},
        {"batch": [GOOD | {"sentAt": sent, "timestamp": "2026-11-20T08:00:00Z"}]},
    ):
        (found,) = site.told("batch", body)["verdicts"]
        assert (found["status"], found["warnings"]) == ("accepted", warned)
    assert site.told("track", GOOD | {"sentAt": sent})["accepted"] == 1


def test_what_we_fail_over_is_set_aside_alone(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "huoshui.intake.tracking.identifiers.carried",
        lambda read, writer: 1 / 0 if read.name == "bomb" else ((), ()),
    )
    found = site.verdicts(GOOD | {"event": "bomb"}, GOOD)
    assert [(v["status"], v.get("code", "")) for v in found] == [
        ("rejected", "event_not_storable"),
        ("accepted", ""),
    ]


def test_how_a_body_may_be_packed(site: Site) -> None:
    raw = json.dumps(GOOD).encode()
    packed = gzip.compress(raw)
    assert site.post("track", b"\xef\xbb\xbf" + raw).status_code == 200
    assert site.post("track", packed, HTTP_CONTENT_ENCODING="gzip, identity").status_code == 200
    assert site.post("track", packed, HTTP_CONTENT_ENCODING="br, gzip").status_code == 415


def test_a_user_known_by_phone_is_not_kept_in_clear(open_site: Open) -> None:
    site = open_site("app", user_id_kind="phone")
    told = [
        GOOD | {"userId": "139 1234 5678"},
        {"type": "alias", "userId": "13912345678", "previousId": "+1 415 555 0100"},
    ]
    assert {v["status"] for v in site.verdicts(*told)} == {"accepted"}
    kept = json.dumps([body_of(one) for one in facts(site)])
    assert not [clear for clear in ("139 1234", "13912345678", "555 0100") if clear in kept]
    assert kept.count('"tail4": "5678"') == 2 and '"tail4": "0100"' in kept


def test_what_was_kept_in_clear_before_is_sealed_once(open_site: Open) -> None:
    site = open_site("app", user_id_kind="phone")
    site.verdicts(GOOD | {"userId": "13912345678"}, GOOD | {"properties": {"phone": "13912345678"}}, GOOD)
    first, second, third = facts(site)
    kept = body_of(second)
    told = {**body_of(first), "userId": "13912345678", "properties": {"contact_phone": "13912345678"}}
    sql.run(_BODY, client_key=first.client_key, body=json.dumps(told))
    assert tracking.seal_stored() == 1
    cleaned, untouched, plain = (body_of(one) for one in facts(site))
    assert set(cleaned["userId"]) == set(cleaned["properties"]["contact_phone"]) == {"sealed", "tail4"}
    assert (untouched, plain) == (kept, body_of(third)), "what we have sealed stays as it is"
    sql.run(_BODY, client_key=first.client_key, body=json.dumps(told))
    assert tracking.seal_stored() == 0, "it is done"
    sql.run(sql.Statement("undone", "delete from watermark where reader = 'tracking contacts'"))
