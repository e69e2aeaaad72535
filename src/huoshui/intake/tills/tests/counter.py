"""A shop counter: a till, a customer's card, and what they say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
import time_machine

from huoshui.brand import api as brand
from huoshui.core import sql
from huoshui.core.tests.ground import NOON, a_source, clean_tables, number
from huoshui.intake.tills import api as tills
from huoshui.intake.tills.api import Outcome, Refund, RefundLine, Sale, SaleLine, Till
from huoshui.people import api as people
from huoshui.trade.sales import api as sales
from huoshui.trade.sales.api import OrderState

__all__ = ["Counter", "clean_tables", "counter"]

STORE = "S-one"


@dataclass
class Counter:
    till: Till = field(default_factory=lambda: Till(a_source().id, "收银台"))
    at: datetime = NOON
    card: str = field(default_factory=lambda: f"card-{number()}")

    def sale(self, *lines: SaleLine, **more: Any) -> Sale:
        n = number()
        given: dict[str, Any] = {
            "store_code": STORE,
            "at": self.at,
            "identifiers": (("card_no", self.card),),
        } | more
        order_key = given.pop("order_key", f"O{n}")
        return Sale(f"k{n}", order_key, lines=lines or (SaleLine("P1", 1000, 10_000),), **given)

    def sell(self, *lines: SaleLine, **more: Any) -> Outcome:
        (outcome,) = tills.sell(self.till, [self.sale(*lines, **more)])
        return outcome

    def refund_of(self, order: Outcome | Sale | str, *lines: RefundLine, **more: Any) -> Refund:
        order_key = order if isinstance(order, str) else order.order_key
        return Refund(f"r{number()}", order_key, self.at, lines=lines, **more)

    def person(self) -> int:
        found = people.find("card_no", self.card)
        assert found is not None
        return found

    def state(self, order_key: str) -> OrderState:
        found = sales.order_state(self.till.source_id, order_key)
        assert found is not None
        return found

    def facts(self) -> int:
        return int(sql.fetch_one(_FACTS, source_id=self.till.source_id).facts)


_FACTS = sql.Statement("facts", "select count(*) as facts from settlement where source_id = %(source_id)s")


@pytest.fixture
def counter(clean_tables: None) -> Iterator[Counter]:
    """It is noon, so that what is asked for is of now."""
    with time_machine.travel(NOON):
        brand.ensure_headquarters("总部")
        brand.unit_ids([STORE])
        yield Counter()
