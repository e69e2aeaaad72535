"""Bills whose cells stand behind backticks and are never quoted: a comma inside a name is no separator, `` ,` `` is."""

from __future__ import annotations

import csv
from pathlib import Path


def is_so(path: Path) -> bool:
    """Whether the first row below the header is written that way."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        file.readline(1 << 16)
        second = file.readline(1 << 16)
    return second.startswith("`") and ",`" in second


def to_csv(path: Path, target: Path) -> None:
    """Row for row, so that numbers of rows stay right."""
    with (
        path.open(encoding="utf-8-sig", newline="") as file,
        target.open("w", encoding="utf-8", newline="") as out,
    ):
        writer = csv.writer(out, lineterminator="\n")
        for line in file:
            said = line.rstrip("\r\n")
            writer.writerow(said[1:].split(",`") if said.startswith("`") else said.split(","))
