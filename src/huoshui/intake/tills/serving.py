"""Who served: the till says a number of the staff list. A number that is not there is shown, and the sale goes on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from huoshui.brand import api as brand
from huoshui.core.unmet import sentences
from huoshui.intake.tills.rules import Doubt
from huoshui.intake.tills.types import Sale

sentences({"staff_unknown": "员工表里没有工号 {staff}，这一单没有记到谁名下。请补进员工表，或核对工号。"})


def who_served(sales: Iterable[Sale]) -> dict[str, int]:
    """The staff of those numbers that there are."""
    numbers = sorted({_number(sale) for sale in sales} - {""})
    return brand.find_staff(numbers) if numbers else {}


def staff_of(sale: Sale, known: Mapping[str, int]) -> tuple[int | None, tuple[Doubt, ...]]:
    number = _number(sale)
    if not number or number in known:
        return known.get(number), ()
    return None, (("staff_unknown", {"staff": number}),)


def _number(sale: Sale) -> str:
    return sale.staff_code.strip()
