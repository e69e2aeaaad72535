"""What was received and not settled (a process died between the two) is settled now."""

from __future__ import annotations

from huoshui.core.facts import api as facts
from huoshui.intake.river.settle import settle


def sweep(*, limit: int = 500) -> int:
    """Settle every pending fact, oldest first, then what waits though its parent has settled: the two met in different
    transactions, neither of which saw the other. Returns how many."""
    done = 0
    after = 0
    while batch := facts.pending(after=after, limit=limit):
        done += sum(len(one.settled) for one in settle(batch, lane=0))
        after = batch[-1]
    while batch := facts.pending_children(limit=limit):
        settled = sum(len(one.settled) for one in settle(batch, lane=0))
        done += settled
        if not settled:
            break
    return done
