"""From acknowledged to inside a segment, and its entry fact there, with a worker beside the web.

Members buy over the till's API, one every few seconds; each sale is the second of its buyer, whom a saved segment lets in.
Looked for in the tables, as the console and the API read them.
"""

from __future__ import annotations

import json
import urllib.request
from datetime import UTC, datetime
from time import monotonic, sleep

from benchmarks.result import Claims, Result
from benchmarks.scratch import Home, scratch_home
from benchmarks.served import Served, served
from benchmarks.services import Service

NAME = "segments_shown"
TITLE = "A sale lets its buyer into a segment, and the entry fact is there, within 10 seconds."

BUYERS = 12
WITHIN = 10.0
_PATIENCE = 60.0
_PAUSE = 0.1


def run(seed: int, *, buyers: int = BUYERS) -> Result:
    claims, waits = Claims(), []
    with scratch_home("segments-shown") as home:
        segment_id = _set_up(home)
        with served(home, scopes=["sell"]) as site, Service(home, "worker"):
            for number in range(buyers):
                _sell(site, number, "first")
            _until(home, _IS_JUDGED.format(segment_id=segment_id))
            for number in range(buyers):
                began = monotonic()
                _sell(site, number, "second")
                _until(home, _IS_IN.format(segment_id=segment_id, number=number + 1))
                waits.append(round(monotonic() - began, 2))
                sleep(seed % 3 + 0.7)
            facts = home.row("select count(*) from settlement where name = 'Segment Entered'")[0]
    claims.equal("entry facts", facts, buyers)
    claims.at_most("longest, s", max(waits), WITHIN)
    return Result({"claims": claims.made, "seconds": waits}, claims.hold)


_IS_JUDGED = "select judged_at is not null from segment where id = {segment_id}"
_IS_IN = (
    "select count(*) = {number} from segment_spell o"
    " where o.segment_id = {segment_id} and o.until is null and o.is_told_in"
)


def _set_up(home: Home) -> int:
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
        return segments.create(name="回头客", document="count(buy) >= 2", actor=SYSTEM).segment_id


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


def _until(home: Home, question: str) -> None:
    began = monotonic()
    while not home.row(question)[0]:
        if monotonic() - began > _PATIENCE:
            raise TimeoutError(question)
        sleep(_PAUSE)
