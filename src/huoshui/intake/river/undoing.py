"""What an import told is taken back: each order by a fact of its own, through the same steps as any sale (ADR 0017).

What others told of the same orders is told again, and settles as it would have without the import.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence

from django.db import transaction

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM
from huoshui.core.facts import api as facts
from huoshui.core.facts import withdrawn
from huoshui.core.facts.withdrawn import OrderFact, OrderOf, Reversal
from huoshui.core.ledger import api as ledger
from huoshui.core.retry import retrying
from huoshui.engage.campaigns import api as campaigns
from huoshui.engage.loyalty import api as loyalty
from huoshui.intake.river import settle
from huoshui.intake.river.sweep import sweep
from huoshui.people import api as people
from huoshui.trade.sales import api as sales

_ORDERS, _OTHERS, _PERSONS = 200, 1_000, 500

PEOPLE, ORDERS, OTHERS, PERSONS = "核对顾客", "撤回订单", "撤回其他记录", "整理顾客资料"
Tell = Callable[[str, int], None]
"""Told the step, and how much of it is done."""


def undo_run(run_id: int, *, tell: Tell = lambda _, __: None) -> int:
    """Take back all that a run alone told. May be killed anywhere, and run again. Returns how many persons are no more."""
    with transaction.atomic(durable=True):
        withdrawn.open_withdrawal(run_id)
    tell(PEOPLE, 0)
    regroup(run_id)
    for phase, some in ((ORDERS, undo_some_orders), (OTHERS, undo_some_others)):
        done = 0
        tell(phase, done)
        while n := some(run_id):
            done += n
            tell(phase, done)
    sweep()  # what was told again while its order was in somebody else's hands
    tell(PERSONS, 0)
    buried = tidy_persons(run_id)
    with transaction.atomic(durable=True):
        people.unsay_consents(run_id)
        withdrawn.close_withdrawal(run_id)
        facts.wake_readers()
    return buried


def undo_some_orders(run_id: int) -> int:
    """Take back the next orders of a run whose withdrawal is open, in one transaction. Returns how many; 0: no more."""
    return retrying(lambda: _some_orders(run_id), times=8)


def _some_orders(run_id: int) -> int:
    with transaction.atomic(durable=True):
        sql.fetch(settle.BULK_LANE, lane=0)
        sql.by_index()
        orders = withdrawn.pending_orders(run_id, limit=_ORDERS)
        if orders:
            _take_back(run_id, orders)
        return len(orders)


def _take_back(run_id: int, orders: Sequence[OrderOf]) -> None:
    standing = sales.lock([(o.source_id, o.order_key) for o in orders])
    told: dict[int, list[OrderFact]] = defaultdict(list)
    for fact in withdrawn.facts_of_orders(orders):
        told[fact.place].append(fact)
    reversals = [r for of_order in told.values() for r in reversals_of(of_order)]
    made = withdrawn.reverse(run_id, reversals) if reversals else []
    by = {
        (r.order_id, r.is_history): fact_id for r, (fact_id, _) in zip(reversals, made, strict=True) if r.back
    }
    rows = [row for of_order in told.values() for row in _withdrawals(of_order, by)]
    _settle(made)
    sales.forget([s.sale_id for s in standing])
    withdrawn.withdraw(run_id, rows)
    _settle_again(withdrawn.retell([fact_id for fact_id, _, is_retold in rows if is_retold]))


def reversals_of(told: Sequence[OrderFact]) -> Iterator[Reversal]:
    """What takes back all that settled facts of one order did: of the present and of the past apart, for only the first
    moved points and goods. What one of the other kind had replaced is told by a reversal of its own, as it was."""
    settled = [f for f in told if f.state == "settled"]
    if not settled:
        return
    order_id = settled[0].order_id or settled[0].fact_id
    person_id = next((f.person_id for f in reversed(settled) if f.person_id is not None), None)
    whose = {f.fact_id: f.person_id for f in settled}
    for is_history in (False, True):
        left: Counter[int] = Counter()
        for f in settled:
            if f.is_history == is_history:
                left[f.fact_id] += 1
                left.subtract(f.replaces or ())
        if back := sorted(fact_id for fact_id, n in left.items() if n > 0):
            yield Reversal(back[0], order_id, is_history, person_id, back)
        for fact_id in sorted(fact_id for fact_id, n in left.items() if n < 0):
            yield Reversal(fact_id, order_id, is_history, whose[fact_id], (), (fact_id,))


def _withdrawals(
    told: Sequence[OrderFact], by: dict[tuple[int, bool], int]
) -> Iterator[tuple[int, int, bool]]:
    """(fact, the fact that took it back, whether it is told again). A stranger's fact that waits goes on waiting."""
    settled = [f for f in told if f.state == "settled"]
    order_id = (settled[0].order_id or settled[0].fact_id) if settled else 0
    own = by.get((order_id, False)) or by.get((order_id, True)) or 0
    for f in told:
        if f.is_gone or f.state == "settled":
            yield f.fact_id, own, not f.is_gone


def _settle(made: Sequence[tuple[int, bool]]) -> None:
    """The steps of the river for facts that are settled already and whose orders will be no more."""
    fact_ids = [fact_id for fact_id, _ in made]
    if not fact_ids:
        return
    history = {fact_id for fact_id, is_history in made if is_history}
    redeemed = campaigns.redeem(campaigns.look(fact_ids), asks=frozenset())
    looked = loyalty.look(fact_ids)
    spent = loyalty.unspend(looked)
    earned = loyalty.earn(looked, history=history, undone=True)
    goods = ledger.move_goods(fact_ids, asks=frozenset())
    credited = settle.credit(fact_ids, history)
    posted = ledger.post([*redeemed.movements, *spent.movements, *earned.movements, *credited])
    settle.tell_of([*redeemed.unmet, *spent.unmet, *goods.unmet], earned, posted.indebted)


def _settle_again(fact_ids: Sequence[int]) -> None:
    left = list(fact_ids)
    while left:
        one = settle.take_steps(left, actor=SYSTEM)
        if not one.settled and not one.waiting:
            break  # behind a fact that somebody else has in hand: swept later
        left = settle.left_after(one, left)
    withdrawn.keep_places(fact_ids)


def undo_some_others(run_id: int) -> int:
    """As above for facts that are no orders: what they said of persons, payments, coupons of others."""
    return retrying(lambda: _some_others(run_id), times=8)


def _some_others(run_id: int) -> int:
    with transaction.atomic(durable=True):
        pending = withdrawn.pending_others(run_id, limit=_OTHERS)
        if not pending:
            return 0
        by = withdrawn.reverse_others(run_id, [fact_id for fact_id, _ in pending])
        withdrawn.withdraw(run_id, [(fact_id, by[fact_id], again) for fact_id, again in pending])
        _settle_again(withdrawn.retell([fact_id for fact_id, again in pending if again]))
        return len(pending)


def regroup(run_id: int) -> tuple[int, int]:
    """Part whom only this run's facts had joined; facts that would be somebody else's without it are put on its list, to be
    told again. Returns (links, identifiers) that are no more."""
    links = identifiers = 0
    seen: set[int] = set()
    after = 0
    while fact_ids := withdrawn.marked(run_id, after=after, limit=_OTHERS):
        after = fact_ids[-1]
        persons = [p for p in people.known_by(fact_ids) if p not in seen]
        for start in range(0, len(persons), _PERSONS):
            some = persons[start : start + _PERSONS]
            done = retrying(lambda some=some: _regroup(run_id, some), times=8)  # type: ignore[misc]  # a default argument is how a loop variable is held
            seen |= set(done.person_ids)
            links += done.links_gone
            identifiers += done.identifiers_gone
    return links, identifiers


def _regroup(run_id: int, person_ids: Sequence[int]) -> people.Regrouped:
    with transaction.atomic(durable=True):
        done = people.regroup_without(person_ids, actor=SYSTEM)
        withdrawn.mark_retold(run_id, done.retold)
        people.bury_untold(done.person_ids)
        return done


def tidy_persons(run_id: int) -> int:
    """What rooms keep of the persons of a run, by the facts that are left; whoever nothing tells of is no person any more.
    Returns how many those are."""
    persons, last = withdrawn.persons_of_run(run_id), max(withdrawn.reversals_of_run(run_id), default=0)
    gone = 0
    for start in range(0, len(persons), _PERSONS):
        some = persons[start : start + _PERSONS]
        retrying(lambda some=some: _tidy(some, last), times=8)  # type: ignore[misc]  # as above
        gone += len(some) - len(people.living(some))
    return gone


def _tidy(person_ids: Sequence[int], last: int) -> None:
    with transaction.atomic(durable=True):
        people.untell_profiles(person_ids, by_fact_id=last)
        loyalty.unsay(person_ids, at=clock.now(), by_fact_id=last)
        people.bury_untold(person_ids)
