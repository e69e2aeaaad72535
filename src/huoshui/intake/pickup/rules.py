"""Pure decisions: when to look, what is whole, what may go in unseen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import PurePosixPath
from typing import Final
from zoneinfo import ZoneInfo

from huoshui.intake.files.types import Preview
from huoshui.intake.pickup import sayings
from huoshui.intake.pickup.faults import SLOW
from huoshui.intake.pickup.types import SEEN, Entry, Files, Item

LARGEST: Final = 2 << 30
SETTLE: Final = timedelta(seconds=20)
"""Between the two looks at which a file must be alike."""
LOOK_AGAIN: Final = timedelta(seconds=30)
MARKER: Final = ".done"
# How programs call what they have not written to the end
_UNFINISHED: Final = (
    ".part",
    ".tmp",
    ".temp",
    ".filepart",
    ".crdownload",
    ".partial",
    ".uploading",
    ".swp",
    "~",
    MARKER,
)
_SURE, _SURE_WHEN_TOLD = 0.75, 0.5
_MOST_RETRY: Final = timedelta(hours=1)


# ---- when ------------------------------------------------------------------------------------------------------


def next_look(now: datetime, *, every_minutes: int | None, daily_at: time | None, zone: ZoneInfo) -> datetime:
    """The regular next one."""
    if every_minutes is not None:
        return now + timedelta(minutes=every_minutes)
    assert daily_at is not None
    here = now.astimezone(zone)
    due = datetime.combine(here.date(), daily_at, tzinfo=zone)
    return due if due > now else datetime.combine(here.date() + timedelta(days=1), daily_at, tzinfo=zone)


def retry(now: datetime, *, failures: int, code: str) -> datetime:
    """After so many failures in a row: 1, 2, 4 … 60 minutes; what a person must mend is asked for once an hour."""
    if code in SLOW:
        return now + _MOST_RETRY
    return now + min(timedelta(minutes=2 ** min(failures - 1, 6)), _MOST_RETRY)


# ---- which files -----------------------------------------------------------------------------------------------


def globs(files: Files, today: date) -> tuple[str, ...]:
    """The pattern with its days filled in, newest first."""
    days = [today - timedelta(days=n) for n in range(files.look_back + 1)]
    filled = (
        files.pattern.replace("{YYYY}", f"{day:%Y}").replace("{MM}", f"{day:%m}").replace("{DD}", f"{day:%d}")
        for day in days
    )
    return tuple(dict.fromkeys(filled))


def matcher(patterns: Iterable[str]) -> re.Pattern[str]:
    """`*` and `?` stay within a folder, `**/` is any folders; capitals do not matter, as on the machines of shops."""
    return re.compile("|".join(f"(?:{_regex(pattern)})" for pattern in patterns), re.IGNORECASE)


def _regex(pattern: str) -> str:
    parts = re.split(r"(\*\*/|\*|\?)", pattern)
    words = {"**/": "(?:[^/]+/)*", "*": "[^/]*", "?": "[^/]"}
    return "".join(words.get(part, re.escape(part)) for part in parts)


def depth(patterns: Iterable[str]) -> int:
    """How many folders deep a match may lie."""
    return max(6 if "**/" in pattern else pattern.count("/") for pattern in patterns)


def may_lead(folder: str, patterns: Iterable[str]) -> bool:
    """Whether a match may lie somewhere below this folder."""
    steps = folder.split("/")
    for pattern in patterns:
        wanted = pattern.split("/")[:-1]
        if "**" in wanted:
            wanted, steps_ = wanted[: wanted.index("**")], steps
            if all(matcher([w]).fullmatch(s) for w, s in zip(wanted, steps_, strict=False)):
                return True
        elif len(steps) <= len(wanted) and all(
            matcher([w]).fullmatch(s) for w, s in zip(wanted, steps, strict=False)
        ):
            return True
    return False


def is_fit_name(name: str) -> bool:
    """One that cannot lead elsewhere, break a line, or be a surprise on the screen."""
    try:
        length = len(name.encode())
    except UnicodeEncodeError:  # bytes that are no UTF-8
        return False
    return (
        0 < length <= 255
        and name not in (".", "..")
        and "/" not in name
        and "\\" not in name
        and name.isprintable()
    )


def is_unfinished(name: str) -> bool:
    return name.startswith((".", "~$")) or name.lower().endswith(_UNFINISHED)


def shown(name: str) -> str:
    """An unfit name as it can be kept and shown."""
    return name.encode("unicode_escape", "surrogatepass").decode("ascii")[:200]


def with_markers(entries: Sequence[Entry], names: frozenset[str]) -> list[Entry]:
    """Which of them have `name.done` beside them, as path."""
    return [replace(e, is_marked=f"{e.path}{MARKER}" in names) for e in entries]


def not_put_away(entries: Sequence[Entry], done_folder: str) -> list[Entry]:
    """A pattern for all folders would find there what was taken before."""
    return [e for e in entries if not done_folder or not e.path.startswith(f"{done_folder}/")]


def is_ready(item: Item, entry: Entry, *, complete: str, now: datetime, is_atomic: bool) -> bool:
    """Whether the file is whole. `is_atomic`: the place shows only whole ones."""
    if complete == "marker":
        return entry.is_marked
    return is_atomic or complete == "renamed" or now - item.seen_at >= SETTLE


def in_turn(items: Sequence[Item], entries: Mapping[tuple[str, str], Entry]) -> list[Item]:
    """Those to be fetched now, oldest file first; of one path the earlier telling must have come to its end before."""
    held = {item.path for item in items if item.state != SEEN}
    here = [item for item in items if item.state == SEEN and (item.path, item.mark) in entries]
    return sorted(
        (item for item in here if item.path not in held),
        key=lambda item: (entries[item.path, item.mark].modified, item.path),
    )


def local_name(path: str) -> str:
    """A name of our own for a copy: the file's, without anything a path could be made of."""
    whole = PurePosixPath(path).name
    suffix = PurePosixPath(whole).suffix.lower()
    suffix = suffix if suffix in {".csv", ".tsv", ".txt", ".xlsx", ".xls", ".zip", ".parquet"} else ".csv"
    stem = re.sub(r"[^\w（）() -]", "_", PurePosixPath(whole).stem)[:60].strip() or "表格"
    return stem + suffix


# ---- what may go in unseen -------------------------------------------------------------------------------------


def doubt(seen: Preview, *, source_name: str, is_told: bool) -> str:
    """Why a person should look first; '' where the table is surely what it seems."""
    if seen.missing:
        return sayings.LACKS.format(columns="、".join(seen.missing))
    if seen.saved_for == source_name:
        return ""
    if seen.saved_for:
        return sayings.LIKE_ANOTHER.format(source=seen.saved_for)
    if seen.guessed:
        return sayings.GUESSED
    if seen.is_weak:
        return sayings.WEAK
    if seen.confidence < (_SURE_WHEN_TOLD if is_told else _SURE):
        return sayings.UNSURE
    return ""


def too_many_problems(rows: int, problems: int, tolerance: int) -> bool:
    return problems * 1000 > tolerance * rows


# ---- queries ---------------------------------------------------------------------------------------------------


def query_trouble(text: str) -> str:
    """Why it cannot be put into brackets as one SELECT; '' where it can. What it may read is the database's to say."""
    query = text.strip().rstrip(";").strip()
    if not re.match(r"(?is)(select|with)\b", query):
        return sayings.NO_SELECT
    if ";" in query:
        return sayings.ONE_QUERY
    if "\\" in query or "/*" in query:
        return sayings.NO_BACKSLASH
    level = 0
    for sign in re.sub(r"'[^']*'|\"[^\"]*\"|`[^`]*`|--[^\n]*", " ", query):
        level += (sign == "(") - (sign == ")")
        if level < 0:
            return sayings.BRACKETS
    return sayings.BRACKETS if level else ""


def inner(text: str) -> str:
    """The query as it stands within our brackets; a comment at its end must not swallow them."""
    return text.strip().rstrip(";").strip() + "\n"
