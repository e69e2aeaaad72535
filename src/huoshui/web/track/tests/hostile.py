"""Bodies that wish us ill, seeded: the same number makes the same ones."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from typing import Any

_VALUES: tuple[Any, ...] = (
    *(None, True, 0, -1, 2**63, 2**64, 10**40, 1.5, 1e308, "", " ", "x" * 40_000, [], {}, [[]], {"a": {}}),
    *("\x00", "\ud800", "\u202e", "'; drop table fact; --", "\\", '"', "{{7*7}}", "%(x)s", "\ufeff", "null"),
    *(
        "0001-01-01",
        "9999-12-31T23:59:59Z",
        "2026-02-30",
        "2026-11-26T99:00:00Z",
        "1e999",
        "NaN",
        "13912345678",
    ),
)
_RAW = (
    *(
        "1e999999",
        "-1e999999",
        "NaN",
        "Infinity",
        "01",
        "1.",
        '"\\ud800"',
        '"\\u0000"',
        "9" * 5000,
        "tru",
        "'x'",
    ),
    *("[" * 3000 + "]" * 3000, '{"a":' * 500 + "1" + "}" * 500, '"' + "\\u00e9" * 2000 + '"'),
)
_FIELDS = (
    *("type", "event", "userId", "anonymousId", "messageId", "timestamp", "originalTimestamp", "sentAt"),
    *(
        "properties",
        "traits",
        "context",
        "integrations",
        "groupId",
        "previousId",
        "name",
        "batch",
        "writeKey",
    ),
)
_TYPES = ("track", "page", "screen", "identify", "group", "alias")


def bodies(count: int, *, seed: int) -> Iterator[tuple[bytes, dict[str, str]]]:
    """(body, headers) of requests to /v1/batch."""
    rnd = random.Random(seed)
    makers = (_bytes, _cut, _typed, _spliced, _packed, _orders, _many)
    for number in range(count):
        yield makers[number % len(makers)](rnd)


def _event(rnd: random.Random) -> dict[str, Any]:
    event: dict[str, Any] = {
        "type": rnd.choice(_TYPES),
        "event": "Hostile",
        "userId": f"h{rnd.randrange(50)}",
        "messageId": f"h-{rnd.getrandbits(60)}",
        "properties": {"a": 1},
        "traits": {"phone": "13912345678"},
        "groupId": "g",
        "previousId": "p",
    }
    for _ in range(rnd.randrange(4)):
        event[rnd.choice(_FIELDS)] = rnd.choice(_VALUES)
    return event


def _encoded(value: Any) -> bytes:
    return json.dumps(value).encode("utf-8", "surrogatepass")


def _bytes(rnd: random.Random) -> tuple[bytes, dict[str, str]]:
    return rnd.randbytes(rnd.randrange(2000)), {}


def _cut(rnd: random.Random) -> tuple[bytes, dict[str, str]]:
    whole = _encoded({"batch": [_event(rnd) for _ in range(3)]})
    at = rnd.randrange(len(whole))
    return whole[:at] + rnd.choice((b"", b"\xff", b"\x00", b"}")) + whole[at + rnd.randrange(3) :], {}


def _typed(rnd: random.Random) -> tuple[bytes, dict[str, str]]:
    batch: dict[str, Any] = {"batch": [rnd.choice((_event(rnd), rnd.choice(_VALUES))) for _ in range(5)]}
    for _ in range(rnd.randrange(3)):
        batch[rnd.choice(_FIELDS)] = rnd.choice(_VALUES)
    return _encoded(batch), {}


def _spliced(rnd: random.Random) -> tuple[bytes, dict[str, str]]:
    """What a JSON writer would not write."""
    event = _encoded(_event(rnd))[:-1] + f',"{rnd.choice(_FIELDS)}":{rnd.choice(_RAW)}}}'.encode()
    return b'{"batch":[' + event + b"," + _encoded(_event(rnd)) + b"]}", {}


def _packed(rnd: random.Random) -> tuple[bytes, dict[str, str]]:
    packed = bytearray(gzip.compress(_encoded({"batch": [_event(rnd)]})))
    if rnd.random() < 0.7:
        packed[rnd.randrange(len(packed))] ^= 1 << rnd.randrange(8)
    encoding = rnd.choice(("gzip", "gzip", "br", "deflate", "gzip, gzip"))
    return bytes(packed), {"HTTP_CONTENT_ENCODING": encoding}


def _orders(rnd: random.Random) -> tuple[bytes, dict[str, str]]:
    product = {
        "sku": "A",
        "price": 1,
        "quantity": 1,
        rnd.choice(("sku", "price", "quantity")): rnd.choice(_VALUES),
    }
    told = {
        "order_id": rnd.choice(("O1", "O2", *_VALUES)),
        "products": rnd.choice(([product], [product] * 3, rnd.choice(_VALUES))),
        rnd.choice(("revenue", "discount", "total", "currency", "coupon", "tax")): rnd.choice(_VALUES),
    }
    event = _event(rnd) | {
        "type": "track",
        "event": rnd.choice(("Order Completed", "Order Refunded")),
        "properties": told,
    }
    return _encoded({"batch": [event]}), {}


def _many(rnd: random.Random) -> tuple[bytes, dict[str, str]]:
    names = {f"p{rnd.getrandbits(40)}": rnd.choice(_VALUES) for _ in range(200)}
    return _encoded({"batch": [_event(rnd) | {"properties": names}] * rnd.choice((1, 3, 2501))}), {}
