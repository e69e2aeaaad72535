"""What versions of the rules say, and what they may say. Shares and rates in permille, money in minor units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from huoshui.trade.commission.types import BadTerms, PyramidForbidden

WHOLE = 1000
_DAYS = 3_660
CUSTOMERS = ("any", "new", "returning")


@dataclass(frozen=True)
class BrandTerms:
    """`code_days`: for so long after a scan its guide has brought her. `fee_permille`: of a sale at one dealer's store to a
    customer whom another's guide brought, at most `fee_cap` an order (0: no cap). `area_permille`: of an order at head office's
    own shop, to the dealer who owns her. `reward_*`: to who recommended her, for her first order of `reward_least` or more."""

    version: int = 0
    from_position: int = 0
    code_days: int = 90
    fee_permille: int = 0
    fee_cap: int = 0
    area_permille: int = 0
    reward_amount: int = 0
    reward_permille: int = 0
    reward_least: int = 0
    return_days: int = 7


@dataclass(frozen=True)
class Rate:
    """The first that fits a product counts. Nothing named: all products. A category is the beginning of a path."""

    permille: int
    skus: frozenset[str] = frozenset()
    categories: tuple[tuple[str, ...], ...] = ()
    customer: str = "any"

    def fits(self, sku: str, path: tuple[str, ...], *, is_new: bool) -> bool:
        if self.customer != "any" and (self.customer == "new") != is_new:
            return False
        if not self.skus and not self.categories:
            return True
        return sku in self.skus or any(path[: len(c)] == c for c in self.categories)


@dataclass(frozen=True)
class EmployerTerms:
    """`bringer_permille`: of an order's commission to who brought her, where another of the house served. `team_permille`: of
    the server's share, over the team of its store by weight. `ladder`: from so much sold in a month on, so much more of what is
    above. Without a version an employer pays nothing."""

    version: int = 0
    from_position: int = 0
    rates: tuple[Rate, ...] = ()
    bringer_permille: int = 0
    team_permille: int = 0
    teams: Mapping[int, tuple[tuple[int, int], ...]] = None  # type: ignore[assignment]  # set below: a mapping has no frozen literal
    ladder: tuple[tuple[int, int], ...] = ()
    return_days: int = 7

    def __post_init__(self) -> None:
        if self.teams is None:
            object.__setattr__(self, "teams", {})

    def rate(self, sku: str, path: tuple[str, ...], *, is_new: bool) -> int:
        return next((r.permille for r in self.rates if r.fits(sku, path, is_new=is_new)), 0)


BRAND, EMPLOYER = BrandTerms(), EmployerTerms()

_BRAND_PERMILLES = ("fee_permille", "area_permille", "reward_permille")
_BRAND_MONEY = ("fee_cap", "reward_amount", "reward_least")
_BRAND_DAYS = ("code_days", "return_days")
_FORBIDDEN = {"reward_levels": 1, "reward_per": "order"}
"""What a scheme that pays for heads or on recruits' sales would have to say; nothing but this can be said."""


def checked_brand(params: Mapping[str, Any]) -> dict[str, Any]:
    """As it is kept. Raises PyramidForbidden, BadTerms."""
    for name, only in _FORBIDDEN.items():
        if name in params and params[name] != only:
            raise PyramidForbidden
    given = {k: v for k, v in params.items() if k not in _FORBIDDEN}
    _known(given, {*_BRAND_PERMILLES, *_BRAND_MONEY, *_BRAND_DAYS})
    for name, value in given.items():
        _whole(value, _DAYS if name in _BRAND_DAYS else WHOLE if name in _BRAND_PERMILLES else 10**10)
    return given


def read_brand(version: int, from_position: int, params: Mapping[str, Any]) -> BrandTerms:
    return BrandTerms(version=version, from_position=from_position, **params)


def checked_employer(params: Mapping[str, Any]) -> dict[str, Any]:
    """As it is kept. Raises BadTerms."""
    _known(params, {"rates", "bringer_permille", "team_permille", "teams", "ladder", "return_days"})
    for name in ("bringer_permille", "team_permille"):
        _whole(params.get(name, 0), WHOLE)
    _whole(params.get("return_days", 0), _DAYS)
    for rate in _rows(params.get("rates", [])):
        _rate(rate)
    below = -1
    for step in _rows(params.get("ladder", [])):
        if not isinstance(step, list | tuple) or len(step) != 2:
            raise BadTerms("阶梯要写成“满多少、加多少”。")
        _whole(step[0], 10**12)
        _whole(step[1], WHOLE)
        if step[0] <= below:
            raise BadTerms("阶梯要从低到高。")
        below = step[0]
    _teams(params.get("teams", {}))
    return dict(params)


def _rate(rate: Any) -> None:
    if not isinstance(rate, Mapping):
        raise BadTerms
    _known(rate, {"permille", "skus", "categories", "customer"})
    _whole(rate.get("permille"), WHOLE)
    if rate.get("customer", "any") not in CUSTOMERS:
        raise BadTerms("顾客只能是 any、new 或 returning。")
    for name in ("skus", "categories"):
        if any(not isinstance(one, str) or not one for one in _rows(rate.get(name, []))):
            raise BadTerms("商品和品类要写编码或名称。")


def _teams(teams: Any) -> None:
    if not isinstance(teams, Mapping):
        raise BadTerms
    for store, members in teams.items():
        if not str(store).isdecimal() or not isinstance(members, Mapping) or not members:
            raise BadTerms("团队要写明门店和每个人的份额。")
        for member, weight in members.items():
            if not str(member).isdecimal() or type(weight) is not int or not 1 <= weight <= WHOLE:
                raise BadTerms("团队每个人的份额要填 1 到 1000 的整数。")


def read_employer(version: int, from_position: int, params: Mapping[str, Any]) -> EmployerTerms:
    return EmployerTerms(
        version=version,
        from_position=from_position,
        rates=tuple(
            Rate(
                permille=r["permille"],
                skus=frozenset(r.get("skus", ())),
                categories=tuple(tuple(c.split("/")) for c in r.get("categories", ())),
                customer=r.get("customer", "any"),
            )
            for r in params.get("rates", ())
        ),
        bringer_permille=params.get("bringer_permille", 0),
        team_permille=params.get("team_permille", 0),
        teams={
            int(store): tuple(sorted((int(who), weight) for who, weight in members.items()))
            for store, members in params.get("teams", {}).items()
        },
        ladder=tuple((step[0], step[1]) for step in params.get("ladder", ())),
        return_days=params.get("return_days", EMPLOYER.return_days),
    )


def _known(params: Mapping[str, Any], names: set[str]) -> None:
    if unknown := set(params) - names:
        raise BadTerms(f"没有这一项规则：{'、'.join(sorted(unknown))}")


def _rows(value: Any) -> Sequence[Any]:
    if not isinstance(value, list | tuple):
        raise BadTerms
    return value


def _whole(value: Any, most: int) -> None:
    if type(value) is not int or not 0 <= value <= most:
        raise BadTerms(f"要填 0 到 {most} 的整数。")
