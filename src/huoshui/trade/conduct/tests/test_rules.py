"""What stands out is named, what is ordinary is not: each with the same world without it."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest

from huoshui.trade.conduct import rules, teams
from huoshui.trade.conduct.teams import Team
from huoshui.trade.conduct.types import Opening

DAY = datetime(2026, 8, 1, 12)


def opening(person: int, **more: object) -> Opening:
    told = {
        "person_id": person, "device": f"own{person}", "at": DAY - timedelta(days=person % 300), "store_id": person % 20,
        "dealer_id": person % 10, "minutes": 5.0, "had_bought": person % 51 == 0, "once": False, "came": True, "title": "",
    }  # fmt: skip
    return Opening(**(told | more))  # type: ignore[arg-type]  # the words of a test


def ordinary(count: int = 1_000) -> list[Opening]:
    return [opening(n) for n in range(1, count + 1)]


def test_a_dealer_whose_new_customers_had_bought_elsewhere_is_named() -> None:
    bad = [opening(n, dealer_id=3, device="d", had_bought=n % 5 < 2) for n in range(5_000, 5_060)]
    (found,) = rules.tills([*ordinary(), *bad])
    assert (found.dealer_id, found.device, found.on_device) == (3, "d", 60)
    assert found.chance < 1e-6 and found.share > 3 * found.usual
    assert rules.tills(ordinary()) == []


def test_what_takes_longer_than_the_till_does_not_count() -> None:
    slow = [opening(n, dealer_id=3, minutes=60.0, had_bought=True) for n in range(5_000, 5_060)]
    never = [opening(n, dealer_id=3, minutes=None, had_bought=True) for n in range(6_000, 6_060)]
    assert rules.tills([*ordinary(), *slow, *never]) == []


@pytest.mark.parametrize("rate", [0.02, 0.1, 0.3])
def test_dealers_that_differ_by_chance_are_not_named(rate: float) -> None:
    random = np.random.default_rng(7)
    for _ in range(20):
        world = [opening(n, had_bought=bool(random.random() < rate)) for n in range(1, 801)]
        assert rules.tills(world) == []


def hunting(count: int = 40, **more: object) -> list[Opening]:
    return [
        opening(
            7_000 + n,
            **(
                {"device": f"x{n % 3}", "at": DAY + timedelta(hours=n), "once": True, "title": "新人券"}
                | more
            ),
        )
        for n in range(count)
    ]


def test_devices_that_open_accounts_for_one_coupon_are_told_together() -> None:
    (found,) = rules.hunters([*ordinary(), *hunting()])
    assert (found.devices, found.accounts, found.once, found.title) == (("x0", "x1", "x2"), 40, 40, "新人券")
    assert len(found.people) == 40 and found.chance < 1e-6


def test_a_shop_tablet_a_slow_trickle_and_a_family_hunt_nothing() -> None:
    tablet = hunting(device="pad", once=False)
    slow = [o._replace(at=DAY + timedelta(days=9 * n)) for n, o in enumerate(hunting())]
    family = hunting(4, device="home")
    assert rules.hunters([*ordinary(), *tablet, *slow, *family]) == []


def shops(sizes: list[int]) -> list[Opening]:
    return [
        opening(place * 1_000 + n, device=f"pad{place}", store_id=place, came=n < 8)
        for place, size in enumerate(sizes, 20)
        for n in range(size)
    ]


def test_a_device_with_far_more_sign_ups_than_other_shops_is_named() -> None:
    (found,) = rules.crowds(shops([8, 10, 12, 9, 400]))
    assert (found.device, found.store_id, found.sign_ups, found.usual, found.came) == (
        "pad24",
        24,
        400,
        10,
        8,
    )
    assert rules.crowds(shops([8, 10, 12, 9, 90])) == [], "a large shop"
    assert rules.crowds(shops([400])) == [], "nothing to compare it with"


def team(store: int, *, new: int, known: int, uses: int = 200) -> Team:
    is_low = teams.stands_back(200, known, (3_800, 2_400), uses, 190.0, looks=20)
    return Team(store, 4, 4, new, 200, known, uses, is_low)


def test_stores_with_few_new_hands_that_know_few_are_named() -> None:
    few = [team(n, new=0, known=62 + n % 3, uses=66) for n in range(6)]
    others = [team(n, new=2, known=128 + n % 5) for n in range(10, 24)]
    found = teams.compared([*few, *others, team(30, new=2, known=60)])
    assert [t.store_id for t in found.named] == [0, 3, 1, 4, 2, 5]
    assert found.known is not None and found.known.high < 0.6 and found.uses is not None
    assert found.uses.times == pytest.approx(0.33)
    busy = [team(n, new=0, known=62, uses=190) for n in range(6)]
    assert not teams.compared([*busy, *others]).named, "who use the tool have other customers"
    ordinary = teams.compared([team(n, new=n % 3, known=125 + n % 7) for n in range(20)])
    assert not ordinary.named
    assert ordinary.known is not None and ordinary.known.low < 1 < ordinary.known.high


def test_without_first_days_nothing_is_compared() -> None:
    untold = [team(n, new=0, known=60)._replace(told=0) for n in range(20)]
    found = teams.compared(untold)
    assert (found.named, found.known, found.uses) == ([], None, None)
