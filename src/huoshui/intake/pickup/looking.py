"""One look at a place: what is there, what of it is whole, and on its way in with it. May be killed at any point."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import PurePosixPath
from typing import Final

from huoshui.core import clock, sql
from huoshui.intake.pickup import copies, holding, passing, reads, rules, trying
from huoshui.intake.pickup.actions import settle
from huoshui.intake.pickup.faults import OF_A_FILE, TEXTS, THIS_FILE, Fault
from huoshui.intake.pickup.places.base import Place
from huoshui.intake.pickup.places.opening import opened
from huoshui.intake.pickup.types import (
    FETCHING,
    GONE,
    IMPORTING,
    KNOWN,
    REFUSED,
    SEEN,
    TRYING,
    Entry,
    Item,
    Pickup,
)

Q = sql.load("huoshui.intake.pickup")

logger = logging.getLogger(__name__)

_NOT_MOVED: Final = "-"


def attend(pickup_id: int, *, at_once: bool = False) -> bool:
    """Do what is due for a pickup. False where another worker has it. `at_once`: look whether it is due or not, and carry
    imports out here, not by their queue."""
    with holding.held(pickup_id) as is_mine:
        if not is_mine:
            return False
        pickup = reads.find(pickup_id)
        sql.run(Q.drop_old_secrets, pickup_id=pickup_id)
        if pickup.trial_asked_at:
            trying.answer(pickup)
            pickup = reads.find(pickup_id)
        if pickup.is_enabled or at_once:
            _go_on(pickup, at_once)
            if pickup.next_at <= clock.now() or at_once:
                _look(pickup, at_once)
    return True


def _go_on(pickup: Pickup, at_once: bool) -> None:
    """With what a killed worker left: what was fetched whole is tried; what was not is fetched again."""
    for item in sql.fetch_as(reads.as_item, Q.open_items, pickup_id=pickup.id):
        if item.state == TRYING:
            passing.carry(pickup, item, at_once=at_once)
        elif item.state == IMPORTING and at_once:
            passing.import_now(pickup, item)
        elif item.state == FETCHING:
            copies.drop(pickup.id, item.id)
            if pickup.kind == "sql":
                sql.run(Q.forget_item, item_id=item.id)
            else:
                settle(item, SEEN)


def _look(pickup: Pickup, at_once: bool) -> None:
    now = clock.now()
    regular = rules.next_look(
        now, every_minutes=pickup.every_minutes, daily_at=pickup.daily_at, zone=clock.brand_zone()
    )
    try:
        if pickup.kind == "sql":
            soon = None
            _look_at_rows(pickup, now, at_once)
        else:
            soon = _Look(pickup, now, at_once).look()
    except Fault as fault:
        failures = pickup.failures + 1
        again = rules.retry(now, failures=failures, code=fault.code)
        sql.run(
            Q.looked,
            pickup_id=pickup.id,
            now=now,
            next_at=again,
            failures=failures,
            fault=fault.code,
            said=str(fault),
        )
        logger.warning("定时取数“%s”没有取成（第 %d 次）：%s", pickup.name, failures, fault)
    else:
        next_at = min(regular, soon) if soon else regular
        sql.run(Q.looked, pickup_id=pickup.id, now=now, next_at=next_at, failures=0, fault="", said="")


class _Look:
    def __init__(self, pickup: Pickup, now: datetime, at_once: bool) -> None:
        self._pickup = pickup
        self._now = now
        self._at_once = at_once
        self._unsettled = False
        self._fault: Fault | None = None

    def look(self) -> datetime | None:
        """When to look again before the regular time. Raises Fault, after all that could be fetched was."""
        pickup = self._pickup
        with opened(pickup, reads.secret_of(pickup.id)) as place:
            if place.host_key and not pickup.host_key:
                sql.run(Q.pin, pickup_id=pickup.id, host_key=place.host_key)
            found = place.look(rules.globs(pickup.files, clock.business_day(self._now)))
            entries = rules.not_put_away(found, pickup.files.done_folder)
            see(pickup.id, entries, self._now)
            here = {(e.path, e.mark): e for e in entries if e.is_fit}
            self._take_all(place, here)
            self._put_away(place, here)
        if self._fault:
            raise self._fault
        return self._now + rules.LOOK_AGAIN if self._unsettled else None

    def _take_all(self, place: Place, here: Mapping[tuple[str, str], Entry]) -> None:
        pickup = self._pickup
        items = sql.fetch_as(reads.as_item, Q.open_items, pickup_id=pickup.id)
        for item in rules.in_turn(items, here):
            entry = here[item.path, item.mark]
            complete = pickup.files.complete
            if rules.is_ready(item, entry, complete=complete, now=self._now, is_atomic=place.is_atomic):
                self._take(place, item, entry)
            elif complete != "marker":
                self._unsettled = True

    def _take(self, place: Place, item: Item, entry: Entry) -> None:
        pickup = self._pickup
        settle(item, FETCHING)
        path = copies.fresh_folder(pickup.id, item.id) / rules.local_name(item.path)
        try:
            with copies.Copy(path, size=entry.size) as copy:
                place.fetch(entry, copy)
        except Fault as fault:
            copies.drop(pickup.id, item.id)
            self._not_taken(item, fault)
            if fault.code not in OF_A_FILE:
                raise
            return
        last = sql.fetch(Q.last_hash, pickup_id=pickup.id, path=item.path)
        if last and last[0].content_hash == copy.digest:  # touched, not changed
            copies.drop(pickup.id, item.id)
            settle(item, KNOWN)
            return
        passing.carry(
            pickup, passing.begin(pickup, item, path, content_hash=copy.digest), at_once=self._at_once
        )

    def _not_taken(self, item: Item, fault: Fault) -> None:
        ends = {"vanished": GONE, "too_large": REFUSED}
        settle(item, ends.get(fault.code, SEEN), reason=fault.code, said=str(fault))
        self._unsettled |= fault.code == "changed"
        if fault.code == "denied":
            self._fault = Fault("denied", THIS_FILE.format(file=item.path))

    def _put_away(self, place: Place, here: Mapping[tuple[str, str], Entry]) -> None:
        """Only the very telling that was imported: a newer one of the same name stays where it is."""
        folder = self._pickup.files.done_folder
        if not folder:
            return
        for item in sql.fetch_as(reads.as_item, Q.to_put_away, pickup_id=self._pickup.id):
            entry = here.get((item.path, item.mark))
            target = put_away_path(folder, item)
            try:
                if entry is None:  # moved by a worker that was killed, or another by now
                    sql.run(Q.put_away, item_id=item.id, to=_NOT_MOVED)
                    continue
                place.put_away(entry, target)
            except Fault as fault:
                if fault.code not in ("changed", "vanished"):
                    sql.run(Q.put_away, item_id=item.id, to=_NOT_MOVED)
                    logger.warning("定时取数“%s”：%s 没能移走。%s", self._pickup.name, item.path, fault)
                continue
            sql.run(Q.put_away, item_id=item.id, to=target)


def put_away_path(folder: str, item: Item) -> str:
    """Each telling under a name of its own, so that none takes another's place."""
    path = PurePosixPath(item.path)
    return f"{folder}/{path.stem}-{item.id}{path.suffix}"


def see(pickup_id: int, entries: Iterable[Entry], now: datetime) -> None:
    """Take note of what is there now."""
    told = list(entries)
    paths, marks = [e.path for e in told], [e.mark for e in told]
    sql.run(Q.forget_unseen, pickup_id=pickup_id, paths=paths, marks=marks)
    sql.run(
        Q.see,
        pickup_id=pickup_id,
        now=now,
        paths=paths,
        marks=marks,
        sizes=[e.size for e in told],
        states=[SEEN if e.is_fit else REFUSED for e in told],
        reasons=["" if e.is_fit else "bad_name" for e in told],
        saids=["" if e.is_fit else TEXTS["bad_name"] for e in told],
    )


def _look_at_rows(pickup: Pickup, now: datetime, at_once: bool) -> None:
    """Read on from the cursor, unless what was read last has not been imported yet: the cursor waits for it."""
    from huoshui.intake.pickup.places.database import Database

    if sql.fetch_as(reads.as_item, Q.open_items, pickup_id=pickup.id):
        return
    database = Database(pickup.place, reads.secret_of(pickup.id))
    item_id = sql.fetch_one(
        Q.begin_reading, pickup_id=pickup.id, path=passing.QUERIED, mark=now.isoformat(), now=now
    ).id
    path = copies.fresh_folder(pickup.id, item_id) / f"{passing.QUERIED}.parquet"
    try:
        reading = database.read(pickup.query, pickup.cursor, path, now=now, zone=clock.brand_zone())
    except BaseException:
        copies.drop(pickup.id, item_id)
        sql.run(Q.forget_item, item_id=item_id)
        raise
    finally:
        database.close()
    if not reading.rows or reading.digest == pickup.digest:
        copies.drop(pickup.id, item_id)
        sql.run(Q.forget_item, item_id=item_id)
        return
    (item,) = sql.fetch_as(reads.as_item, Q.item, pickup_id=pickup.id, item_id=item_id)
    begun = passing.begin(
        pickup,
        item,
        path,
        content_hash=reading.digest,
        rows=reading.rows,
        cursor=reading.cursor,
        has_more=reading.has_more,
    )
    passing.carry(pickup, begun, at_once=at_once)


def has_unsettled(pickup_id: int) -> bool:
    """Whether a file is there that may still be written."""
    return any(item.state == SEEN for item in sql.fetch_as(reads.as_item, Q.open_items, pickup_id=pickup_id))
