"""Events as sites tell them, seeded, and the homes that take them in."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from benchmarks.scratch import Home

VISITORS = 20_000
_PAGES = ("/", "/new", "/cart", "/p/", "/c/milk", "/c/bread")


def events(count: int, *, seed: int, visitors: int = VISITORS) -> Iterator[dict[str, Any]]:
    """Views of products by known and unknown visitors, about 700 bytes each, as the browser library writes them."""
    rnd = random.Random(seed)
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    for _ in range(count):
        who = rnd.randrange(visitors)
        yield {
            "type": "track",
            "event": "Product Viewed",
            "messageId": f"ajs-next-{uuid.UUID(int=rnd.getrandbits(128))}",
            "timestamp": at,
            "anonymousId": str(uuid.UUID(int=who + 1)),
            **({"userId": f"u{who}"} if who % 2 else {}),
            "integrations": {},
            "context": {
                "library": {"name": "analytics.js", "version": "npm:next-1.84.3"},
                "page": {
                    "path": rnd.choice(_PAGES),
                    "referrer": "https://shop.example.com/",
                    "search": "",
                    "title": "鲜牛奶 950ml",
                    "url": "https://shop.example.com/p/",
                },
                "userAgent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)",
                "locale": "zh-CN",
                "timezone": "Asia/Shanghai",
            },
            "properties": {
                "product_id": f"P{who % 500}",
                "sku": f"S{who % 500}",
                "category": "dairy",
                "name": "鲜牛奶 950ml",
                "price": 18.9,
                "quantity": 1,
                "currency": "CNY",
                "position": rnd.randrange(20),
            },
        }


def first_visits(visitors: int = VISITORS) -> Iterator[dict[str, Any]]:
    """Each visitor once, so that all are known."""
    for who in range(visitors):
        yield {
            "type": "page",
            "messageId": f"first-{who}",
            "anonymousId": str(uuid.UUID(int=who + 1)),
            **({"userId": f"u{who}"} if who % 2 else {}),
            "properties": {"path": "/"},
        }


def batches(all_events: Iterator[dict[str, Any]], token: str, *, size: int = 500) -> Iterator[dict[str, Any]]:
    batch: list[dict[str, Any]] = []
    for event in all_events:
        batch.append(event)
        if len(batch) == size:
            yield _batch(batch, token)
            batch = []
    if batch:
        yield _batch(batch, token)


def _batch(events_of: list[dict[str, Any]], token: str) -> dict[str, Any]:
    return {"writeKey": token, "sentAt": datetime.now(UTC).isoformat(), "batch": events_of}


def open_source(home: Home, name: str = "bench") -> str:
    """A write key that may do everything."""
    scopes = [part for scope in ("events", "people", "orders") for part in ("--scope", scope)]
    made = home.told("tracking", "add", name, *scopes, "--rate", "10000000", "--json")
    return str(made["token"])


def size_of(event: dict[str, Any]) -> int:
    return len(json.dumps(event, ensure_ascii=False).encode())
