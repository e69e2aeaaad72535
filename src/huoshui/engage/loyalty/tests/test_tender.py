"""To which years the points of an order go back that paid, was taken back, and paid again."""

from __future__ import annotations

from datetime import date

import pytest

from huoshui.core.ledger.types import ISSUER, POINTS, Movement, Party
from huoshui.engage.loyalty import tender
from huoshui.engage.loyalty.types import EarnRule, Rulebook, Split, Tender, Tendered

DAY = date(2027, 3, 10)
BOOK = Rulebook([EarnRule(version=1, points=1, per_minor=100, valid_years=1)])
ORDER, BACK, ANN = 1, 4, 7


def given_back(points: int, *splits: tuple[str, bool, int]) -> list[tuple[str, int]]:
    """(year, points) of what a refund gives back, after these moves of the order: (bucket, whether it was back, points)."""
    told = [Tender(BACK, ANN, ORDER, False, DAY, -points, -points)]
    net = sum(-n if is_back else n for _, is_back, n in splits)
    movements, unmet = tender.decide(
        told,
        BOOK,
        tender.Wallet({}, []),
        asks=set(),
        tendered=[Tendered(ORDER, net - points, False)],
        splits=[Split(ORDER, ANN, *split) for split in splits],
    )
    assert not unmet
    for m in movements:
        back_to = Party("person", ANN, m.target.bucket)
        assert m == Movement(POINTS, ISSUER, back_to, m.amount, BACK, tender.SPEND_BACK, repays=True)
    return [(m.target.bucket, m.amount) for m in movements]


@pytest.mark.parametrize(
    ("points", "splits", "back"),
    [
        # last spent, first given back
        (150, [("2027-12", False, 100), ("2028-12", False, 432)], [("2028-12", 150)]),
        (500, [("2027-12", False, 100), ("2028-12", False, 432)], [("2028-12", 432), ("2027-12", 68)]),
        # all given back, and paid again with next year's alone: it is next year's that come back
        (
            532,
            [
                ("2027-12", False, 100),
                ("2027-12", True, 100),
                ("2028-12", False, 964),
                ("2028-12", True, 432),
            ],
            [("2028-12", 532)],
        ),
        # what had expired went to a later year, and is not given back there once more
        (32, [("2026-12", False, 100), ("2027-12", False, 432), ("2027-12", True, 500)], [("2028-12", 32)]),
    ],
)
def test_points_go_back_where_they_last_came_from(
    points: int, splits: list[tuple[str, bool, int]], back: list[tuple[str, int]]
) -> None:
    assert given_back(points, *splits) == back


def test_each_of_two_who_became_one_has_back_what_he_paid() -> None:
    """Bob paid first and had it all back, partly as a debt repaid; Ann paid then, and had some back. What is left is hers, also
    while they are one: once they are parted she would have it a second time."""
    bob = 5
    splits = [
        Split(ORDER, bob, "2027-12", False, 100),
        Split(ORDER, bob, "debt", True, 40),
        Split(ORDER, bob, "2027-12", True, 60),
        Split(ORDER, ANN, "2027-12", False, 100),
        Split(ORDER, ANN, "2027-12", True, 63),
    ]
    told = [Tender(BACK, ANN, ORDER, False, DAY, -37, -37)]
    wallet = tender.Wallet({ANN: (bob, ANN)}, [])
    tendered = [Tendered(ORDER, 0, False)]
    movements, unmet = tender.decide(told, BOOK, wallet, asks=set(), tendered=tendered, splits=splits)
    assert not unmet
    assert [(m.target.owner_id, m.target.bucket, m.amount) for m in movements] == [(ANN, "2027-12", 37)]
