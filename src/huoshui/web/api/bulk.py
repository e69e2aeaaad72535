"""NDJSON in, one verdict a line out. A bad line, or one that fails here, spoils no other."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from django.db import connection
from django.http import HttpRequest

from huoshui.core.errors import RetryLater
from huoshui.core.retry import LOST
from huoshui.intake.tills import api as tills
from huoshui.web.api import answers, bodies, turning
from huoshui.web.api.problems import Problem, body_of, of_exception, of_refusals
from huoshui.web.api.reading import decoded, raw_body
from huoshui.web.api.types import Caller

MEDIA_TYPE = "application/x-ndjson"
COMPRESSED_LIMIT = 4 << 20
INFLATED_LIMIT = 32 << 20
LINES_LIMIT = 20_000
_BATCH = 1_000

Sell = Callable[[tills.Till, Sequence[tills.Sale]], list[tills.Outcome]]


class _Item(NamedTuple):
    line: int
    sale: tills.Sale


def lines_of(request: HttpRequest) -> list[bytes]:
    raw = raw_body(request, limit=COMPRESSED_LIMIT, media_type=MEDIA_TYPE)
    encoding = request.META.get("HTTP_CONTENT_ENCODING", "identity").lower()
    if encoding == "gzip":
        raw = inflated(raw)
    elif encoding != "identity":
        raise Problem("encoding_unsupported")
    if raw.count(b"\n") > LINES_LIMIT:
        # Before anything is made of them: each has a verdict many times its own size
        raise Problem("too_many_lines", {"limit": LINES_LIMIT})
    return raw.split(b"\n")


def inflated(raw: bytes) -> bytes:
    """gzip, of one member or several, and never more than the limit: 4 MB may hold 4 GB of nothing."""
    parts: list[bytes] = []
    left = INFLATED_LIMIT
    while raw:
        inflater = zlib.decompressobj(wbits=31)
        try:
            part = inflater.decompress(raw, left + 1)
        except zlib.error as error:
            raise Problem("malformed", {"reason": str(error)}) from error
        left -= len(part)
        if left < 0:
            raise Problem("inflated_too_large", {"limit": INFLATED_LIMIT})
        if not inflater.eof:
            raise Problem("malformed", {"reason": "gzip: unexpected end"})
        parts.append(part)
        raw = inflater.unused_data
    return b"".join(parts)


def verdicts(
    lines: Sequence[bytes], caller: Caller, *, sell: Sell, now: datetime, language: str, instance: str
) -> Iterator[answers.Verdict]:
    """In the order of the lines; empty ones have no verdict."""

    def refused(line: int, key: str, problem: Problem) -> answers.Verdict:
        body = body_of(problem, language=language, instance=f"{instance}#{line}")
        return answers.Verdict(
            line=line, key=key, status=problem.status, is_repeat=False, outcome=None, problem=body
        )

    def told(item: _Item, outcome: tills.Outcome) -> answers.Verdict:
        if outcome.refusals:
            return refused(item.line, item.sale.key, of_refusals(outcome.refusals))
        return answers.Verdict(
            line=item.line,
            key=item.sale.key,
            status=201 if outcome.state == "settled" else 202,
            is_repeat=outcome.is_repeat,
            outcome=answers.outcome(outcome, language),
            problem=None,
        )

    for batch in _batches(lines):
        items: list[_Item] = []
        found: dict[int, answers.Verdict] = {}
        for number, line in batch:
            read = _read(line, caller, now)
            if isinstance(read, tills.Sale):
                items.append(_Item(number, read))
            else:
                found[number] = refused(number, _key_in(line), read)
        for item, result in _sold(items, caller, sell):
            if isinstance(result, Problem):
                found[item.line] = refused(item.line, item.sale.key, result)
            else:
                found[item.line] = told(item, result)
        yield from (found[number] for number, _ in batch)


def _batches(lines: Sequence[bytes]) -> Iterator[list[tuple[int, bytes]]]:
    full = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    for start in range(0, len(full), _BATCH):
        yield full[start : start + _BATCH]


def _read(line: bytes, caller: Caller, now: datetime) -> tills.Sale | Problem:
    try:
        body = decoded(line, bodies.BulkSale)
        if not caller.may_speak_for(body.store):
            return Problem("not_found")
        as_sent: dict[str, Any] = msgspec.json.decode(line)
        return turning.sale(body, key=body.key, as_sent=as_sent, now=now)
    except Problem as problem:
        return problem


def _key_in(line: bytes) -> str:
    """The key of a line that could not be read, so that its sender finds it again."""
    try:
        sent = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return ""
    key = sent.get("key") if isinstance(sent, dict) else None
    return key if isinstance(key, str) else ""


def _sold(
    items: Sequence[_Item], caller: Caller, sell: Sell
) -> Iterator[tuple[_Item, tills.Outcome | Problem]]:
    for group in _apart(items):
        yield from _sold_together(group, caller, sell)


def _apart(items: Sequence[_Item]) -> Iterator[list[_Item]]:
    """Groups in which no key comes twice: the second must see what became of the first."""
    group: list[_Item] = []
    keys: set[str] = set()
    for item in items:
        if item.sale.key in keys:
            yield group
            group, keys = [], set()
        group.append(item)
        keys.add(item.sale.key)
    if group:
        yield group


def _sold_together(
    group: Sequence[_Item], caller: Caller, sell: Sell
) -> Iterator[tuple[_Item, tills.Outcome | Problem]]:
    """What fails together is tried in halves, until the one that fails is alone. Keys make the repetition harmless."""
    try:
        results: Sequence[tills.Outcome | Problem] = sell(caller.till, [item.sale for item in group])
    except (RetryLater, *LOST) as error:
        if isinstance(error, LOST) and not connection.in_atomic_block:
            connection.close()
        results = [of_exception(error)] * len(group)
    except Exception as error:
        if len(group) > 1:
            half = len(group) // 2
            yield from _sold_together(group[:half], caller, sell)
            yield from _sold_together(group[half:], caller, sell)
            return
        results = [of_exception(error)]
    yield from zip(group, results, strict=True)
