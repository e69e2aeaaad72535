"""Each person's next thing: one she would take again, one she never had; and when."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from huoshui.insight.maths.fitting import Floats
from huoshui.insight.questions.next_product.bought import History, Places
from huoshui.insight.questions.next_product.model import Model

AGAIN, NEW = "again", "new"
# Below this chance it is nobody's next thing: what one in ten takes again, what one in a hundred tries.
LEAST: Mapping[str, float] = {AGAIN: 0.1, NEW: 0.01}
SOON_DAYS = 7
# What is listed of one person.
MOST_AGAIN, MOST_NEW = 7, 3


@dataclass(frozen=True)
class Offers:
    """Rows: a person (place in `ids`), a product (place in `skus`), the chance and in how many days; `within` nan
    where nothing tells when."""

    person: Places
    product: Places
    chance: Floats
    within: Floats

    @property
    def is_soon(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Due already or within the week."""
        soon: np.ndarray[tuple[int], np.dtype[np.bool_]] = np.nan_to_num(self.within, nan=np.inf) <= SOON_DAYS
        return soon


class Liked(NamedTuple):
    """One of somebody's likeliest things; `pair` its place among the pairs, None of what she never had."""

    product: int
    chance: float
    within: float
    pair: int | None


def best(model: Model) -> dict[str, Offers]:
    """Of everyone: the likeliest of each kind."""
    known = model.known
    return {AGAIN: _best_again(known, model.chance_again()), NEW: _best_new(model)}


def allowed(found: Mapping[str, Offers], ids: Places, left_alone: Collection[int]) -> dict[str, Offers]:
    """`left_alone` (ids) teach what people do, but nothing is told of them."""
    if not left_alone:
        return dict(found)
    told = ~np.isin(ids, list(left_alone))
    return {kind: _of(one, told[one.person]) for kind, one in found.items()}


def _of(all_: Offers, which: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Offers:
    return Offers(all_.person[which], all_.product[which], all_.chance[which], all_.within[which])


def _best_again(known: History, chance: Floats) -> Offers:
    # of equals the one bought last, then the product's own order
    order = np.lexsort((known.product, known.age, -chance, known.person))
    first = order[np.flatnonzero(np.diff(known.person[order], prepend=-1))]
    first = first[chance[first] >= LEAST[AGAIN]]
    return Offers(known.person[first], known.product[first], chance[first], _due_again(known)[first])


def _best_new(model: Model) -> Offers:
    people, products, chances = [], [], []
    for block, chance in model.chance_new():
        if not chance.shape[1]:
            continue
        column = chance.argmax(axis=1)
        top = chance[np.arange(len(column)), column]
        some = np.flatnonzero(top >= LEAST[NEW])
        people.append(some + block.start)
        products.append(model.fresh.chosen[column[some]])
        chances.append(top[some])
    if not people:
        none = np.zeros(0, dtype=np.int64)
        return Offers(none, none, np.zeros(0), np.zeros(0))
    person = np.concatenate(people)
    return Offers(person, np.concatenate(products), np.concatenate(chances), _next_visit(model.known)[person])


def likeliest(model: Model, person: int) -> list[Liked]:
    """Of one person, by chance: what she would take again, then what she never had, which waits for her next visit."""
    known = model.known
    pairs = np.flatnonzero(known.person == person)
    again, due = model.chance_again()[pairs], _due_again(known)[pairs]
    hers = [
        Liked(int(known.product[pair]), float(chance), float(within), int(pair))
        for pair, chance, within in zip(pairs, again, due, strict=True)
        if chance >= LEAST[AGAIN]
    ]
    hers = sorted(hers, key=lambda one: (-one.chance, one.product))[:MOST_AGAIN]
    visit = float(_next_visit(known)[person])
    new = model.chance_new_of(slice(person, person + 1))[0]
    return hers + [
        Liked(int(model.fresh.chosen[column]), float(new[column]), visit, None)
        for column in np.argsort(-new, kind="stable")[:MOST_NEW]
        if new[column] >= LEAST[NEW]
    ]


def beside(model: Model, person: int, product: int) -> int | None:
    """What of hers speaks most for something new: a place in `skus`; None where nothing of hers does."""
    columns = np.flatnonzero(model.fresh.chosen == product)
    hers = np.asarray(model.fresh.weighed[person].todense()).ravel()
    speaks = hers * model.fresh.goes_with[:, columns[0]]
    strongest = int(speaks.argmax())
    return int(model.fresh.chosen[strongest]) if speaks[strongest] > 0 else None


def _due_again(known: History) -> Floats:
    """Days until her own gap is over, less than nothing where it is; of whoever had it once the product's usual gap."""
    usual = _usual_gaps(known)
    gap = np.where(known.days > 1, known.gap, usual[known.product])
    due: Floats = np.round(gap - known.age)
    return due


def _usual_gaps(known: History) -> Floats:
    """The middle of people's gaps of each product; nan where nobody took it twice."""
    twice = np.flatnonzero(known.days > 1)
    order = twice[np.lexsort((known.gap[twice], known.product[twice]))]
    product = known.product[order]
    usual = np.full(len(known.skus), np.nan)
    starts = np.flatnonzero(np.diff(product, prepend=-1))
    counts = np.diff(np.append(starts, len(product)))
    usual[product[starts]] = known.gap[order[starts + (counts - 1) // 2]]
    return usual


def _next_visit(known: History) -> Floats:
    """Days until she usually comes again, tomorrow where that is over; nan of whoever came once."""
    within = np.maximum(1.0, np.round(known.visit_gap - known.visit_age))
    told: Floats = np.where(known.visits > 1, within, np.nan)
    return told
