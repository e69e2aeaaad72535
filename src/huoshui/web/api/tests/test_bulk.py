"""Many sales in one request, each with its own verdict."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import Any

import pytest

from huoshui.core.errors import RetryLater
from huoshui.web.api import bulk
from huoshui.web.api.tests.client import Answer, sale
from huoshui.web.api.tests.conftest import Call
from huoshui.web.api.tests.stand_ins import Tills


def item(number: int, **changes: Any) -> dict[str, Any]:
    return sale(key=f"k{number}", order_key=f"A{number}", **changes)


def verdicts(answer: Answer) -> list[dict[str, Any]]:
    assert answer.status == 200, answer.content
    assert answer.kind == "application/x-ndjson"
    return [json.loads(line) for line in answer.content.splitlines()]


def test_each_line_has_its_verdict_and_no_bad_one_spoils_another(call: Call, tills: Tills) -> None:
    answer = call(stores=("S1",)).bulk(
        item(1),
        b"{torn",
        b"",
        {**item(3), "colour": 1},
        item(4, store="S2"),
        item(5, amount=1),
        b"[" * 50_000,
        item(6, lines=[{"sku": "BROKEN", "quantity": 1, "amount": 350}]),
        item(7),
    )

    told = verdicts(answer)
    assert [(v["line"], v["key"], v["status"]) for v in told] == [
        (1, "k1", 201),
        (2, "", 400),
        (4, "k3", 422),
        (5, "k4", 404),
        (6, "k5", 422),
        (7, "", 422),
        (8, "k6", 500),
        (9, "k7", 201),
    ]
    assert told[2]["problem"]["errors"][0]["pointer"] == "/colour"
    assert told[2]["problem"]["instance"] == "/api/v1/sales/bulk#4"
    assert told[4]["problem"]["code"] == "amounts_differ"
    assert {key for _, key in tills.sold} == {"A1", "A7"}


def test_packed_or_not_it_is_the_same(call: Call) -> None:
    raw = json.dumps(item(1)).encode() + b"\n"
    till = call()
    two_members = gzip.compress(raw) + gzip.compress(json.dumps(item(2)).encode())

    first = verdicts(till.bulk(raw=two_members, **{"Content-Encoding": "gzip"}))
    again = verdicts(till.bulk(raw=raw))

    assert [v["status"] for v in first] == [201, 201]
    assert (again[0]["is_repeat"], again[0]["outcome"]) == (True, first[0]["outcome"])


def test_a_key_twice_in_one_request_is_told_apart(call: Call) -> None:
    told = verdicts(call().bulk(item(1), item(1), {**item(1), "channel": "other"}))

    assert [(v["status"], v["is_repeat"]) for v in told] == [(201, False), (201, True), (409, False)]


def test_a_bomb_is_not_unpacked(call: Call, tills: Tills) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(b"\n" * (1 << 20)) for _ in range(40)) + packer.flush()
    assert len(bomb) < 1 << 20

    answer = call().bulk(raw=bomb, **{"Content-Encoding": "gzip"})

    assert (answer.status, answer.code) == (413, "inflated_too_large")
    assert not tills.asked


@pytest.mark.parametrize("raw", [b"not gzip", gzip.compress(b"{}" * 999, mtime=0)[:-9], b"\x1f\x8b"])
def test_what_cannot_be_unpacked_is_400(call: Call, raw: bytes) -> None:
    answer = call().bulk(raw=raw, **{"Content-Encoding": "gzip"})

    assert (answer.status, answer.code) == (400, "malformed")


def test_more_than_four_megabytes_are_413(call: Call) -> None:
    till = call()

    assert till.bulk(raw=b" " * (bulk.COMPRESSED_LIMIT + 1)).code == "too_large"
    assert till.bulk(raw=b" " * bulk.COMPRESSED_LIMIT).status == 200


def test_more_lines_than_can_be_answered_are_413(call: Call) -> None:
    till = call()

    assert till.bulk(raw=b"\n" * (bulk.LINES_LIMIT + 1)).code == "too_many_lines"
    assert till.bulk(raw=b"\n" * bulk.LINES_LIMIT).status == 200


def test_busy_is_said_line_by_line(call: Call, tills: Tills) -> None:
    tills.fail_with = RetryLater()

    told = verdicts(call().bulk(item(1), item(2)))

    assert [(v["status"], v["problem"]["code"]) for v in told] == [(503, "retry_later")] * 2
    assert len(tills.asked) == 1, "those that met a busy house are not tried one by one"


def test_sales_go_to_the_till_in_batches(call: Call, tills: Tills) -> None:
    told = verdicts(call().bulk(*(item(n) for n in range(2001))))

    assert [v["line"] for v in told] == list(range(1, 2002))
    assert [len(batch) for batch in tills.asked] == [1000, 1000, 1]
