"""What a value joined before it was known to be several people's is decided anew without it, as an import is taken back
(ADR 0017): links and identifiers that only it had proved go, and records that would be another's now are told again."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from huoshui.core.actor import SYSTEM
from huoshui.core.facts import api as facts
from huoshui.core.facts import withdrawn
from huoshui.core.retry import retrying
from huoshui.intake.river.sweep import sweep
from huoshui.intake.river.undoing import tidy_persons, undo_some_orders, undo_some_others
from huoshui.people import api as people


def part_shared() -> int:
    """Part whom shared values have joined. May be killed anywhere, and run again. Returns how many values those were."""
    retrying(_guard_crowds, times=8)
    done = 0
    while some := people.unparted():
        for shared in some:
            _part(-shared.id, shared.person_ids)
        done += len(some)
    return done


def _guard_crowds() -> None:
    with transaction.atomic(durable=True):
        people.release_strays()
        people.guard_crowds()


def _part(number: int, person_ids: Sequence[int]) -> None:
    """`number` is that of the withdrawal: imports have theirs above zero."""
    retrying(lambda: _regroup(number, person_ids), times=8)
    for some in (undo_some_orders, undo_some_others):
        while some(number):
            pass
    sweep()  # what was told again while its order was in somebody else's hands
    tidy_persons(number)
    with transaction.atomic(durable=True):
        withdrawn.close_withdrawal(number)
        facts.wake_readers()


def _regroup(number: int, person_ids: Sequence[int]) -> None:
    with transaction.atomic(durable=True):
        done = people.regroup_without(person_ids, actor=SYSTEM)
        withdrawn.mark_retold(number, done.retold)
        people.bury_untold(done.person_ids)
