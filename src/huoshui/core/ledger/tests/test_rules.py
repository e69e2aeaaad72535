"""What posts and what does not: pure decisions."""

from __future__ import annotations

import pytest

from huoshui.core.ledger.rules import decide
from huoshui.core.ledger.types import (
    DEBT_BUCKET,
    ISSUER,
    POOL,
    Account,
    Debt,
    IfShort,
    Lack,
    Movement,
    Party,
    Transfer,
)

ISSUING = Account(1, "points", "issuer", 0, "", None, None)


def held(
    id_: int, balance: int, bucket: str = "2026-12", *, owner: int = 1, floor: int | None = 0
) -> Account:
    return Account(id_, "points", "person", owner, bucket, balance, floor)


def spend(
    amount: int, fact_id: int, *, owner: int = 1, first: tuple[str, ...] = (), **more: object
) -> Movement:
    if_short = IfShort.DEBT if more.get("in_debt") else IfShort.REFUSE
    source = Party("person", owner, POOL)
    return Movement("points", source, ISSUER, amount, fact_id, "spend", if_short, first)


def earn(amount: int, fact_id: int, bucket: str = "2026-12", *, owner: int = 1) -> Movement:
    return Movement("points", ISSUER, Party("person", owner, bucket), amount, fact_id, "earn")


def legs(transfers: list[Transfer]) -> list[tuple[int, int, int]]:
    return [(t.from_account_id, t.to_account_id, t.amount) for t in transfers]


def test_the_soonest_to_expire_is_spent_first_and_what_never_expires_last() -> None:
    accounts = [ISSUING, held(2, 5, "2027-12"), held(3, 5, ""), held(4, 5, "2026-12")]
    transfers, refused, _ = decide([spend(12, 100)], accounts)
    assert legs(transfers) == [(4, 1, 5), (2, 1, 5), (3, 1, 2)]
    assert [t.part for t in transfers] == [0, 1, 2]
    assert not refused


def test_a_refund_takes_from_the_buckets_it_had_filled() -> None:
    accounts = [ISSUING, held(2, 5, "2026-12"), held(3, 5, "2027-12")]
    transfers, _, _ = decide([spend(7, 100, first=("2027-12",))], accounts)
    assert legs(transfers) == [(3, 1, 5), (2, 1, 2)]


def test_what_is_short_is_refused_whole() -> None:
    accounts = [ISSUING, held(2, 5), held(3, 100, owner=2)]
    transfers, refused, _ = decide([spend(3, 100, owner=2), spend(6, 100), spend(4, 101)], accounts)
    assert refused == {100: Lack("points", 9, 8)}
    assert legs(transfers) == [(2, 1, 4)]


def test_what_is_short_may_leave_a_debt() -> None:
    accounts = [ISSUING, held(2, 5), held(3, 0, DEBT_BUCKET, floor=None)]
    transfers, refused, indebted = decide([spend(7, 100, in_debt=True)], accounts)
    assert legs(transfers) == [(2, 1, 5), (3, 1, 2)]
    assert not refused
    assert indebted == {100: Debt("points", 2)}


def test_a_debt_is_never_spent_from_the_pool() -> None:
    accounts = [ISSUING, held(2, 5), held(3, 9, DEBT_BUCKET, floor=None)]
    assert decide([spend(6, 100)], accounts)[1] == {100: Lack("points", 6, 5)}


def test_a_group_may_spend_what_an_earlier_one_brought() -> None:
    transfers, refused, _ = decide([earn(5, 100), spend(5, 101)], [ISSUING, held(2, 0)])
    assert (legs(transfers), refused) == ([(1, 2, 5), (2, 1, 5)], {})


def test_a_refused_group_feeds_nobody() -> None:
    accounts = [ISSUING, held(2, 0), held(3, 0, owner=2)]
    movements = [earn(5, 100), spend(1, 100, owner=2), spend(5, 101)]
    transfers, refused, _ = decide(movements, accounts)
    assert not transfers
    assert refused.keys() == {100, 101}


def test_movements_of_one_fact_are_one_group_wherever_they_stand() -> None:
    accounts = [ISSUING, held(2, 0), held(3, 0, owner=2)]
    movements = [earn(5, 100), earn(1, 101, owner=2), spend(9, 100)]
    transfers, refused, _ = decide(movements, accounts)
    assert legs(transfers) == [(1, 3, 1)]
    assert refused == {100: Lack("points", 9, 5)}


def test_each_leg_of_a_fact_has_a_key_of_its_own() -> None:
    accounts = [ISSUING, held(2, 1, "2026-12"), held(3, 1, "2027-12"), held(4, 0, owner=2)]
    movements = [spend(2, 100), earn(1, 100, "2026-12"), spend(1, 100)]
    keys = [(t.fact_id, t.reason, t.part) for t in decide(movements, accounts)[0]]
    assert keys == [(100, "spend", 0), (100, "spend", 1), (100, "earn", 0), (100, "spend", 2)]


@pytest.mark.parametrize("amount", [0, -1])
def test_a_movement_moves_something(amount: int) -> None:
    with pytest.raises(ValueError, match="moves something"):
        decide([earn(amount, 100)], [ISSUING, held(2, 1, "2026-12")])
