"""MQTT, spoken with Debian's mosquitto: nothing acknowledged is lost, nothing counts twice, nobody speaks for another."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest
from django.conf import settings
from django.db import connection, transaction
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM
from huoshui.core.postgres.api import OWNER
from huoshui.core.postgres.testing import test_server as server_of_tests
from huoshui.core.tests.racing import is_anybody_waiting
from huoshui.intake.devices import api as devices
from huoshui.intake.devices.tests import mosquitto

PATIENCE = 90.0
NOT_AUTHORISED = 135
FACTS = sql.Statement(
    "facts",
    "select client_key, occurred_at from fact where name = 'Body Measured' and starts_with(client_key, %(code)s) order by id",
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def scale(transactional_db: None) -> devices.NewKey:
    devices.forget()
    brand.ensure_headquarters("总部")
    return devices.register(kind=devices.SCALE, name="秤", actor=SYSTEM)


@pytest.fixture
def broker(scale: devices.NewKey, tmp_path: Path) -> Iterator[str]:
    """One at which we have listened before, and which keeps our session."""
    with mosquitto.running(tmp_path) as url:
        with listening(url):
            pass
        yield url


class Speaker:
    """A device at the broker."""

    def __init__(self, url: str, key: devices.NewKey, *, token: str = "") -> None:
        self.code, self.heard, self.refused = key.code, [], False  # type: ignore[var-annotated]
        self._up = threading.Event()
        self._acknowledged: dict[int, int] = {}
        self._got = threading.Condition()
        self.client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=key.code, protocol=MQTTProtocolVersion.MQTTv5
        )
        self.client.username_pw_set(key.code, token or key.token)
        self.client.on_connect = self._on_connect
        self.client.on_publish = self._on_publish
        self.client.on_message = lambda _c, _u, message: self.heard.append(
            (message.topic, json.loads(message.payload))
        )
        self.client.max_inflight_messages_set(1_000)
        at = devices.parse_broker(url)
        self.client.connect(at.host, at.port)
        self.client.loop_start()
        assert self._up.wait(PATIENCE)

    def _on_connect(self, client: Any, _u: Any, _f: Any, reason: Any, _p: Any) -> None:
        self.refused = reason.is_failure
        if not self.refused:
            client.subscribe("huoshui/devices/+/answers", 1)
        self._up.set()

    def _on_publish(self, _c: Any, _u: Any, mid: int, reason: Any, _p: Any) -> None:
        with self._got:
            self._acknowledged[mid] = reason.value
            self._got.notify_all()

    def say(self, *readings: Any, code: str = "", sent_at: Any = None) -> int:
        told = {"readings": readings, "sentAt": (sent_at or clock.now()).isoformat()}
        return self.client.publish(
            f"huoshui/devices/{code or self.code}/readings", json.dumps(told), qos=1
        ).mid

    def reason_of(self, mid: int) -> int:
        with self._got:
            assert self._got.wait_for(lambda: mid in self._acknowledged, PATIENCE)
            return self._acknowledged[mid]

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()


@contextmanager
def speaking(url: str, key: devices.NewKey, **how: Any) -> Iterator[Speaker]:
    speaker = Speaker(url, key, **how)
    try:
        yield speaker
    finally:
        speaker.close()


@contextmanager
def listening(url: str) -> Iterator[None]:
    """A listener in this process."""
    listener = devices.Listener(devices.parse_broker(url))

    def work() -> None:
        try:
            listener.run()
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        # What is told before anybody has ever listened is told to nobody; from then on the broker keeps it
        assert listener.has_subscribed.wait(PATIENCE)
        yield
    finally:
        listener.stop()
        thread.join(PATIENCE)
        assert not thread.is_alive()


def weight(message: str, **more: Any) -> dict[str, Any]:
    return {"type": "body", "messageId": message, "metrics": {"weight_kg": 60}} | more


def until(found: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not found():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.05)


def taken(key: devices.NewKey) -> int:
    return devices.device_view(key.device_id).taken


def test_a_device_tells_and_is_answered(scale: devices.NewKey, tmp_path: Path) -> None:
    machine = devices.register(kind=devices.DISPENSER, name="机", actor=SYSTEM)
    (code,) = devices.make_codes(devices.add_sample(name="小样", actor=SYSTEM), count=1, actor=SYSTEM)
    with mosquitto.running(tmp_path) as url, listening(url), speaking(url, scale) as one:
        one.say(weight("a"), weight("b"))
        one.say(weight("c", metrics={"weight_kg": 900}))
        one.client.publish(f"huoshui/devices/{scale.code}/readings", json.dumps(weight("d")), qos=1)
        one.client.publish(f"huoshui/devices/{scale.code}/readings", b"\xff{", qos=1)
        with speaking(url, machine) as other:
            other.say({"type": "claim", "code": code, "person": {"phone": "13912340001"}, "messageId": "c"})
            until(lambda: bool(other.heard))
            until(lambda: len(one.heard) == 2)
    assert other.heard[0][1]["verdicts"] == [{"messageId": "c", "status": "accepted", "give": True}]
    assert {topic for topic, _ in other.heard} == {f"huoshui/devices/{machine.code}/answers"}
    codes = [told["verdicts"][0]["code"] for _, told in one.heard]
    assert codes == ["metric_implausible", "reading_unreadable"]
    assert "请检查单位" in one.heard[0][1]["verdicts"][0]["message"]
    assert taken(scale) == 3 and devices.device_view(scale.device_id).aside == 2


def test_a_device_speaks_for_itself_only_and_only_with_its_key(scale: devices.NewKey, tmp_path: Path) -> None:
    other = devices.register(kind=devices.SCALE, name="别人的秤", actor=SYSTEM)
    off = devices.register(kind=devices.SCALE, name="停了的秤", actor=SYSTEM)
    devices.change(off.device_id, name="停", store_code="", rate_per_minute=60, is_on=False, actor=SYSTEM)
    with mosquitto.running(tmp_path) as url, listening(url):
        with speaking(url, scale) as one:
            assert one.reason_of(one.say(weight("stolen"), code=other.code)) == NOT_AUTHORISED
            assert one.reason_of(one.say(weight("own"))) < 128
            until(lambda: taken(scale) == 1)
        for key, token in ((scale, scale.token[:-1]), (other, scale.token), (off, "")):
            with speaking(url, key, token=token) as wrong:
                assert wrong.refused
    assert (taken(other), taken(scale)) == (0, 1)
    assert len(sql.fetch(FACTS, code=scale.code)) == 1 and not sql.fetch(FACTS, code=other.code)


def test_what_lay_in_the_broker_keeps_its_time(scale: devices.NewKey, broker: str) -> None:
    """The device's clock is nine hours ahead. That a message lay for half an hour is no fault of the clock."""
    ahead, lay = timedelta(hours=9), timedelta(minutes=30)
    with speaking(broker, scale) as one:
        with listening(broker):
            one.say(weight("live"), sent_at=clock.now() + ahead)
            until(lambda: taken(scale) == 1)
        sent = clock.now() + ahead - lay
        mid = one.say(weight("lain", at=sent.isoformat()), sent_at=sent)
        assert one.reason_of(mid) < 128
        devices.forget()  # as a new process knows nothing but what is kept
        with listening(broker):
            until(lambda: taken(scale) == 2)
            again = clock.now() + ahead
            one.say(weight("live again", at=(again - lay).isoformat()), sent_at=again)
            until(lambda: taken(scale) == 3)
    first, lain, last = (row.occurred_at for row in sql.fetch(FACTS, code=scale.code))
    assert abs(lain - (first - lay)) < timedelta(seconds=20)
    assert abs(last - lain) < timedelta(seconds=20)
    offset = devices.device_view(scale.device_id).offset
    assert offset is not None and abs(offset - ahead) < timedelta(seconds=5)


def test_one_devices_flood_is_counted_and_others_are_heard(scale: devices.NewKey, tmp_path: Path) -> None:
    other = devices.register(kind=devices.SCALE, name="另一台", actor=SYSTEM)
    with (
        mosquitto.running(tmp_path) as url,
        listening(url),
        speaking(url, scale) as mad,
        speaking(url, other) as sane,
    ):
        for n in range(150):
            mad.say(*(weight(f"{n}-{m}") for m in range(20)))
            if n % 50 == 25:
                sane.say(weight(f"sane {n}"))
        until(lambda: taken(other) == 3)
        until(lambda: taken(scale) + devices.device_view(scale.device_id).dropped == 3000)
    view = devices.device_view(scale.device_id)
    assert 1800 <= view.taken <= 1860 and view.dropped_at is not None
    assert devices.device_view(other.device_id).dropped == 0


def spawned(url: str, *how: str) -> subprocess.Popen[bytes]:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "huoshui.project.settings",
        "HUOSHUI_HOME": str(settings.HUOSHUI_HOME),
        "HUOSHUI_ROLE": "owner",
        "HUOSHUI_DATABASE_URL": server_of_tests().url(OWNER, connection.settings_dict["NAME"]),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    script = Path(__file__).with_name("listener.py")
    return subprocess.Popen([sys.executable, str(script), url, *how], env=environment)


def test_a_listener_killed_in_the_stream_loses_nothing_and_doubles_nothing(
    scale: devices.NewKey, broker: str
) -> None:
    """Once here; ten times in the proof `device_kills`."""
    with speaking(broker, scale) as one:
        child = spawned(broker)
        mids = [one.say(weight(f"{n}")) for n in range(1_500)]
        until(lambda: taken(scale) > 0)
        child.kill()
        child.wait(10)
        assert taken(scale) < 1_500, "it was killed too late to tell"
        assert all(one.reason_of(mid) < 128 for mid in mids)
        with listening(broker):
            until(lambda: taken(scale) == 1_500)
    keys = [row.client_key for row in sql.fetch(FACTS, code=scale.code)]
    assert len(keys) == len(set(keys)) == 1_500


@pytest.mark.parametrize(("how", "kept"), [((), 20), (("careless",), 0)])
def test_what_was_not_committed_is_not_acknowledged(
    scale: devices.NewKey, broker: str, how: tuple[str, ...], kept: int
) -> None:
    """The control acknowledges on arrival: killed before its commit, it loses what it had in hand."""
    first = spawned(broker, *how)
    try:
        with speaking(broker, scale) as one:
            one.say(weight("warm"))
            until(lambda: taken(scale) == 1)
            with transaction.atomic():
                sql.fetch(sql.Statement("hold", "select 1 from device_state for update"))
                mids = [one.say(weight(f"m{n}")) for n in range(20)]
                assert all(one.reason_of(mid) < 128 for mid in mids)
                until(is_anybody_waiting)
                time.sleep(0.3)  # the rest arrive
                first.kill()
                first.wait(10)
            until(lambda: not is_anybody_waiting())
    finally:
        first.kill()
    with listening(broker), speaking(broker, scale) as one:
        one.say(weight("last"))
        until(lambda: taken(scale) == 2 + kept)
