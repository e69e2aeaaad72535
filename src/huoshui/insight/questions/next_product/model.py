"""The chance that somebody buys a product in the days to come: learned from the span just past, told for the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from huoshui.insight.lake import Lake
from huoshui.insight.maths import logistic
from huoshui.insight.maths.fitting import Floats
from huoshui.insight.questions.next_product import bought
from huoshui.insight.questions.next_product.bought import History, Places
from huoshui.insight.questions.next_product.signals import Fresh, of_again, of_fresh

# Cells of people × things worked on at once, and how many are learned from at most.
_CELLS = 1_000_000
_MOST_LEARNED = 6_000_000
# Of what was not bought, every n-th is learned from and counts n-fold.
_EVERY = 10
# Fewer purchases of either kind than this, and nothing is learned from them.
FEWEST = 50

Categories = Callable[[Places], Places]
"""The category of each of these products, as a number from 0."""


class TooLittle(Exception):
    """So many purchases in the span that should teach: too few."""

    def __init__(self, found: int) -> None:
        super().__init__(found)
        self.found = found


@dataclass(frozen=True)
class Model:
    """What is known now, with what the span before taught; `new` is None while too little was tried to teach it."""

    known: History
    fresh: Fresh
    again: Floats
    new: Floats | None

    def chance_again(self) -> Floats:
        """Of each pair of `known`."""
        return logistic.chance(self.again, of_again(self.known))

    def chance_new(self) -> Iterator[tuple[slice, Floats]]:
        """Blocks of people × `fresh.chosen`."""
        for people in blocks(len(self.known.ids), len(self.fresh.chosen)):
            yield people, self.chance_new_of(people)

    def chance_new_of(self, people: slice) -> Floats:
        """0 where she had it before."""
        if self.new is None:
            return np.zeros((people.stop - people.start, len(self.fresh.chosen)))
        told = logistic.chance(self.new, self.fresh.signals(people))
        return np.where(self.fresh.never_had(people), told, 0.0)


def learned(lake: Lake, as_of: date, days: int, categories: Categories) -> Model:
    """Raises TooLittle and NotFitted."""
    then = as_of - timedelta(days=days)
    before = bought.history(lake, then)
    came_true = bought.later(lake, before, then + timedelta(days=1), as_of)
    again, new = _again(before, came_true), _new(before, came_true, categories)
    known = bought.history(lake, as_of)
    return Model(known, of_fresh(known, categories(known.skus)), again, new)


def blocks(people: int, things: int) -> Iterator[slice]:
    step = max(1, _CELLS // max(things, 1))
    for start in range(0, people, step):
        yield slice(start, min(start + step, people))


def _again(before: History, came_true: set[tuple[int, int]]) -> Floats:
    pairs = zip(before.person.tolist(), before.product.tolist(), strict=True)
    said = np.fromiter((pair in came_true for pair in pairs), dtype=np.float64, count=len(before.person))
    if said.sum() < FEWEST:
        raise TooLittle(int(said.sum()))
    return logistic.fitted(of_again(before), said)


def _new(before: History, came_true: set[tuple[int, int]], categories: Categories) -> Floats | None:
    fresh = of_fresh(before, categories(before.skus))
    place = {int(product): column for column, product in enumerate(fresh.chosen)}
    bought_: dict[int, list[int]] = {}
    for person, product in sorted(came_true):
        if (column := place.get(product)) is not None:
            bought_.setdefault(person, []).append(column)
    signals, said, counts = [], [], []
    learned_from = 0
    for people in blocks(len(before.ids), len(fresh.chosen)):
        yes = np.zeros((people.stop - people.start, len(fresh.chosen)), dtype=bool)
        for person in range(people.start, people.stop):
            yes[person - people.start, bought_.get(person, [])] = True
        never = fresh.never_had(people)
        # which noes is a matter of places alone: the same data teach the same
        rows, columns = np.arange(people.start, people.stop)[:, None], np.arange(yes.shape[1])[None, :]
        some = never & (yes | ((rows * 7 + columns) % _EVERY == 0))
        signals.append(fresh.signals(people)[some])
        said.append(yes[some].astype(np.float64))
        counts.append(np.where(yes[some], 1.0, _EVERY * 1.0))
        learned_from += int(some.sum())
        if learned_from >= _MOST_LEARNED:
            break
    if sum(float(one.sum()) for one in said) < FEWEST:
        return None
    return logistic.fitted(np.concatenate(signals), np.concatenate(said), np.concatenate(counts))
