"""What processes cost, as the kernel tells it. Linux only, as `/proc` is."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.background import Background
from benchmarks.machine import REPOSITORY
from huoshui.core.postgres.api import status

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Process:
    pid: int
    parent: int
    title: str


def running() -> Iterator[Process]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and (found := look(int(folder.name))):
            yield found


def look(pid: int) -> Process | None:
    """None when it is gone."""
    try:
        title = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        after_name = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    # A proof tells of the project, not of the folder in which somebody keeps it
    return Process(pid, int(after_name[1]), title.replace(f"{REPOSITORY}/", "").strip())


def descendants(roots: Iterable[int]) -> list[Process]:
    """These processes and all they started."""
    found = {process.pid: process for process in running()}
    wanted = {pid for pid in roots if pid in found}
    while True:
        more = {p.pid for p in found.values() if p.parent in wanted} - wanted
        if not more:
            return [found[pid] for pid in sorted(wanted)]
        wanted |= more


def peak_mb(pid: int) -> int:
    """The most memory it ever had resident at once; 0 when it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(errors="replace")
    except OSError:
        return 0
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) // 1024
    return 0


def own_peak_mb(pid: int) -> int:
    """Like `peak_mb` without what it shares with others, as PostgreSQL's backends share their buffers.

    Of the moment of asking: the kernel keeps no such peak.
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text(errors="replace")
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in status.splitlines() if line.startswith("RssAnon:")) // 1024


def cpu_seconds(pid: int) -> float:
    """User and system time it has used; 0 when it is gone."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(after_name[11]) + int(after_name[12])) / _TICKS


class Watch(Background):
    """Looks at some processes and their children every so often, and keeps the largest figures of each.

    Of `homes`, the database servers are looked at, whoever started them and whenever.
    """

    def __init__(self, roots: Iterable[int], *, homes: Iterable[Path] = (), every: float = 0.2) -> None:
        self._roots, self._homes, self._every = list(roots), list(homes), every
        super().__init__("watch")
        self.titles: dict[int, str] = {}
        self.peaks: dict[int, int] = {}
        self.own_peaks: dict[int, int] = {}
        self.cpu: dict[int, float] = {}

    def largest(self, having: str = "", *, own: bool = False) -> tuple[str, int]:
        """Title and megabytes of the largest process whose title has this in it."""
        peaks = self.own_peaks if own else self.peaks
        found = [(self.titles[pid], peak) for pid, peak in peaks.items() if having in self.titles[pid]]
        return max(found, key=lambda pair: pair[1], default=("", 0))

    def _run(self) -> None:
        self._look()
        while not self._ended.wait(self._every):
            self._look()
        self._look()

    def _look(self) -> None:
        for process in descendants([*self._roots, *self._postmasters()]):
            pid = process.pid
            # The last title a process had says best what it was: it starts as a copy of its parent
            self.titles[pid] = process.title or self.titles.get(pid, "")
            self.peaks[pid] = max(self.peaks.get(pid, 0), peak_mb(pid))
            self.own_peaks[pid] = max(self.own_peaks.get(pid, 0), own_peak_mb(pid))
            self.cpu[pid] = max(self.cpu.get(pid, 0.0), cpu_seconds(pid))

    def _postmasters(self) -> Iterator[int]:
        for home in self._homes:
            if pid := status(home).pid:
                yield pid
