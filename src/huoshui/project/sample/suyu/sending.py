"""What machines tell goes in as they would tell it: readings by devices of their own, events by a server's key."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

from huoshui.core import clock
from huoshui.core.actor import SYSTEM
from huoshui.core.errors import Refused
from huoshui.intake.devices import api as devices
from huoshui.intake.tracking import api as tracking
from huoshui.project.sample.suyu.signals import CARE, COMPLAINT, TOOL

SOURCE: Final = "suyu-systems"
_AT_ONCE: Final = 500

Progress = Callable[[int, int], None]


def send_readings(paths: Sequence[Path], progress: Progress) -> int:
    """A scale in each store that tells readings; told again, nothing counts twice. Returns the readings taken."""
    lines = [line for path in paths for line in _lines(path)]
    stores = sorted({json.loads(line)["device"] for line in lines})
    if sum(d.taken for d in devices.list_devices() if d.store_code in stores) >= len(lines):
        return len(lines)
    known = _scales(stores)
    done = 0
    for store, group in groupby(sorted(lines, key=_store), key=_store):
        mine = [_bare(line) for line in group]
        for start in range(0, len(mine), _AT_ONCE):
            post = devices.Post(known[store], tuple(mine[start : start + _AT_ONCE]), clock.now())
            (verdicts,) = devices.take([post])
            _refuse_rejected([v.code for v in verdicts if v.status == devices.REJECTED])
            done += len(verdicts)
            progress(done, len(lines))
    return done


def _store(line: bytes) -> str:
    return str(json.loads(line)["device"])


def _bare(line: bytes) -> bytes:
    told = json.loads(line)
    del told["device"]
    return json.dumps(told, ensure_ascii=False).encode()


def _scales(stores: Sequence[str]) -> dict[str, devices.Known]:
    """Of each store the scale registered there, made if there is none."""
    there = {d.store_code: d.code for d in devices.list_devices() if d.kind == devices.SCALE and d.store_code}
    for store in stores:
        if store not in there:
            there[store] = devices.register(
                kind=devices.SCALE, name="体测区体脂秤", store_code=store, actor=SYSTEM
            ).code
    found = devices.known(sorted(there.values()))
    return {store: found[code] for store, code in there.items()}


def send_events(paths: Sequence[Path], progress: Progress) -> int:
    """Track calls by a key of the brand's own server, declared in the plan. Returns the events taken."""
    lines = [line for path in paths for line in _lines(path)]
    if is_sent():
        return len(lines)
    writer = _writer()
    _take(lines, writer, progress)
    _end_keys()
    return len(lines)


def send_told(lines: Sequence[bytes]) -> int:
    """Some track calls more, before `send_events` has come to its end; the same again count once."""
    if not is_sent():
        _take(lines, _writer(), lambda _done, _of: None)
    return len(lines)


def _take(lines: Sequence[bytes], writer: tracking.Writer, progress: Progress) -> None:
    for start in range(0, len(lines), _AT_ONCE):
        frame = tracking.Frame(received_at=clock.now())
        told = [tracking.Told(writer, line, frame) for line in lines[start : start + _AT_ONCE]]
        _refuse_rejected([v.code for v in tracking.take(told) if v.status == tracking.REJECTED])
        progress(min(start + _AT_ONCE, len(lines)), len(lines))


def is_sent() -> bool:
    """Whether a delivery came to its end: its key was ended then."""
    now = clock.now()
    return any(
        s.keys and all(k.has_ended(now) for k in s.keys) for s in tracking.list_sources() if s.name == SOURCE
    )


def _end_keys() -> None:
    now = clock.now()
    for source in tracking.list_sources():
        for key in source.keys if source.name == SOURCE else ():
            if not key.has_ended(now):
                tracking.end_key(key.prefix, actor=SYSTEM)


def _writer() -> tracking.Writer:
    found = [s for s in tracking.list_sources() if s.name == SOURCE]
    source = found[0] if found else _source()
    key = tracking.add_key(source.source_id, scopes=["events"], actor=SYSTEM)
    writer = tracking.writer_of(key.token)
    assert writer is not None  # it was made a moment ago
    return writer


def _source() -> tracking.SourceView:
    for fact, properties in ((CARE, ("reason",)), (COMPLAINT, ()), (TOOL, ("guide", "store", "times"))):
        for name in properties:
            kind = "number" if name == "times" else "string"
            tracking.declare(fact=fact, name=name, type=kind, klass="behaviour", actor=SYSTEM)
    return tracking.add_source(
        name=SOURCE, label="粟屿内部系统", kind="server", user_id_kind="card_no", actor=SYSTEM
    )


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        yield from (line.rstrip(b"\n") for line in stream)


def _refuse_rejected(codes: Sequence[str]) -> None:
    if codes:
        raise Refused(f"有 {len(codes)} 条没有被收下：{codes[0]}。")
