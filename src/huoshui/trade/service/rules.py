"""What a guide is told of a customer, and whom she should turn to today. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Final

from huoshui.people.api import Bounds, Leaning
from huoshui.trade.service.types import (
    AnswerUnknown,
    Candidate,
    Due,
    Note,
    NothingTapped,
    Purchase,
    Question,
    Task,
)

MOST_TASKS: Final = 10
CARE_DAYS: Final = (3, 5)
"""Care is due 72 hours after she bought, and two days later it would be odd."""
DUE_AHEAD, DUE_PAST = 5, 30
SILENT_DAYS: Final = 60
_LEAST_GAP: Final = 5

WHOM: Final = Question("note_whom", "给谁买", 90, {"self": "自己", "family": "家人", "gift": "送礼"})
LOOKED: Final = Question("note_looked", "看过", 60, {})
TOOK: Final = Question("note_took", "下次再买", 30, {"yes": "", "later": "下次再买"})
QUESTIONS: Final = (WHOM, LOOKED, TOOK)

# Nobody who looks over a guide's shoulder may read of health, or of what we think of a customer (LOOK-H5 ④).
_UNSAFE: Final = re.compile(
    "备孕|孕|产后|哺乳|月经|更年期|男科|妇科|避孕|血糖|血脂|血压|糖尿|尿酸|痛风|肝|肾|肿瘤|癌|失眠|抑郁|便秘|痔"
    "|减肥|减脂|瘦身|肥胖|病|症|药|医疗|大鱼|小鱼|鱼塘|僵尸|价格敏感|流失|低价值|高价值"
)
_DOUBLE: Final = (
    "欧阳",
    "司马",
    "上官",
    "诸葛",
    "司徒",
    "东方",
    "皇甫",
    "尉迟",
    "公孙",
    "慕容",
    "令狐",
    "夏侯",
)


def may_be_shown(text: str) -> bool:
    """Whether a name of a product, a category or a tag may stand on a screen that the customer sees."""
    return not _UNSAFE.search(text)


def called(name: str) -> str:
    """The surname alone: 欧阳**, 周**, and of another script its first letter."""
    name = name.strip()
    if not name:
        return ""
    return f"{name[:2] if name.startswith(_DOUBLE) else name[0]}**"


def likes(purchases: Sequence[Purchase], words: Mapping[int, str], *, most: int = 4) -> list[str]:
    """What she takes most often, by days on which she took it; alike often, what she took last."""
    days: dict[str, set[date]] = {}
    for one in purchases:
        word = words.get(one.sku_id, "")
        if word and may_be_shown(word):
            days.setdefault(word, set()).add(one.day)
    ranked = sorted(days, key=lambda w: (-len(days[w]), -max(days[w]).toordinal(), w))
    return ranked[:most]


def due(purchases: Sequence[Purchase]) -> list[Due]:
    """Products she took on at least three days, with the middle of her own gaps: one gap alone is no rhythm."""
    days: dict[int, set[date]] = {}
    for one in purchases:
        days.setdefault(one.sku_id, set()).add(one.day)
    found = []
    for sku_id, on in days.items():
        ordered = sorted(on)
        if len(ordered) < 3:
            continue
        gaps = [(later - earlier).days for earlier, later in pairwise(ordered)]
        every = round(median(gaps))
        if every >= _LEAST_GAP:
            found.append(Due(sku_id, ordered[-1], every, len(ordered)))
    return sorted(found, key=lambda d: (d.last_on + timedelta(days=d.every_days), d.sku_id))


def next_product(purchases: Sequence[Purchase], shown: Iterable[int], *, today: date) -> Due | None:
    """What she has nearly used up; of several the one that was due first."""
    allowed = set(shown)
    near = [d for d in due(purchases) if d.sku_id in allowed and is_near(d, today)]
    return near[0] if near else None


def is_near(one: Due, today: date) -> bool:
    return -DUE_PAST <= one.days_left(today) <= DUE_AHEAD


def often(purchases: Sequence[Purchase], shown: Iterable[int]) -> int | None:
    """The product she took on most days."""
    allowed = set(shown)
    counted = Counter(sku for sku, _day in {(p.sku_id, p.day) for p in purchases if p.sku_id in allowed})
    return min(counted, key=lambda sku: (-counted[sku], sku)) if counted else None


def checked(note: Note, looked: Iterable[str]) -> None:
    """Raises NothingTapped, AnswerUnknown."""
    if not (note.whom or note.looked or note.took):
        raise NothingTapped
    known = {"": True} | dict.fromkeys(WHOM.values, True)
    is_known = note.whom in known and note.took in {"", *TOOK.values} and note.looked in {"", *looked}
    if not is_known:
        raise AnswerUnknown


def said_of(note: Note) -> list[tuple[Question, str]]:
    """The tags that the taps become. What she took along is a sale, and no tag."""
    told = [
        (WHOM, WHOM.values.get(note.whom, "")),
        (LOOKED, note.looked),
        (TOOK, TOOK.values.get(note.took, "")),
    ]
    return [(question, value) for question, value in told if value]


def told_at(text: str, now: datetime) -> datetime:
    """When she tapped. A phone whose clock is far out is not believed."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return now
    if at.tzinfo is None or not now - timedelta(days=7) <= at <= now + timedelta(minutes=5):
        return now
    return min(at, now)


# ---- today's tasks ------------------------------------------------------------------------------------------


def task_of(who: Candidate, *, today: date) -> Task | None:
    """At most one for a customer: what is nearly used up before a word of care, and that before a long silence. It looks at
    what was until yesterday, so the list of a morning is the list of the day."""
    before = [p for p in who.purchases if p.day < today]
    if not before:
        return None
    if who.is_profiled:
        near = [d for d in due(before) if is_near(d, today)]
        if near:
            return Task(who.person_id, "due", near[0].days_left(today), near[0].sku_id, near[0].every_days)
    gone = (today - max(p.day for p in before)).days
    if CARE_DAYS[0] <= gone <= CARE_DAYS[1]:
        return Task(who.person_id, "care", gone, _last_product(before))
    if who.is_profiled and who.is_valued and gone >= SILENT_DAYS:
        return Task(who.person_id, "silent", gone)
    return None


# ---- all her customers ---------------------------------------------------------------------------------------

BIRTHDAY_DAYS: Final = 7
COUPON_DAYS: Final = 3
BOUNDS: Final = Bounds(
    kinds=("due", "coupon", "care", "birthday", "silent", ""),
    least_orders=3,
    least_gap=_LEAST_GAP,
    due_ahead=DUE_AHEAD,
    due_past=DUE_PAST,
    care_from=CARE_DAYS[0],
    care_to=CARE_DAYS[1],
    silent_days=SILENT_DAYS,
)
_GUESSED: Final = frozenset({"due", "silent"})


def birthdays_of(today: date) -> list[str]:
    """Days of the year (MM-DD) that are near, today with them. Who was born on 29 February is near on the 28th of other
    years."""
    days = [f"{today + timedelta(days=n):%m-%d}" for n in range(BIRTHDAY_DAYS + 1)]
    return [*days, "02-29"] if "02-28" in days and "02-29" not in days else days


def reason_of(one: Leaning, *, is_profiled: bool) -> str:
    """What may be said of her: nothing that was guessed, of whoever does not want it."""
    return "" if one.kind in _GUESSED and not is_profiled else one.kind


def _last_product(before: Sequence[Purchase]) -> int:
    return max(before, key=lambda p: (p.day, -p.sku_id)).sku_id


_ORDER: Final = {"due": 0, "care": 1, "silent": 2}


def urgency(task: Task) -> tuple[int, int, int]:
    """What is over longest comes first; care that would soon be odd before the other; who was silent shortest."""
    days = -task.days if task.kind == "care" else task.days
    return _ORDER[task.kind], days, task.person_id


def chosen(tasks: Iterable[Task], *, may: Mapping[int, bool], done: frozenset[int]) -> list[Task]:
    """Today's, the most urgent first. Whoever was turned to today stays, whatever may be said to her now."""
    wanted = [t for t in sorted(tasks, key=urgency) if t.person_id in done or may.get(t.person_id, False)]
    return wanted[:MOST_TASKS]


def is_rush(now: datetime, hours: Sequence[tuple[int, int]]) -> bool:
    """`hours`: minutes of the local day, from and until."""
    minute = now.hour * 60 + now.minute
    return any(start <= minute < end for start, end in hours)
