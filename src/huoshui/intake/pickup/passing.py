"""From a copy to an import: tried first, carried out where nothing is in doubt, left for a person otherwise."""

from __future__ import annotations

import json
import logging
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from django.db import transaction

from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused, RetryLater
from huoshui.core.retry import LOST
from huoshui.intake.imports import api as imports
from huoshui.intake.pickup import copies, holding, reads, rules, sayings
from huoshui.intake.pickup.actions import settle
from huoshui.intake.pickup.types import DONE, IMPORTING, SKIPPED, TRYING, WAITING, Item, Pickup

Q = sql.load("huoshui.intake.pickup")

logger = logging.getLogger(__name__)

QUERIED = "查询结果"


def acting_for(pickup: Pickup) -> Actor:
    """Imports show who began them."""
    return Actor(kind="system", id=0, name=f"定时取数：{pickup.name}"[:60])


def begin(
    pickup: Pickup,
    item: Item,
    copy: Path,
    *,
    content_hash: str,
    rows: int = 0,
    cursor: Mapping[str, str] | None = None,
    has_more: bool = False,
) -> Item:
    """Make the import of a whole copy: from here on a killed worker's successor knows what to go on with."""
    with transaction.atomic():
        run_id = imports.add_run(
            [copy],
            kind="" if pickup.form == "auto" else pickup.form,
            mode=pickup.mode,
            source_name=pickup.source_name,
            is_dry_run=True,
            is_ours=True,
            actor=acting_for(pickup),
        )
        sql.run(
            Q.fetched,
            item_id=item.id,
            state=TRYING,
            content_hash=content_hash,
            run_id=run_id,
            rows=rows,
            cursor=None if cursor is None else json.dumps(dict(cursor)),
            has_more=has_more,
        )
    copies.drop(pickup.id, item.id)
    return sql.fetch_as(reads.as_item, Q.item, pickup_id=pickup.id, item_id=item.id)[0]


def carry(pickup: Pickup, item: Item, *, at_once: bool = False) -> None:
    """Try it, and start it where nothing speaks against it. `at_once`: carry it out here, not by the queue of imports."""
    assert item.run_id is not None
    actor = acting_for(pickup)
    try:
        seen = imports.preview(actor, item.run_id)
        if why := rules.doubt(seen, source_name=pickup.source_name, is_told=pickup.form != "auto"):
            return _leave(pickup, item, "unsure", why)
        if (
            pickup.kind == "sql"
            and seen.kind == "sales"
            and pickup.query.cursor_column
            and not pickup.query.key_column
        ):
            return _leave(pickup, item, "no_key", sayings.NO_KEY)
        imports.execute(item.run_id, actor=actor)
    except (RetryLater, *LOST):
        raise
    except Refused as error:
        return _leave(pickup, item, "unreadable", str(error))
    tried = imports.run_for(actor, item.run_id)
    rows = tried.counts.get("rows", 0)
    sql.run(Q.counted, item_id=item.id, rows=rows, problems=tried.problems)
    if tried.state != "done":
        return _leave(pickup, item, "unreadable", tried.message)
    if rules.too_many_problems(rows, tried.problems, pickup.tolerance):
        why = sayings.PROBLEMS.format(rows=f"{rows:,}", problems=f"{tried.problems:,}")
        return _leave(pickup, item, "problems", why)
    with transaction.atomic():
        imports.start(actor, item.run_id)
        settle(item, IMPORTING)
    if at_once:
        import_now(pickup, item)


def import_now(pickup: Pickup, item: Item) -> None:
    """Here, unless the queue of imports has come to it already."""
    assert item.run_id is not None
    with suppress(imports.Busy):
        imports.execute(item.run_id, actor=acting_for(pickup))


def _leave(pickup: Pickup, item: Item, reason: str, said: str) -> None:
    settle(item, WAITING, reason=reason, said=said)
    logger.warning("定时取数“%s”：%s 等人处理。%s", pickup.name, item.path, said)


def follow() -> None:
    """Take note of imports that have come to an end, whoever carried them out."""
    found = defaultdict(list)
    for item in sql.fetch_as(reads.as_item, Q.followed):
        found[item.pickup_id].append(item)
    for pickup_id, items in found.items():
        with holding.held(pickup_id) as is_mine:
            if is_mine:
                follow_items(pickup_id, items)


def follow_items(pickup_id: int, items: list[Item]) -> None:
    try:
        actor = acting_for(reads.find(pickup_id))
    except NotFound:  # removed meanwhile: what it brought is an import like any other
        return
    for item in items:
        assert item.run_id is not None
        run = imports.run_for(actor, item.run_id)
        if run.quarantine == "held" and item.state == IMPORTING:
            settle(item, WAITING, reason="quarantined", said=sayings.QUARANTINED)
        if run.quarantine == "rejected":
            settle(item, SKIPPED)
        if run.state in ("uploaded", "queued", "running", "interrupted") or run.is_dry_run:
            continue
        if run.state == "failed":
            if item.state == IMPORTING:
                settle(item, WAITING, reason="failed", said=run.message)
            continue
        with transaction.atomic():
            settle(item, DONE)
            sql.run(Q.counted, item_id=item.id, rows=run.counts.get("rows", item.rows), problems=run.problems)
            sql.run(Q.reached, item_id=item.id, now=clock.now())
