"""For whom the web reads: row-level policies test these transaction-local settings. Nothing set, nothing seen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from huoshui.core import sql
from huoshui.core.actor import Actor

SET = sql.Statement(
    "set_scope",
    "select set_config('huoshui.scope', %(scope)s, true) as scope,"
    " set_config('huoshui.dealer_id', %(dealer_id)s, true) as dealer_id",
)


@contextmanager
def scoped(actor: Actor) -> Iterator[None]:
    """A transaction in which only what the actor may see exists."""
    with transaction.atomic():
        if actor.sees_whole_brand:
            sql.run(SET, scope="brand", dealer_id="")
        else:
            dealer = min(actor.org_unit_ids, default=0)
            sql.run(SET, scope="dealer", dealer_id=str(dealer))
        yield
