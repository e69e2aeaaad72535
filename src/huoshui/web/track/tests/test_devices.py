"""`/v1/devices/readings`: key, body, verdicts, and how fast."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from huoshui.brand import api as brand
from huoshui.core import clock
from huoshui.core.actor import SYSTEM
from huoshui.intake.devices import api as devices
from huoshui.web.track import devices as door

Post = Callable[..., HttpResponse]


@pytest.fixture(autouse=True)
def _forget(monkeypatch: pytest.MonkeyPatch) -> None:
    devices.forget()
    monkeypatch.setattr(door, "flow", devices.Flow())


@pytest.fixture
def key(db: None) -> devices.NewKey:
    brand.ensure_headquarters("总部")
    brand.unit_ids(["S1"])
    return devices.register(kind=devices.SCALE, name="秤", store_code="S1", actor=SYSTEM)


@pytest.fixture
def post(key: devices.NewKey) -> Post:
    def send(*readings: Any, token: str = key.token, **headers: Any) -> HttpResponse:
        raw = json.dumps({"readings": readings, "sentAt": clock.now().isoformat()}).encode()
        return raw_post(raw, f"Bearer {token}", **headers)

    return send


def raw_post(raw: bytes, authorization: str, **headers: Any) -> HttpResponse:
    headers["HTTP_AUTHORIZATION"] = authorization
    response: HttpResponse = Client().post(  # type: ignore[assignment]
        "/v1/devices/readings", raw, content_type="application/json", **headers
    )
    return response


def told(response: HttpResponse) -> Any:
    return json.loads(response.content)


def weight(message: str, kilos: Any = 60) -> dict[str, Any]:
    return {
        "type": "body",
        "messageId": message,
        "at": clock.now().isoformat(),
        "metrics": {"weight_kg": kilos},
    }


def test_readings_are_taken_and_each_has_its_verdict(post: Post) -> None:
    response = post(weight("a"), weight("a"), weight("b", 900))
    assert response.status_code == 200
    found = told(response)
    assert (found["accepted"], found["duplicate"], found["rejected"]) == (1, 1, 1)
    wrong = found["verdicts"][2]
    assert wrong["pointer"] == "/readings/2/metrics/weight_kg" and "请检查单位" in wrong["message"]
    assert "give" not in found["verdicts"][0] and found["receivedAt"]
    english = told(post(weight("b", 900), HTTP_ACCEPT_LANGUAGE="en"))
    assert "check the unit" in english["verdicts"][0]["message"]


def test_a_reading_nobody_can_take_in_costs_no_other(key: devices.NewKey, post: Post) -> None:
    odd = weight("n") | {"metrics": {"weight_kg\u0000": 60}}
    found = told(post(odd, weight("c")))
    assert (found["accepted"], found["verdicts"][0]["code"]) == (1, "metric_unknown")
    first, again = told(post(weight("x") | {"messageId": 7.0}, weight("x") | {"messageId": 7}))["verdicts"]
    assert (first["messageId"], again["status"]) == ("7", "duplicate")
    cut = json.dumps(weight("d"))[:-1] + ',"note":"\\ud83d"}'
    raw = f'{{"sentAt":"bad","readings":[{cut},{json.dumps(weight("e"))}]}}'
    assert told(raw_post(raw.encode(), f"Bearer {key.token}"))["accepted"] == 2


def test_a_dispenser_is_told_to_give(post: Post) -> None:
    machine = devices.register(kind=devices.DISPENSER, name="机", actor=SYSTEM)
    sample = devices.add_sample(name="小样", actor=SYSTEM)
    (code,) = devices.make_codes(sample, count=1, actor=SYSTEM)
    claim = {"type": "claim", "code": code, "person": {"phone": "13912340001"}}
    one, other = told(post(claim, claim | {"messageId": "2"}, token=machine.token))["verdicts"]
    assert (one["give"], other["give"]) == (True, False)


def test_the_key_may_be_a_bearer_or_the_password_of_basic(key: devices.NewKey) -> None:
    raw = gzip.compress(json.dumps({"readings": [weight("a")]}).encode())
    basic = "Basic " + base64.b64encode(f"{key.code}:{key.token}".encode()).decode()
    for authorization in (f"Bearer {key.token}", basic):
        assert raw_post(raw, authorization, HTTP_CONTENT_ENCODING="gzip").status_code == 200
    for wrong in (
        "",
        "Bearer",
        "Basic !",
        f"Bearer {key.token}x",
        "Basic " + base64.b64encode(b"a").decode(),
    ):
        response = raw_post(raw, wrong)
        assert response.status_code == 401 and told(response)["code"].startswith("device_key_")
    assert Client().get("/v1/devices/readings").status_code == 405
    assert Client().post("/v1/devices/others").status_code == 404


def test_a_device_that_is_off_is_not_heard(key: devices.NewKey, post: Post) -> None:
    devices.change(key.device_id, name="秤", store_code="S1", rate_per_minute=60, is_on=False, actor=SYSTEM)
    response = post(weight("a"))
    assert (response.status_code, told(response)["code"]) == (403, "device_off")
    assert devices.device_view(key.device_id).taken == 0


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"7", b"{}", b'{"readings":7}', b"\xff\xfe", b"[" * 9000])
def test_a_body_that_is_none_is_refused(key: devices.NewKey, raw: bytes) -> None:
    response = raw_post(raw, f"Bearer {key.token}")
    assert response.status_code == 400 and told(response)["message"]


def test_a_delivery_has_at_most_so_many(key: devices.NewKey, post: Post) -> None:
    response = post(*[{}] * (door.MOST_READINGS + 1))
    assert (response.status_code, told(response)["pointer"]) == (400, "/readings")


def test_one_devices_flood_is_told_to_wait_and_no_other_is(key: devices.NewKey, post: Post) -> None:
    codes = []
    for n in range(6):
        response = post(*[weight(f"{n}-{m}") for m in range(400)])
        codes.append(response.status_code)
    assert codes == [200, 200, 200, 200, 429, 429]
    assert 1 <= int(response["Retry-After"]) <= 400 and told(response)["code"] == "device_too_fast"
    other = devices.register(kind=devices.SCALE, name="另一台", actor=SYSTEM)
    assert post(weight("x"), token=other.token).status_code == 200
    assert devices.device_view(key.device_id).taken == 1600
