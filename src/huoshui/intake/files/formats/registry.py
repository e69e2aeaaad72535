"""All formats, and which of them a header is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final

from huoshui.intake.files.formats import (
    alipay,
    crm,
    douyin,
    eleme,
    erp,
    jd,
    kuaishou,
    meituan,
    official_account,
    pinduoduo,
    pos,
    shopify,
    taobao,
    wecom,
    weimob,
    weixin_pay,
    weixin_shop,
    woocommerce,
    xiaohongshu,
    youzan,
)
from huoshui.intake.files.formats.base import Format
from huoshui.intake.files.names import normalise

MODULES: Final = (
    taobao,
    jd,
    pinduoduo,
    douyin,
    kuaishou,
    xiaohongshu,
    weixin_shop,
    meituan,
    eleme,
    youzan,
    weimob,
    shopify,
    woocommerce,
    weixin_pay,
    alipay,
    official_account,
    wecom,
    crm,
    pos,
    erp,
)
ALL: Final[tuple[Format, ...]] = tuple(each for module in MODULES for each in module.FORMATS)
BY_NAME: Final = {each.name: each for each in ALL}

_SURE: Final = {"A": (0.86, 0.13), "B": (0.80, 0.13), "C": (0.45, 0.10), "D": (0.35, 0.10)}
_LACKS: Final = 0.3
"""A required column is not there, whatever else fits."""


@cache
def known(name: str) -> frozenset[str]:
    """Every header the format writes, normalised."""
    of = BY_NAME[name]
    told = (*of.header, *(header for headers in of.columns.values() for header in headers))
    return frozenset(map(normalise, told))


@cache
def _prints(name: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(map(normalise, each)) for each in BY_NAME[name].fingerprints)


def recognise(headers: Sequence[str], kind: str | None = None) -> Format | None:
    """The format whose fingerprint this header bears; of several, the one with the longest, then with most headers."""
    found = {normalise(header) for header in headers} - {""}
    fitting: Iterable[tuple[int, int, int]] = (
        (max(map(len, hits)), len(found & known(each.name)), -place)
        for place, each in enumerate(ALL)
        if kind in (None, each.kind)
        and not found & set(map(normalise, each.never))
        and (hits := [print_ for print_ in _prints(each.name) if print_ <= found])
    )
    best = max(fitting, default=None)
    return ALL[-best[2]] if best else None


def confidence(of: Format, headers: Sequence[str], *, is_complete: bool) -> float:
    """How sure we may be: by how well the format is attested, and how many of the headers are its own."""
    if not is_complete:
        return _LACKS
    named = [name for header in headers if (name := normalise(header))]
    base, more = _SURE[of.grade]
    return round(base + more * sum(name in known(of.name) for name in named) / max(len(named), 1), 3)


def hits(headers: frozenset[str]) -> int:
    """How many of these normalised cells the format that knows most of them knows."""
    return max(len(headers & known(each.name)) for each in ALL)
