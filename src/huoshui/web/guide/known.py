"""What the phone's pages ask for again and again and what hardly ever changes: remembered by each process for some seconds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from huoshui.core.actor import Actor
from huoshui.core.remember import Remembered
from huoshui.intake.visitors.api import Reason
from huoshui.web.console.contexts import rooms

_SECONDS: Final = 10
_ALL: Final = ""  # the one key of what is asked for as a whole


class Good(NamedTuple):
    """A product: its name, or its code where it has none, and the category a person would name."""

    name: str
    category: str


class Places(NamedTuple):
    """Names of all units, and of each the stores at and below it."""

    names: dict[int, str]
    below: dict[int, tuple[int, ...]]


def goods(sku_ids: Iterable[int]) -> dict[int, Good]:
    """Those that there are."""
    return _goods.of(sku_ids)


def unit_names() -> dict[int, str]:
    return _places.of([_ALL])[_ALL].names


def stores_of(actor: Actor) -> dict[int, str]:
    """The stores the actor may look at, as `visitors.stores_of` says."""
    names, below = _places.of([_ALL])[_ALL]
    at = below if actor.sees_whole_brand else actor.org_unit_ids
    return {store: names[store] for store in sorted({s for unit in at for s in below.get(unit, ())})}


def reasons() -> list[Reason]:
    """Why somebody left without buying: those that are listed."""
    return _reasons.of([_ALL])[_ALL]


def categories() -> dict[str, int]:
    """Category of the highest level → how many products."""
    return _categories.of([_ALL])[_ALL]


def _find_goods(sku_ids: list[int]) -> dict[int, Good]:
    found = rooms.brand.product_names(sku_ids)
    paths = rooms.brand.product_categories([code for code, _name in found.values()])
    return {
        sku_id: Good(name or code, paths.get(code, "").rpartition("/")[2])
        for sku_id, (code, name) in found.items()
    }


def _find_places(keys: list[str]) -> dict[str, Places]:
    units = rooms.brand.org_units_table().to_pylist()
    names = {u["org_unit_id"]: u["name"] or u["code"] for u in units}
    stores = sorted(u["org_unit_id"] for u in units if u["kind"] == "store")
    below: dict[int, list[int]] = {}
    for store, branch in rooms.brand.branches_of(stores).items():
        for unit in branch.path:
            below.setdefault(unit, []).append(store)
    return {key: Places(names, {unit: tuple(own) for unit, own in below.items()}) for key in keys}


_goods = Remembered[int, Good](_find_goods, seconds=_SECONDS)
_places = Remembered[str, Places](_find_places, seconds=_SECONDS)
_reasons = Remembered[str, list[Reason]](
    lambda keys: {key: [r for r in rooms.visitors.reasons() if r.is_listed] for key in keys}, seconds=_SECONDS
)
_categories = Remembered[str, dict[str, int]](
    lambda keys: {key: rooms.brand.top_categories() for key in keys}, seconds=_SECONDS
)
