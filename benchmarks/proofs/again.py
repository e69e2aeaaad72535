"""The same again changes nothing, and an encoding is not content."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks import contents, journey
from benchmarks.result import Claims, Result
from benchmarks.scratch import Home, scratch_home

NAME = "again"
TITLE = "The same files again change nothing; GB18030, UTF-8 and UTF-8 with a mark give the same facts."

ENCODINGS = ("utf-8-sig", "utf-8", "gb18030")


def run(seed: int, *, months: int = 13) -> Result:
    claims, figures = Claims(), {}
    with scratch_home(NAME) as home:
        figures["twice"] = _twice(home, journey.files(months), claims)
    with scratch_home(f"{NAME}-encodings") as home:
        figures["encodings"] = _encodings(home, journey.files(1), claims)
    return Result({"claims": claims.made, **figures}, claims.hold)


def _twice(home: Home, files: journey.Files, claims: Claims) -> dict[str, Any]:
    _import(home, files)
    rows, digests, lake = contents.counts(home), contents.digests(home), contents.lake_rows(home)
    again = _import(home, files)
    claims.equal("tables that grew or shrank", contents.differences(rows, contents.counts(home)), {})
    claims.equal("contents that changed", contents.differences(digests, contents.digests(home)), {})
    claims.equal("tables of the lake that changed", contents.differences(lake, contents.lake_rows(home)), {})
    claims.equal("sales taken for new", again["sales"]["new"], 0)
    claims.equal("sales known", again["sales"]["known"], again["sales"]["orders"])
    claims.equal("audit is clean", home.told("audit", "--json")["clean"], True)
    return {"rows": rows, "lake": lake, "second import": again}


def _encodings(home: Home, files: journey.Files, claims: Claims) -> dict[str, Any]:
    copies = {encoding: _copies(files, home.path / encoding, encoding) for encoding in ENCODINGS}
    seen = {}
    for encoding, copy in copies.items():
        home.empty()
        _import(home, copy)
        seen[encoding] = contents.digests(home)
    first = seen[ENCODINGS[0]]
    for encoding in ENCODINGS[1:]:
        name = f"contents that differ between {ENCODINGS[0]} and {encoding}"
        claims.equal(name, contents.differences(first, seen[encoding]), {})
    # The last one is still there: the others are known to it
    rows = contents.counts(home)
    for encoding in ENCODINGS[:-1]:
        _import(home, copies[encoding])
        name = f"tables that changed by {encoding} after {ENCODINGS[-1]}"
        claims.equal(name, contents.differences(rows, contents.counts(home)), {})
    return {"rows and digests": seen}


def _copies(files: journey.Files, folder: Path, encoding: str) -> journey.Files:
    def copied(kind: str) -> tuple[Path, ...]:
        return tuple(journey.copy_of(path, folder, encoding=encoding) for path in files.of(kind))

    return journey.Files(**{kind: copied(kind) for kind in journey.SOURCES})


def _import(home: Home, files: journey.Files) -> dict[str, dict[str, int]]:
    """Counts of each kind, as the command tells them."""
    return {
        kind: home.told("import", kind, *map(str, files.of(kind)), "--json")["counts"]
        for kind in journey.SOURCES
    }
