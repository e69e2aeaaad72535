"""Attacks on what is told of customers whose dealer has not granted it; each with the same attack on a service without the guard,
which it wins."""

from __future__ import annotations

import hmac
import random
from collections.abc import Callable, Sequence
from math import exp

import numpy as np
import pytest

from huoshui.trade.protection.cohorts import (
    CUT,
    EPSILON,
    FEWEST,
    Answer,
    Cell,
    Draw,
    Ids,
    Sum,
    Table,
    Told,
    answered,
    laplace,
    noise,
)

Service = Callable[[Cell, Sequence[Table]], Answer]


def keyed(key: int) -> Draw:
    def draw(measure: str, people: bytes) -> float:
        digest = hmac.new(str(key).encode(), measure.encode() + people, "sha256").digest()
        return int.from_bytes(digest[:7], "big") / 2**56

    return draw


def guarded(key: int) -> Service:
    return lambda whole, tables: answered(whole, tables, keyed(key))


def plain(whole: Cell, tables: Sequence[Table]) -> Answer:
    """The control: what is under FEWEST is left out, and that is all."""

    def told(cell: Cell) -> Told:
        n = len(cell.people)
        return Told(cell.value, n if n >= FEWEST else None, tuple(int(s.each.sum()) for s in cell.sums))

    return Answer(told(whole), {t.name: tuple(map(told, t.cells)) for t in tables})


def town(people: int = 400, seed: int = 1, without: int | None = None) -> tuple[Cell, list[Table]]:
    """A dealer's buyers with three attributes; `without`: all but this one."""
    rng = np.random.default_rng(seed)
    ids = np.arange(1_000, 1_000 + people)
    sex, often = rng.integers(0, 2, people), rng.choice(3, people, p=[0.6, 0.25, 0.15])
    liked, amount = rng.choice(5, people, p=[0.4, 0.3, 0.25, 0.04, 0.01]), rng.integers(2_000, 90_000, people)
    keep = ids != (without if without is not None else -1)
    ids, sex, often, liked, amount = ids[keep], sex[keep], often[keep], liked[keep], amount[keep]

    def table(name: str, of: Ids, values: int) -> Table:
        return Table(name, tuple(Cell(f"{name}{v}", ids[of == v]) for v in range(values)))

    sums = (Sum("amount", amount, 100_000, 10_000),)
    return Cell("", ids, sums), [table("sex", sex, 2), table("often", often, 3), table("liked", liked, 5)]


def numbers(answer: Answer) -> list[float]:
    cells = [answer.whole, *(c for table in answer.tables.values() for c in table)]
    return [float(n) if n is not None else -1.0 for c in cells for n in (c.people, *c.sums)]


VICTIM = 1_123


@pytest.mark.parametrize("cut", ["", "sex", "often", "liked"])
def test_the_difference_of_two_answers_does_not_tell_one_person(cut: str) -> None:
    """Who knows everybody but one, and asks with or without her, guesses hardly better than by a coin: the best guess there is on one
    number is right e^ε / (1 + e^ε) of the time."""
    best = exp(EPSILON) / (1 + exp(EPSILON))
    assert caught(guarded, cut) < best + 0.14
    assert caught(lambda _key: plain, cut) == 1, "control"


def caught(service_of: Callable[[int], Service], cut: str, trials: int = 120) -> float:
    """How often she is guessed right, by the threshold that would have been best."""
    _whole, tables = town()
    cells = {t.name: next(c.value for c in t.cells if VICTIM in c.people) for t in tables}
    worlds = [town(), town(without=VICTIM)]
    seen = []
    for key in range(trials):
        answer = service_of(key)(*worlds[key % 2])
        of = answer.whole if not cut else next(c for c in answer.tables[cut] if c.value == cells[cut])
        seen.append((of.people or 0, key % 2 == 0))
    return max(sum((n >= step) == is_in for n, is_in in seen) / trials for step, _ in seen)


def test_the_same_people_have_the_same_answer_whoever_asks_and_however_often() -> None:
    """Nothing averages out; with noise drawn anew for each asking the mean is the truth."""
    service = guarded(7)
    assert len({tuple(numbers(service(*town()))) for _ in range(20)}) == 1
    whole, tables = town()
    shuffled = [Table(t.name, tuple(reversed(t.cells))) for t in tables]
    again = service(whole, shuffled)
    for name, cells in service(whole, tables).tables.items():
        assert set(cells) == set(again.tables[name]), "in another order"
    renamed = Cell("another name", whole.people, whole.sums)
    assert service(renamed, tables).whole.people == service(whole, tables).whole.people
    draws = random.Random(3)
    fresh = [answered(whole, [], lambda _m, _p: draws.random()).whole.people or 0 for _ in range(1_000)]
    assert abs(sum(fresh) / len(fresh) - len(whole.people)) < 1.2, "control: fresh noise averages out"
    assert len(set(fresh)) > 10


def test_nothing_is_told_of_fewer_than_fifty_nor_left_over_by_what_is() -> None:
    """Of no cell, and of no rest: the total less all that is told of a table is of nobody or of fifty."""
    seen, broken_without = 0, 0
    for seed in range(30):
        whole, tables = town(people=60 + 24 * seed, seed=seed)
        for service, is_guarded in ((guarded(seed), True), (plain, False)):
            answer = service(whole, tables)
            for table in tables:
                shown = [
                    c
                    for c, t in zip(table.cells, answer.tables[table.name], strict=True)
                    if t.people is not None
                ]
                rest = len(whole.people) - sum(len(c.people) for c in shown)
                if is_guarded:
                    assert all(len(c.people) >= FEWEST for c in shown)
                    assert not shown or rest == 0 or rest >= FEWEST
                    seen += len(shown)
                else:
                    broken_without += bool(shown) and 0 < rest < FEWEST
    assert seen > 100 and broken_without > 10, "it tells something, and the control gives rests away"


def test_two_answers_do_not_intersect_in_one_person() -> None:
    """All women but one buy often: who has both numbers would know of the one."""
    ids = np.arange(400)
    women, often = ids[:200], ids[1:200]
    tables = [
        Table("sex", (Cell("f", women), Cell("m", ids[200:]))),
        Table("often", (Cell("y", often), Cell("n", np.concatenate([ids[:1], ids[200:]])))),
    ]
    whole = Cell("", ids)
    for key in range(20):
        answer = guarded(key)(whole, tables)
        assert [c.people is None for c in answer.tables["sex"]] == [False, False]
        assert all(c.people is None for c in answer.tables["often"]), "it overlaps with what was told first"
    told = plain(whole, tables).tables
    assert (told["sex"][0].people or 0) - (told["often"][0].people or 0) == 1, "control"
    same = [tables[0], Table("again", tables[0].cells)]
    assert all(c.people is None for c in guarded(1)(whole, same).tables["again"]), (
        "the same set twice is held back too: else it would be told that nobody is between them"
    )


def test_a_filter_down_to_few_and_an_empty_cell_look_alike() -> None:
    ids = np.arange(300)
    for hidden in (0, 1, 7, 30):
        cells = (Cell("a", ids[hidden:160]), Cell("b", ids[160:]), Cell("c", ids[:hidden]))
        answer = guarded(5)(Cell("", ids), [Table("t", cells)])
        assert [c.people is not None for c in answer.tables["t"]].count(True) == 1
        assert answer.tables["t"][2].people is None
        assert [c.value for c in answer.tables["t"]] == ["a", "b", "c"], "their order says nothing"
    few = guarded(5)(
        Cell("", ids[:40], (Sum("amount", ids[:40], 9, 1),)), [Table("t", (Cell("a", ids[:40]),))]
    )
    none = guarded(5)(Cell("", ids[:0], (Sum("amount", ids[:0], 9, 1),)), [Table("t", (Cell("a", ids[:0]),))])
    assert few == none, "nobody and forty look alike"


def test_one_large_purchase_moves_a_sum_by_no_more_than_the_cap() -> None:
    whole, _tables = town()
    amount = whole.sums[0]
    rich = amount.each.copy()
    rich[5] = 90_000_000
    for key in range(10):
        told = guarded(key)(whole, []).whole.sums[0]
        made = guarded(key)(Cell("", whole.people, (Sum("amount", rich, amount.cap, amount.base),)), [])
        assert told is not None and made.whole.sums[0] is not None
        assert abs(told - made.whole.sums[0]) <= amount.cap
    assert plain(Cell("", whole.people, (Sum("amount", rich, 0, 1),)), []).whole.sums[0] > 89_000_000  # type: ignore[operator]


def test_noise_keeps_its_law_and_its_bound() -> None:
    """Of neighbouring numbers each is at most e^ε likelier than the other, but for the cut."""
    drawn = np.array([noise((k + 0.5) / 50_000) for k in range(50_000)])
    assert abs(drawn).max() == CUT and abs(drawn.mean()) < 0.01
    counts = {n: int((drawn == n).sum()) for n in range(-CUT, CUT + 1)}
    for n in range(-CUT + 2, CUT - 1):
        assert counts[n] / counts[n + 1] == pytest.approx(exp(EPSILON if n >= 0 else -EPSILON), rel=0.15)
    assert (abs(drawn) == CUT).mean() < 0.003
    wide = [laplace((k + 0.5) / 10_000, 1.0) for k in range(10_000)]
    assert abs(np.mean(wide)) < 0.01 and np.mean(np.abs(wide)) == pytest.approx(1.0, rel=0.02)
