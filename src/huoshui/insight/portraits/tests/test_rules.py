"""What is decided without a database: guarding, comparing, clusters, words."""

from __future__ import annotations

import random
from collections import Counter
from math import exp

import numpy as np
import pytest

from huoshui.insight.portraits import clustering, comparing, describing, guarding
from huoshui.insight.portraits.types import Counted, Heads

K = 10


def cell(
    attribute: str, value: str, has: int, base_has: int, *, group: int = 200, base: int = 1_000
) -> Counted:
    """Of a group that is part of everyone."""
    return Counted(attribute, value, has, group, base_has, base, has, group)


def guard(cells: list[Counted], draw: guarding.Draw, *, heads: Heads | None = None) -> guarding.Guarded:
    return guarding.guarded(heads or Heads(200, 1_000, 200), cells, fewest=K, is_within=True, draw=draw)


def drawing(seed: int) -> guarding.Draw:
    return lambda what: random.Random(f"{seed} {what}").random()


def no_noise(_what: str) -> float:
    return 0.5


def test_noise_tells_hardly_one_person_more_from_none() -> None:
    """Exactly: how likely each outcome is with n people and with n + 1."""
    steps = 200_000
    likely = Counter(guarding.noise((i + 0.5) / steps, K) for i in range(steps))
    assert min(likely) == -K and max(likely) == K and likely[3] == pytest.approx(likely[-3], rel=0.01)
    most = exp(4 / K) * 1.02
    for size in range(-K + 1, K - 1):
        ratio = likely[size] / likely[size + 1]
        assert 1 / most < ratio < most
    assert (likely[K] + likely[-K]) / steps < 0.03
    assert sum(size * n for size, n in likely.items()) / steps == pytest.approx(0, abs=0.01)


def test_nothing_is_told_of_fewer_than_k_people() -> None:
    """Whatever the noise; nor of fewer who do not have what somebody may have several of, nor of the others."""
    small = [
        cell("buys", "a", 9, 300), cell("buys", "b", 191, 700), cell("buys", "c", 60, 69), cell("age", "x", 8, 8),
    ]  # fmt: skip
    for seed in range(300):
        assert guard(small, drawing(seed)).cells == []
    with_control = guard([*small, cell("buys", "d", 100, 500)], no_noise)
    assert [c.value for c in with_control.cells] == ["d"] and with_control.held_back == 4


def test_a_value_held_back_cannot_be_had_by_taking_the_others_away() -> None:
    ages = [
        cell("age", "20", 100, 500),
        cell("age", "30", 60, 300),
        cell("age", "40", 35, 150),
        cell("age", "50", 5, 50),
    ]
    told = guard(ages, no_noise)
    assert [c.value for c in told.cells] == ["20", "30"], "50 is too few, 40 would give it away"
    assert told.held_back == 2
    assert [c.value for c in guard(ages[:3], no_noise).cells] == ["20", "30", "40"]


def test_the_same_people_are_told_the_same_and_hardly_less_than_the_truth() -> None:
    cells = [cell("age", "20", 100, 500), cell("age", "30", 100, 500)]
    assert guard(cells, drawing(1)) == guard(cells, drawing(1)) != guard(cells, drawing(2))
    for seed in range(50):
        for shown in guard(cells, drawing(seed)).cells:
            assert abs(shown.group_has - 100) <= K and abs(shown.base_has - 500) <= 2 * K
            assert shown.group_has <= shown.group and shown.base_has <= shown.base
            assert {c.group for c in guard(cells, drawing(seed)).cells} == {shown.group}


@pytest.mark.parametrize("heads", [Heads(15, 1_000, 15), Heads(990, 1_000, 990)])
def test_a_group_or_the_rest_that_is_single_people_is_refused(heads: Heads) -> None:
    with pytest.raises(guarding.TooFew):
        guard([], no_noise, heads=heads)


def test_many_comparisons_are_corrected_for() -> None:
    """A p of 0.03 alone is a difference; among a hundred others that are none it is chance."""
    one = [cell("age", "20", 55, 210)]
    others = [cell("buys", f"{n}", 100, 500) for n in range(100)]
    [alone] = comparing.compared(one)
    assert alone.p_value is not None and 0.005 < alone.p_value < 0.05 and alone.is_significant
    [among] = [t for t in comparing.compared([*one, *others]) if t.attribute == "age"]
    assert among.p_value == alone.p_value and not among.is_significant
    assert comparing.compared(one, without={"age"}) == ()


def test_a_paragraph_tells_what_is_more_and_what_is_less_in_two_languages() -> None:
    cells = [
        cell("weekend", "mostly", 150, 300), cell("coupon", "never", 20, 600), cell("coupon", "sometimes", 100, 500),
        cell("daytime", "evening", 40, 200),
    ]  # fmt: skip
    chinese = describing.paragraph(comparing.compared(cells), people=200, against="")
    assert chinese == (
        "这群人有 200 人，比全部顾客突出的是：周末来“一半以上的单”的占 75.0%（平均 30.0%，是平均的 2.5 倍）；"
        "比较少的是：用券“从不”的只占 10.0%（平均 60.0%）。"
    )
    english = describing.paragraph(
        comparing.compared(cells, lang="en"), people=200, against="Regulars", lang="en"
    )
    assert english == (
        "200 people; more than “Regulars”: Comes at weekends “Most orders” 75.0% (against 30.0%);"
        " fewer: Uses coupons “Never” 10.0% (against 60.0%)."
    )
    none = describing.paragraph((), people=200, against="", is_about=True)
    assert none == "这群人大约有 200 人，和全部顾客相比没有说得准的差别。"


def heaps(seed: int = 5) -> clustering.Floats:
    draw = np.random.default_rng(seed)
    middles = [(0.0, 0.0, 0.0), (9.0, 0.0, 0.0), (0.0, 9.0, 5.0), (9.0, 9.0, -5.0)]
    return np.concatenate(
        [draw.normal(m, 0.5, (n, 3)) for m, n in zip(middles, (90, 60, 40, 30), strict=True)]
    )


def test_clusters_are_the_heaps_there_are_the_largest_first_and_always_the_same() -> None:
    rows = heaps()
    found = clustering.fit(rows, fewest=2, most=6)
    assert found.sizes == [90, 60, 40, 30]
    again = clustering.fit(rows.copy(), fewest=2, most=6)
    assert (again.parts == found.parts).all() and (again.centres == found.centres).all()
    mixed = np.random.default_rng(1).permutation(len(rows))
    assert (clustering.fit(rows[mixed], fewest=2, most=6).parts == found.parts[mixed]).all()
    nudged = clustering.fit(rows + np.random.default_rng(2).normal(0, 0.05, rows.shape), fewest=2, most=6)
    assert (nudged.parts == found.parts).all(), "hardly anything changed, so nobody changes her kind"


def test_who_stands_for_a_part_is_the_one_nearest_to_its_middle() -> None:
    rows = heaps()
    found = clustering.fit(rows, fewest=2, most=6)
    for part in range(4):
        away = [float(((s - found.centres[part]) ** 2).sum()) for s in found.scaled]
        assert found.medoid(part) == min(range(len(rows)), key=away.__getitem__)


def test_people_who_are_all_alike_are_one_part() -> None:
    found = clustering.fit(np.ones((40, 3)), fewest=3, most=5)
    assert found.sizes == [40]
