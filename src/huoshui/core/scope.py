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
    " set_config('huoshui.org_unit_ids', %(units)s, true) as org_unit_ids",
)


@contextmanager
def scoped(actor: Actor) -> Iterator[None]:
    """A transaction in which only what the actor may see exists: the whole brand, or what is of his org units."""
    with transaction.atomic():
        look_as(actor)
        yield


def look_as(actor: Actor) -> None:
    """For the rest of this transaction."""
    units = "" if actor.sees_whole_brand else ",".join(map(str, sorted(actor.org_unit_ids)))
    sql.send(SET, scope="brand" if actor.sees_whole_brand else "units", units=units)
