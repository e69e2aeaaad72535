"""MQTT: what devices publish is taken in, and acknowledged only once it is committed.

The broker keeps our session: what came while we were away, or was not acknowledged when we were killed, comes again, and
the messages' keys make that harmless. Acknowledgements go out in the order in which messages came, as the protocol asks.
"""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from queue import Empty, Queue
from threading import Event
from typing import Any, NamedTuple

import paho.mqtt.client as mqtt
from django.db import close_old_connections, connection
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from huoshui.core import clock
from huoshui.core.errors import RetryLater
from huoshui.core.retry import LOST
from huoshui.core.unmet import sentence
from huoshui.intake.devices import broker as brokers
from huoshui.intake.devices import delivery, registry
from huoshui.intake.devices.actions import give_up, note_dropped, take
from huoshui.intake.devices.broker import Broker
from huoshui.intake.devices.flow import Flow
from huoshui.intake.devices.types import REJECTED, Post, Verdict

AT_ONCE = 200
IN_FLIGHT = 2_000
"""So many messages the broker hands us before the first is acknowledged; no more can wait in our memory."""
_SESSION_SECONDS = 30 * 24 * 3600
_KEEP_ALIVE = 30
_LOOK_EVERY = 0.5
_AGAIN_IN = 1.0

logger = logging.getLogger(__name__)


class _Arrived(NamedTuple):
    topic: str
    payload: bytes
    mid: int
    qos: int
    received_at: datetime
    is_live: bool


class Listener:
    """One process listens for a broker. `run` returns after `stop`."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._arrived: Queue[_Arrived] = Queue()
        self._stopping = Event()
        self.has_subscribed = Event()
        self._has_caught_up = False
        self._marker = ""
        self._flow = Flow()
        self._client = self._made_client()

    def _made_client(self) -> mqtt.Client:
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._broker.client_id,
            protocol=MQTTProtocolVersion.MQTTv5,
            manual_ack=True,
        )
        if self._broker.user:
            client.username_pw_set(self._broker.user, self._broker.password)
        if self._broker.is_secure:
            client.tls_set()
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = lambda *_: self.has_subscribed.set()
        client.on_message = self._on_message
        client.reconnect_delay_set(1, 30)
        return client

    def stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        session = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # the library says no types here
        session.SessionExpiryInterval = _SESSION_SECONDS
        session.ReceiveMaximum = IN_FLIGHT
        self._client.connect_async(
            self._broker.host, self._broker.port, _KEEP_ALIVE, clean_start=False, properties=session
        )
        self._client.loop_start()
        try:
            while not self._stopping.is_set():
                if batch := self._next():
                    self._carry_out(batch)
        finally:
            # What is not acknowledged stays with the broker
            self._client.disconnect()
            self._client.loop_stop()

    def _next(self) -> list[_Arrived]:
        batch: list[_Arrived] = []
        try:
            batch.append(self._arrived.get(timeout=_LOOK_EVERY))
            while len(batch) < AT_ONCE:
                batch.append(self._arrived.get_nowait())
        except Empty:
            pass
        return batch

    # ---- on the network's thread: no database here ----------------------------------------------------------------

    def _on_connect(
        self, client: mqtt.Client, _userdata: Any, _flags: Any, reason: ReasonCode, _more: Any
    ) -> None:
        if reason.is_failure:
            logger.error("the broker does not let us in: %s", reason)
            return
        self._marker = secrets.token_hex(8)
        client.subscribe([(brokers.READINGS, 1), (self._broker.marker, 1)])
        # It queues behind whatever has waited for us: once it is here, all that follows comes as it is sent
        client.publish(self._broker.marker, self._marker, qos=1)

    def _on_disconnect(self, *_: Any) -> None:
        self._has_caught_up = False

    def _on_message(self, client: mqtt.Client, _userdata: Any, message: mqtt.MQTTMessage) -> None:
        if message.topic == self._broker.marker:
            self._has_caught_up = self._has_caught_up or message.payload == self._marker.encode()
        is_live = self._has_caught_up and not message.retain
        self._arrived.put(
            _Arrived(message.topic, bytes(message.payload), message.mid, message.qos, clock.now(), is_live)
        )

    # ---- on our own -------------------------------------------------------------------------------------------------

    def _carry_out(self, batch: Sequence[_Arrived]) -> None:
        while not self._stopping.is_set():
            try:
                close_old_connections()
                posts, dropped = self._posts(batch)
                verdicts = self._taken(posts)
                note_dropped(dropped)
                break
            except (RetryLater, *LOST) as error:
                logger.warning("readings wait for the database: %s", error)
                connection.close()
                time.sleep(_AGAIN_IN)
        else:
            return
        self._answer(posts, verdicts)
        for one in batch:
            self._client.ack(one.mid, one.qos)

    def _posts(self, batch: Sequence[_Arrived]) -> tuple[list[Post], Counter[int]]:
        """What is to be taken in, and how many readings of each device are more than it may tell."""
        coded = [(one, code) for one in batch if (code := brokers.device_of(one.topic))]
        devices = registry.known(sorted({code for _, code in coded}))
        posts, dropped = [], Counter[int]()
        for one, code in coded:
            device = devices.get(code)
            if device is None or not device.is_on:
                logger.warning("no device %s is on: its message is not taken", code)
                continue
            found = delivery.opened(one.payload)
            if self._flow.take(device, max(1, len(found.readings))):
                dropped[device.id] += len(found.readings)
                continue
            posts.append(Post(device, found.readings, one.received_at, found.sent_at, one.is_live))
        return posts, dropped

    def _taken(self, posts: Sequence[Post]) -> list[list[Verdict]]:
        """Where something in one of them is our fault, the others are taken in all the same."""
        if not posts:
            return []
        try:
            return take(posts)
        except (RetryLater, *LOST):
            raise
        except Exception:
            if len(posts) > 1:
                return [self._taken([post])[0] for post in posts]
            logger.exception("readings of %s could not be taken in", posts[0].device.code)
            return [give_up(posts[0])]

    def _answer(self, posts: Sequence[Post], verdicts: Sequence[Sequence[Verdict]]) -> None:
        """Only where the device can do something with it: a sample to give, or a reading that was refused."""
        for post, some in zip(posts, verdicts, strict=True):
            told = [_told(one) for one in some if one.status == REJECTED or one.gives is not None]
            if told:
                answer = {"receivedAt": post.received_at.isoformat(), "verdicts": told}
                payload = json.dumps(answer, ensure_ascii=False)
                self._client.publish(brokers.answers_to(post.device.code), payload, qos=1)


def _told(verdict: Verdict) -> dict[str, Any]:
    found: dict[str, Any] = {"messageId": verdict.message_id, "status": verdict.status}
    if verdict.code:
        found |= {
            "code": verdict.code,
            "message": sentence(verdict.code, verdict.detail),
            "pointer": verdict.pointer,
        }
    if verdict.gives is not None:
        found["give"] = verdict.gives
    return found
