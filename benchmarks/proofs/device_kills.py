"""Twenty scales speak MQTT with Debian's mosquitto while the listener is killed ten times; then one of them goes mad.

Every reading the broker acknowledged is a fact once. Of the flood what is above the device's rate is dropped and counted,
and the others are heard meanwhile.
"""

from __future__ import annotations

import json
import random
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from time import monotonic, sleep
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from benchmarks.result import Claims, Result
from benchmarks.scratch import Home, scratch_home

NAME = "device_kills"
TITLE = "Devices' readings through ten kill -9 of the MQTT listener: none lost, none doubled; a flood is counted and held back."

SCALES, READINGS, KILLS = 20, 1_000, 10
FLOOD, SANE_READINGS = 30_000, 20
_PATIENCE = 180.0


def run(seed: int, *, kills: int = KILLS, readings: int = READINGS, flood: int = FLOOD) -> Result:
    claims = Claims()
    with scratch_home(NAME) as home:
        home.adopt_process()
        from huoshui.project import boot

        boot.boot("river", with_owner=True)
        boot.migrate_if_needed()
        from huoshui.core.actor import SYSTEM
        from huoshui.intake.devices import api as devices
        from huoshui.intake.devices.tests import mosquitto

        keys = [devices.register(kind="scale", name=f"秤 {n}", actor=SYSTEM) for n in range(SCALES)]
        folder = home.path / "broker"
        folder.mkdir()
        with mosquitto.running(folder) as url, ExitStack() as stack:
            scales = [stack.enter_context(_speaking(url, key)) for key in keys]
            listener, killed = _killed(home, url, scales, readings, kills, random.Random(seed), claims)
            flooded = _flooded(home, scales, flood, claims)
            listener.terminate()
            listener.wait()
        audit = home.told("audit", "--json")
    claims.equal("audit is clean", audit["clean"], True)
    return Result({"claims": claims.made, "kills": killed, "flood": flooded}, claims.hold)


class _Scale:
    def __init__(self, url: str, key: Any) -> None:
        from huoshui.intake.devices import api as devices

        self.code = key.code
        self.acknowledged = 0
        self._up = threading.Event()
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=key.code, protocol=MQTTProtocolVersion.MQTTv5
        )
        self._client.username_pw_set(key.code, key.token)
        self._client.on_connect = lambda *_: self._up.set()
        self._client.on_publish = self._on_publish
        at = devices.parse_broker(url)
        self._client.connect(at.host, at.port)
        self._client.loop_start()
        if not self._up.wait(_PATIENCE):
            raise AssertionError("the broker does not let a scale in")

    def _on_publish(self, _client: Any, _userdata: Any, _mid: int, reason: Any, _more: Any) -> None:
        self.acknowledged += not reason.is_failure

    def say(self, message: str) -> None:
        told = {"type": "body", "messageId": message, "metrics": {"weight_kg": 60}, "sentAt": _now()}
        self._client.publish(f"huoshui/devices/{self.code}/readings", json.dumps(told), qos=1)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


def _now() -> str:
    from huoshui.core import clock

    return clock.now().isoformat()


@contextmanager
def _speaking(url: str, key: Any) -> Iterator[_Scale]:
    scale = _Scale(url, key)
    try:
        yield scale
    finally:
        scale.close()


def _listener(home: Home, url: str) -> subprocess.Popen[bytes]:
    return home.start("devices", "listen", "--url", url, log=home.path / "listener.log")


def _taken(home: Home, column: str = "taken", code: str = "") -> int:
    query = f"select coalesce(sum(s.{column}), 0) from device_state s join device d on d.id = s.device_id"
    return int(home.row(f"{query} where %s in ('', d.code)", code)[0])


def _until(what: str, found: Any) -> float:
    begun = monotonic()
    while not found():
        if monotonic() > begun + _PATIENCE:
            raise AssertionError(f"it did not come to pass: {what}")
        sleep(0.05)
    return monotonic() - begun


def _killed(
    home: Home,
    url: str,
    scales: Sequence[_Scale],
    readings: int,
    kills: int,
    chance: random.Random,
    claims: Claims,
) -> tuple[subprocess.Popen[bytes], dict[str, Any]]:
    listener = _listener(home, url)
    warm = iter(range(1 << 30))

    def is_heard() -> bool:
        scales[0].say(f"warm {next(warm)}")  # told before anybody has ever listened, it is told to nobody
        return _taken(home) > 0

    _until("the first reading is taken", is_heard)
    left_at_kills = []
    for kill in range(kills):
        for n in range(readings * kill // kills, readings * (kill + 1) // kills):
            for scale in scales:
                scale.say(f"r{n}")
        before = _taken(home)
        _until("something is taken", lambda before=before: _taken(home) > before)
        sleep(chance.uniform(0, 0.3))
        listener.kill()
        listener.wait()
        left_at_kills.append(len(scales) * readings * (kill + 1) // kills - _facts(home, "r%"))
        listener = _listener(home, url)
    wanted = len(scales) * readings
    took = _until("all is taken", lambda: _facts(home, "r%") >= wanted)
    acknowledged = sum(scale.acknowledged for scale in scales)
    claims.at_least("acknowledged by the broker", acknowledged, wanted)
    claims.equal("facts", _facts(home, "r%"), wanted)
    keys = "select count(distinct client_key) from fact where name = 'Body Measured' and client_key like %s"
    claims.equal("of them different", int(home.row(keys, "%:r%")[0]), wanted)
    claims.at_least("kills that fell into the stream", sum(left > 0 for left in left_at_kills), kills // 2)
    return listener, {
        "readings": wanted,
        "untaken at each kill": left_at_kills,
        "came again and were known": _taken(home, "repeated"),
        "seconds from the last kill until all was taken": round(took, 1),
    }


def _facts(home: Home, like: str) -> int:
    query = "select count(*) from fact where name = 'Body Measured' and client_key like %s"
    return int(home.row(query, f"%:{like}")[0])


def _flooded(home: Home, scales: Sequence[_Scale], flood: int, claims: Claims) -> dict[str, Any]:
    """The first goes mad; the others tell a reading each, again and again, while it lasts."""
    mad, others = scales[0], scales[1:]
    taken, dropped = _taken(home, code=mad.code), _taken(home, "dropped")
    for n in range(flood):
        mad.say(f"f{n}")
        if n % (flood // SANE_READINGS) == 0:
            for scale in others:
                scale.say(f"s{n}")
    wanted = len(others) * SANE_READINGS
    _until("the others are heard", lambda: _facts(home, "s%") >= wanted)

    def of_mad() -> int:
        return _taken(home, code=mad.code) - taken + _taken(home, "dropped", mad.code) - dropped

    _until("the flood is over", lambda: of_mad() >= flood)
    delays = sorted(
        float(row[0])
        for row in home.rows(
            "select extract(epoch from received_at - (body->>'sentAt')::timestamptz) from fact"
            " where name = 'Body Measured' and client_key like '%%:s%%'"
        )
    )
    claims.equal("readings of the others", _facts(home, "s%"), wanted)
    claims.equal("dropped of the others", _taken(home, "dropped") - _taken(home, "dropped", mad.code), 0)
    claims.equal("taken and dropped of the mad one", of_mad(), flood)
    return {
        "told by the mad one": flood,
        "of it taken": _taken(home, code=mad.code) - taken,
        "of it dropped and counted": _taken(home, "dropped", mad.code),
        "the others' delay, seconds": {
            "p50": round(delays[len(delays) // 2], 2),
            "p99": round(delays[int(len(delays) * 0.99)], 2),
            "longest": round(delays[-1], 2),
        },
    }
