"""One round of a client over a bad line: so many events sent, and what arrived."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.clients.proxy import bad_line

HERE = Path(__file__).parent
HOLD = 1.3  # longer than the clients wait, who are told a second
HOLD_OF = {"@rudderstack/rudder-sdk-node": 0.2}  # does not try again when it has waited in vain
_PATIENCE = 240.0

COMMANDS: Mapping[str, tuple[str, ...]] = {
    "segment-analytics-python": (sys.executable, "-m", "tests.clients.segment_python"),
    "rudder-sdk-python": (sys.executable, "-m", "tests.clients.rudder_python"),
    "@segment/analytics-node": ("node", str(HERE / "segment_node.mjs")),
    "@rudderstack/rudder-sdk-node": ("node", str(HERE / "rudder_node.mjs")),
}

Count = Callable[[], int]


@dataclass(frozen=True)
class Round:
    client: str
    sent: int
    arrived: int
    requests: Mapping[str, int]  # by what became of them on the line
    seconds: float

    @property
    def figures(self) -> dict[str, Any]:
        return {**vars(self), "requests": dict(self.requests)}


def by_process(client: str, *, port: int, key: str, events: int, count: Count) -> Round:
    """`count` tells how many facts of this key's source there are."""
    begun = time.monotonic()
    with bad_line(port, hold=HOLD_OF.get(client, HOLD)) as (line_port, line):
        command = [*COMMANDS[client], f"http://127.0.0.1:{line_port}", key, str(events)]
        done = subprocess.run(
            command, cwd=HERE.parents[1], capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
        if done.returncode:
            raise AssertionError(f"{client}: {done.stderr[-2000:]}")
        _wait(count, events)
    return Round(client, events, count(), line.seen, round(time.monotonic() - begun, 1))


@contextmanager
def by_browser(
    strategy: str, *, port: int, events: int, count: Count
) -> Iterator[tuple[str, Callable[[], Round]]]:
    """(address for the browser, what to call while its page is open)."""
    begun = time.monotonic()
    with bad_line(port, hold=0.2) as (line_port, line):

        def ended() -> Round:
            _wait(count, events)
            time.sleep(1.0)  # what is sent again though it has arrived
            seconds = round(time.monotonic() - begun, 1)
            return Round(f"@segment/analytics-next, {strategy}", events, count(), line.seen, seconds)

        yield f"http://127.0.0.1:{line_port}", ended


def _wait(count: Count, events: int) -> None:
    end = time.monotonic() + _PATIENCE
    while count() < events and time.monotonic() < end:
        time.sleep(0.2)
