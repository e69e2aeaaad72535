"""From acknowledged to inside a segment, and its entry fact there, with a worker beside the web.

Members buy over the till's API, one every few seconds; each sale is the second of its buyer, whom a saved segment lets in.
Between them people whom a site knows look at a product, told to `/v1/track` as a browser tells it; each is the first such look
of hers, whom another segment lets in. Looked for in the tables, as the console and the API read them.
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from time import monotonic, sleep
from typing import Any

from benchmarks import tracked
from benchmarks.result import Claims, Result
from benchmarks.scratch import Home, scratch_home
from benchmarks.served import Served, served
from benchmarks.services import Service

NAME = "segments_shown"
TITLE = (
    "A sale lets its buyer, and a tracked event its visitor, into a segment,"
    " and the entry fact is there, within 10 seconds."
)

EACH = 6
WITHIN = 10.0
_PATIENCE = 60.0
_PAUSE = 0.1


def run(seed: int, *, each: int = EACH) -> Result:
    claims = Claims()
    waits: dict[str, list[float]] = {"sale": [], "tracked event": []}
    with scratch_home("segments-shown") as home:
        buyers, lookers = _set_up(home)
        key = tracked.open_source(home)
        with served(home, scopes=["sell"]) as site, Service(home, "worker"):
            for number in range(each):
                _sell(site, number, "first")
                _track(site, key, "identify", number, traits={"name": f"顾客{number}"})
            for segment_id in (buyers, lookers):
                _until(home, _IS_JUDGED.format(segment_id=segment_id))
            for number in range(each):
                sell = partial(_sell, site, number, "second")
                waits["sale"].append(_waited(home, buyers, number, sell))
                sleep(0.5 + seed % 3 * 0.5)
                look = partial(_look, site, key, number)
                waits["tracked event"].append(_waited(home, lookers, number, look))
                sleep(0.5 + seed % 3 * 0.5)
            told = dict(home.rows(_ENTRIES))
    for what, segment_id in (("sale", buyers), ("tracked event", lookers)):
        claims.equal(f"entry facts after a {what}", told.get(str(segment_id), 0), each)
        claims.at_most(f"longest after a {what}, s", max(waits[what]), WITHIN)
    return Result({"claims": claims.made, "seconds": waits}, claims.hold)


def _waited(home: Home, segment_id: int, number: int, tell: Callable[[], None]) -> float:
    """Seconds from before it was told until whoever it is of is in, and so is the fact of it."""
    began = monotonic()
    tell()
    _until(home, _IS_IN.format(segment_id=segment_id, number=number + 1))
    return round(monotonic() - began, 2)


_ENTRIES = (
    "select f.body ->> 'segment_id', count(*) from settlement s"
    " join fact f on f.id = s.fact_id and f.occurred_at = s.occurred_at where s.name = 'Segment Entered' group by 1"
)
_IS_JUDGED = "select judged_at is not null from segment where id = {segment_id}"
_IS_IN = (
    "select count(*) = {number} from segment_spell o"
    " where o.segment_id = {segment_id} and o.until is null and o.is_told_in"
)


def _set_up(home: Home) -> tuple[int, int]:
    """The segments of who bought twice, and of who looked at a product."""
    home.adopt_process()
    from huoshui.project import boot

    boot.boot("river", with_owner=True)
    boot.migrate_if_needed()
    from django.db import transaction

    from huoshui.brand import api as brand
    from huoshui.core.actor import SYSTEM
    from huoshui.insight.api import segments

    with transaction.atomic():
        brand.ensure_headquarters("总部")
        brand.unit_ids(["S0"])
        buyers = segments.create(name="回头客", document="count(buy) >= 2", actor=SYSTEM)
        lookers = segments.create(name="看过的", document='count("Product Viewed") >= 1', actor=SYSTEM)
        return buyers.segment_id, lookers.segment_id


def _sell(site: Served, number: int, which: str) -> None:
    said = {
        "order_key": f"{which}-{number}",
        "store": "S0",
        "at": datetime.now(UTC).isoformat(),
        "customer": {"card_no": f"card-{number}"},
        "lines": [{"sku": "P1", "quantity": 1, "amount": 1000}],
        "tenders": [{"kind": "cash", "amount": 1000}],
    }
    request = urllib.request.Request(
        f"http://127.0.0.1:{site.port}/api/v1/sales",
        json.dumps(said).encode(),
        {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {site.token}",
            "Idempotency-Key": f"{which}-{number}",
        },
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status in (201, 202), answer.status


def _look(site: Served, key: str, number: int) -> None:
    _track(site, key, "track", number, event="Product Viewed", properties={"sku": "P1", "price": 18.9})


def _track(site: Served, key: str, call: str, number: int, **event: Any) -> None:
    told = {
        "messageId": f"{call}-{number}",
        "userId": f"u{number}",
        "timestamp": datetime.now(UTC).isoformat(),
        "writeKey": key,
    }
    request = urllib.request.Request(
        f"http://127.0.0.1:{site.port}/v1/{call}",
        json.dumps(told | event, ensure_ascii=False).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        (verdict,) = json.loads(answer.read())["verdicts"]
        assert verdict["status"] == "accepted", verdict


def _until(home: Home, question: str) -> None:
    began = monotonic()
    while not home.row(question)[0]:
        if monotonic() - began > _PATIENCE:
            raise TimeoutError(question)
        sleep(_PAUSE)
