"""What a till tells again is counted once, and how often it did is on the pages of data trust."""

from __future__ import annotations

from dataclasses import replace

import pytest

from huoshui.core.actor import SYSTEM
from huoshui.core.tests.ground import statements
from huoshui.intake.tills import api as tills
from huoshui.intake.tills.api import RefundLine, SaleLine
from huoshui.intake.tills.tests.counter import Counter, clean_tables, counter
from huoshui.intake.trust import api as trust

__all__ = ["clean_tables", "counter"]

pytestmark = pytest.mark.django_db(transaction=True)


def duplicates(counter: Counter) -> int:
    return trust.source_trust(SYSTEM, counter.till.source_id)[0].duplicates


def test_a_sale_told_again_under_its_key_is_a_duplicate(counter: Counter) -> None:
    sale, other = counter.sale(), counter.sale()
    tills.sell(counter.till, [sale])
    assert (duplicates(counter), tills.repeated()) == (0, {})
    again = tills.sell_one(counter.till, sale)
    assert again.is_repeat and duplicates(counter) == 1
    # A list of some, of which two came before
    tills.sell(counter.till, [sale, other])
    tills.sell(counter.till, [other, sale, counter.sale()])
    assert duplicates(counter) == 4
    assert counter.facts() == 3


def test_a_refund_told_again_too(counter: Counter) -> None:
    sold = counter.sell()
    back = counter.refund_of(sold, RefundLine("1"))
    (first,) = tills.refund(counter.till, [back])
    (again,) = tills.refund(counter.till, [back])
    assert (first.is_repeat, again.is_repeat, duplicates(counter)) == (False, True, 1)


def test_another_thing_under_a_used_key_is_refused_and_no_duplicate(counter: Counter) -> None:
    sale = counter.sale()
    tills.sell(counter.till, [sale])
    (wrong,) = tills.sell(counter.till, [replace(sale, lines=(SaleLine("P2", 1000, 9_900),))])
    assert wrong.refusals[0].code == "key_reused"
    assert duplicates(counter) == 0


def test_who_tells_once_pays_nothing_for_it(counter: Counter) -> None:
    counter.sell()  # what a process looks up once
    sale = counter.sale()
    once = statements(lambda: tills.sell(counter.till, [sale]))
    assert tills.repeated() == {}
    some = [counter.sale() for _ in range(3)]
    tills.sell(counter.till, some)
    few = statements(lambda: tills.sell(counter.till, some))
    many = statements(lambda: tills.sell(counter.till, [*some, sale, sale]))
    assert few < once and many <= few
