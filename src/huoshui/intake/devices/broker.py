"""How we stand with an MQTT broker: its address, our topics, and the files that tell mosquitto who may say what."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from huoshui.core.errors import Refused
from huoshui.intake.devices.reads import broker_users

READINGS = "huoshui/devices/+/readings"
_TOPIC = re.compile(r"huoshui/devices/([^/]+)/readings")
ROUNDS = 101  # what mosquitto_passwd does; our secrets are random, so rounds add nothing


@dataclass(frozen=True)
class Broker:
    host: str
    port: int
    user: str
    password: str
    is_secure: bool
    client_id: str = "huoshui-devices"
    """The broker keeps the session under this name: a second listener of the same name would take it over."""

    @property
    def marker(self) -> str:
        return f"huoshui/listeners/{self.client_id}/caught-up"


def parse(url: str) -> Broker:
    """`mqtt://user:password@host:1883`, or `mqtts://…` with TLS. Raises Refused."""
    parts = urlsplit(url)
    if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname:
        raise Refused("HUOSHUI_MQTT_URL 要写成 mqtt://用户:密码@地址:1883 这样。")
    is_secure = parts.scheme == "mqtts"
    return Broker(
        host=parts.hostname,
        port=parts.port or (8883 if is_secure else 1883),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        is_secure=is_secure,
    )


def device_of(topic: str) -> str:
    """The code of the device whose topic this is; '' for none."""
    found = _TOPIC.fullmatch(topic)
    return found[1] if found else ""


def answers_to(code: str) -> str:
    return f"huoshui/devices/{code}/answers"


def password_hash(password: str) -> str:
    """As mosquitto ≥ 2 keeps passwords: $7$ rounds $ salt $ PBKDF2-SHA512."""
    salt = secrets.token_bytes(12)
    found = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ROUNDS, 64)
    return f"$7${ROUNDS}${base64.b64encode(salt).decode()}${base64.b64encode(found).decode()}"


_CONF = """\
# mosquitto for Huoshui's devices. Written by `huoshui devices broker`; after a change: kill -HUP.
listener {port} {host}
allow_anonymous false
password_file {folder}/passwords
acl_file {folder}/acl

# What devices sent while nobody listened waits here, also over a restart of the broker
persistence true
persistence_location {folder}/
autosave_interval 30
max_queued_messages 1000000
max_inflight_messages 2000
message_size_limit 4194304
"""

_ACL = """\
# A device publishes its own readings and hears its own answers, and nothing else.
pattern write huoshui/devices/%u/readings
pattern read huoshui/devices/%u/answers

user {user}
topic read huoshui/devices/+/readings
topic write huoshui/devices/+/answers
topic readwrite huoshui/listeners/#
"""


def write_files(folder: Path, broker: Broker) -> list[Path]:
    """mosquitto.conf, passwords and acl of the devices that are on. A device that is off cannot sign in after a reload."""
    if not broker.user or not broker.password:
        raise Refused("HUOSHUI_MQTT_URL 里要写活水自己的用户和密码。")
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    users = [(broker.user, password_hash(broker.password)), *broker_users()]
    texts = {
        "mosquitto.conf": _CONF.format(folder=folder, port=broker.port, host=broker.host),
        "passwords": "".join(f"{name}:{hashed}\n" for name, hashed in users),
        "acl": _ACL.format(user=broker.user),
    }
    return [_write(folder / name, text) for name, text in texts.items()]


def _write(path: Path, text: str) -> Path:
    """At once or not at all: the broker may read it at any moment."""
    new = path.with_suffix(".new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640), "w", encoding="utf-8") as file:
        file.write(text)
    new.replace(path)
    return path
