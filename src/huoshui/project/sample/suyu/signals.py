"""What machines tell through the API: body scales, and the brand's own systems that track (care, complaints, guides' tool)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np

from huoshui.project.sample.suyu import cards
from huoshui.project.sample.suyu.files import Written
from huoshui.project.sample.suyu.orders import DAY
from huoshui.project.sample.suyu.phones import phones
from huoshui.project.sample.suyu.plan import Plan
from huoshui.project.sample.suyu.seeds import generator
from huoshui.project.sample.suyu.world import Shard

READINGS, EVENTS = "体脂秤读数.ndjson", "系统事件.ndjson"
CARE, COMPLAINT, TOOL = "Care Given", "Complaint Made", "Guide Tool Used"
NOTICE: Final = "2024-01"
_BEIJING: Final = timedelta(hours=8)


def write(plan: Plan, shard: Shard, directory: Path) -> Iterator[Written]:
    part = f"-{shard.number + 1}" if shard.number else ""
    yield _lines(directory / READINGS.replace(".", f"{part}."), "readings", _readings(plan, shard))
    yield _lines(directory / EVENTS.replace(".", f"{part}."), "events", _events(plan, shard))


def _lines(path: Path, kind: str, rows: Iterator[dict[str, Any]]) -> Written:
    count = 0
    with path.open("w", encoding="utf-8") as stream:
        for row in rows:
            stream.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")
            count += 1
    return Written(path.name, kind, count)


def _instant(plan: Plan, second: int) -> str:
    first = datetime.combine(plan.first, datetime.min.time(), UTC) - _BEIJING
    return (first + timedelta(seconds=int(second))).isoformat()


def _readings(plan: Plan, shard: Shard) -> Iterator[dict[str, Any]]:
    """`device`: the store whose scale it is. Each reading names its person, who agreed at the machine."""
    seen, people = shard.bodies, shard.people
    numbers = phones(people.number[seen.person])
    rows = zip(
        seen.at.tolist(),
        seen.store.tolist(),
        numbers.tolist(),
        seen.weight.tolist(),
        seen.fat.tolist(),
        strict=True,
    )
    for n, (at, store, phone, weight, fat) in enumerate(rows):
        yield {
            "device": plan.places.stores[store].code,
            "messageId": f"scale-{shard.number}-{n}",
            "type": "body",
            "at": _instant(plan, at),
            "person": {"phone": str(phone)},
            "consent": NOTICE,
            "metrics": {"weight_kg": weight, "body_fat_percent": fat},
        }


def _events(plan: Plan, shard: Shard) -> Iterator[dict[str, Any]]:
    """As a server tells them by its key: track calls."""
    people = shard.people
    for name, told in ((CARE, shard.bodies.contacts), (COMPLAINT, shard.bodies.complaints)):
        numbers = cards_of(people, told[0])
        for n, (card, at) in enumerate(zip(numbers, told[1].tolist(), strict=True)):
            if at < plan.calendar.days * DAY:
                yield _track(
                    plan,
                    name,
                    f"{shard.number}-{n}",
                    at,
                    card,
                    {"reason": "体脂回升"} if name == CARE else {},
                )
    if shard.number == 0:
        yield from _tools(plan)


def cards_of(people: Any, person: np.ndarray) -> list[str]:
    from huoshui.project.sample.suyu.tables import card_numbers

    return [str(n) for n in card_numbers(people, person, np.zeros(len(person), bool)).tolist()]


def _tools(plan: Plan) -> Iterator[dict[str, Any]]:
    """Of the last four weeks: each day on which a guide opened the tool, and how often."""
    uses, _ = cards.tool_uses(plan, generator(plan.seed, "tools"))
    start = plan.calendar.days - uses.shape[1]
    for guide, day in zip(*np.nonzero(uses), strict=True):
        who = plan.places.guides[int(guide)]
        told = {
            "guide": who.number,
            "store": plan.places.stores[who.store].code,
            "times": int(uses[guide, day]),
        }
        yield _track(plan, TOOL, f"{guide}-{day}", (start + int(day)) * DAY + 20 * 3600, None, told)


def _track(
    plan: Plan, name: str, key: str, at: int, card: str | None, properties: dict[str, Any]
) -> dict[str, Any]:
    who: dict[str, Any] = {"anonymousId": f"sy-{properties['guide']}"} if card is None else {"userId": card}
    return {
        "type": "track",
        "event": name,
        "messageId": f"{name.lower().replace(' ', '-')}-{key}",
        "timestamp": _instant(plan, at),
        **who,
        "properties": properties,
    }
