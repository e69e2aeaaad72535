"""Stages of life and habits, weighed from several signals. Once a day, of everyone, and each answer says what spoke for it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM
from huoshui.core.errors import HuoshuiError
from huoshui.insight.lake import open_lake
from huoshui.insight.segments import judging
from huoshui.insight.tags import measures, rules
from huoshui.insight.tags.giving import take_inferred
from huoshui.insight.tags.tending import INFER_AGAIN
from huoshui.insight.tags.types import Guess, Signal, Taken

Q = sql.load("huoshui.insight.tags")

logger = logging.getLogger(__name__)


class Inferred(NamedTuple):
    """`whys`: of each person, the signals that held, with their weights."""

    person_ids: list[int]
    values: list[str]
    scores: list[float]
    whys: list[list[dict[str, Any]]]


def infer(tag_ids: Sequence[int] | None = None, *, at: datetime | None = None) -> dict[int, Taken]:
    """Tags whose inference is due. One that fails says so and holds up no other."""
    at = at or clock.now()
    done = {}
    for tag in sql.fetch(Q.to_infer, before=at - INFER_AGAIN, ids=None if tag_ids is None else list(tag_ids)):
        try:
            found = weigh(rules.from_json(json.loads(tag.definition)).guesses, tag.kind, at)
            with transaction.atomic():
                # Switched off or changed meanwhile: what was weighed is old
                now = sql.fetch_one(Q.lock, tag_id=tag.id)
                if (now.state, now.version_no) == ("on", tag.version_no):
                    done[tag.id] = take_inferred(tag, **found._asdict(), at=at, actor=SYSTEM)
                    sql.run(Q.mark_inferred, tag_id=tag.id, at=at, version_no=tag.version_no)
        except HuoshuiError as error:
            _say(tag.id, str(error))
        except Exception:
            logger.exception("tag %s could not be inferred", tag.id)
            _say(tag.id, "算不出来，系统会再试；一直这样请联系管理员看日志。")
    return done


def _say(tag_id: int, error: str) -> None:
    with transaction.atomic():
        sql.run(Q.put_error, tag_id=tag_id, error=error)


def weigh(
    guesses: Sequence[Guess], kind: str, at: datetime, *, is_called_off: Callable[[], bool] = lambda: False
) -> Inferred:
    """Reads the lake, writes nothing. Each signal is asked once, however many values it speaks for and people there are."""
    asked: dict[str, Mapping[int, float | None]] = {}
    for guess in guesses:
        for signal in guess.signals:
            if _name(signal) not in asked:
                asked[_name(signal)] = _holders(signal, at, is_called_off)
    everyone = sorted({person_id for holders in asked.values() for person_id in holders})
    found = Inferred([], [], [], [])
    for person_id in everyone:
        held = {g.value: [person_id in asked[_name(s)] for s in g.signals] for g in guesses}
        for value, points in rules.weighed(guesses, held, kind):
            [guess] = [g for g in guesses if g.value == value]
            found.person_ids.append(person_id)
            found.values.append(value)
            found.scores.append(points / sum(s.weight for s in guess.signals))
            found.whys.append(
                [_why(s, asked[_name(s)][person_id]) for s in guess.signals if person_id in asked[_name(s)]]
            )
    return found


def _name(signal: Signal) -> str:
    return json.dumps([signal.rule, signal.measure, signal.at_least], sort_keys=True, ensure_ascii=False)


def _why(signal: Signal, share: float | None) -> dict[str, Any]:
    said: dict[str, Any] = {"says": signal.says, "weight": signal.weight}
    return said if share is None else said | {"share": round(share, 4)}


def _holders(
    signal: Signal, at: datetime, is_called_off: Callable[[], bool] = lambda: False
) -> Mapping[int, float | None]:
    if signal.rule is not None:
        found = judging.whom(judging.parse(signal.rule), at, is_called_off)
        return dict.fromkeys(found.to_pylist())
    is_called_off()
    rows = open_lake()
    table = rows.run(measures.holders(rows, signal.measure, signal.at_least, clock.business_day(at)))
    return dict(zip(table["person_id"].to_pylist(), table["share"].to_pylist(), strict=True))
