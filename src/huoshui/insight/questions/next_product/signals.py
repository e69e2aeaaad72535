"""What speaks for a purchase: of what somebody had before, and of what she never had. Arrays in, arrays out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from huoshui.insight.maths import neighbours
from huoshui.insight.maths.fitting import Floats
from huoshui.insight.questions.next_product.bought import NEWEST_DAYS, RECENT_DAYS, History, Places

# Things that few bought lately are nobody's next thing by any signal of ours; each costs a row of an inversion.
MOST_PRODUCTS = 1500


def of_again(known: History) -> Floats:
    """Pairs × signals: how often, how lately, how late by her own rhythm, how often people take it again at all."""
    again = known.days > 1
    had, twice = known.per_product(), known.per_product(again)
    lately = known.per_product(known.age < RECENT_DAYS)
    late = np.log(np.where(again, known.age / np.maximum(known.gap, 1.0), 1.0) + 0.1) * again
    product, person = known.product, known.person
    return np.column_stack(
        [
            np.log(known.days),
            np.log(known.short_weight + 0.01),
            np.log(known.weight + 0.01),
            np.log(known.age + 1),
            known.days == 1,
            late,
            late**2,
            np.log(known.gap + 1) * again,
            np.log((twice[product] + 2) / (had[product] + 10)),
            np.log((lately[product] + 1) / (had[product] + 4)),
            np.log(known.visit_weight[person] + 0.05),
            np.log((known.days + 0.2) / (known.visits[person] + 2)),
        ]
    ).astype(np.float64)


@dataclass(frozen=True)
class Fresh:
    """What is known of the things that are offered to whoever never had them. `chosen` are places in `skus`."""

    chosen: Places
    had: csr_matrix
    weighed: csr_matrix
    goes_with: Floats
    of_product: Floats
    leaning: Floats
    of_person: Floats
    category: Places

    def signals(self, people: slice) -> Floats:
        """People × things × signals."""
        score = np.asarray(self.weighed[people] @ self.goes_with)
        leaning = self.leaning[people][:, self.category]
        shape = score.shape
        things = [np.broadcast_to(one[None, :], shape) for one in self.of_product]
        person = np.broadcast_to(self.of_person[people][:, None], shape)
        return np.stack([*things, leaning, np.log(np.maximum(score, 0.0) + 0.003), person], axis=2)

    def never_had(self, people: slice) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
        found: np.ndarray[tuple[int, int], np.dtype[np.bool_]] = self.had[people].toarray() == 0
        return found


def of_fresh(known: History, category_of: Places) -> Fresh:
    """`category_of` gives each product's category, a number from 0."""
    lately = known.per_product(known.age < RECENT_DAYS)
    newest = known.per_product(known.age < NEWEST_DAYS)
    # first bought lately: what still finds people who never had it
    first = known.per_product(known.span < RECENT_DAYS)
    chosen = np.sort(np.argsort(-lately, kind="stable")[:MOST_PRODUCTS])
    chosen = chosen[lately[chosen] > 0]
    n = len(known.ids)
    shape = (n, len(known.skus))
    whole = csr_matrix((known.weight, (known.person, known.product)), shape=shape)
    had = csr_matrix((np.ones(len(known.person)), (known.person, known.product)), shape=shape)[:, chosen]
    weighed = whole[:, chosen].tocsr()
    weighed.data = np.log1p(weighed.data)
    of_product = np.stack(
        [
            np.log((lately[chosen] + 1) / n),
            np.log((first[chosen] + 1) / n),
            np.log((newest[chosen] + 1) / (lately[chosen] + 4)),
        ]
    )
    return Fresh(
        chosen, had, weighed, neighbours.weights(weighed), of_product,
        _leaning(whole, category_of), np.log1p(np.asarray(whole.sum(axis=1)).ravel()), category_of[chosen],
    )  # fmt: skip


def _leaning(whole: csr_matrix, category_of: Places) -> Floats:
    """People × categories: the share of hers that goes there, against everybody's, in logarithms."""
    kinds = csr_matrix((np.ones(len(category_of)), (np.arange(len(category_of)), category_of)))
    hers = (whole @ kinds).toarray()
    everybody = hers.sum(axis=0) / max(float(hers.sum()), 1e-9)
    of_her = hers / np.maximum(hers.sum(axis=1, keepdims=True), 1.0)
    leaning: Floats = np.log((of_her + everybody * 0.2 + 1e-6) / (everybody * 1.2 + 1e-6))
    return leaning
