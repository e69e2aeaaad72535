"""人群画像: what a group is like, against everyone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.web.console import words
from huoshui.web.console.contexts.asked import ask
from huoshui.web.console.contexts.own import own_units
from huoshui.web.console.contexts.standing import language
from huoshui.web.console.markup import behind, bold
from huoshui.web.console.retell import retell

SHOWN = 12
# Of the table beside the chart, so that each bar stands on its row
ROW, HEAD = 39, 33
DEFAULT = "high_high"
# From here the difference is shown in full colour (and stands in the legend).
STRONG = 20


@dataclass(frozen=True)
class Tab:
    label: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class Chosen:
    """Which group: one of frequency × ticket, or a value grade."""

    key: str
    name: str
    params: dict[str, str]
    tabs: tuple[Tab, ...]
    panel_url: str
    has_types: bool = False
    """Whether whoever looks may see types of customers, and who is of which."""


@dataclass(frozen=True)
class Trait:
    attribute: str
    value: str
    url: str
    share: float
    base_share: float
    tgi: int
    is_significant: bool


@dataclass(frozen=True)
class Comparison:
    sentence: SafeString
    chart: dict[str, Any]
    chart_says: str
    height: int
    rows: list[Trait]
    left_out: int


@dataclass(frozen=True)
class PortraitContext:
    """`comparison` is None where there is nothing to compare; `nothing` says why when that is not plain."""

    chosen: Chosen
    comparison: Comparison | None
    nothing: str = ""


def chosen(query: Mapping[str, str]) -> Chosen:
    """Raises NotFound for a group that does not exist."""
    key = query.get("group", DEFAULT)
    names = {**words.GROUPS, **{grade: _grade_name(grade) for grade in words.GRADES}}
    if key not in names:
        raise NotFound
    place = reverse("console:groups")
    tabs = tuple(
        Tab(str(name), f"{place}?{urlencode({'group': k})}#portrait", k == key) for k, name in names.items()
    )
    panel_url = f"{reverse('console:groups-portrait')}?{urlencode({'group': key})}"
    return Chosen(key, str(names[key]), _params(key), tabs, panel_url)


def _grade_name(grade: str) -> str:
    return _("价值{grade}").format(grade=words.GRADES[grade])


def _params(key: str) -> dict[str, str]:
    if key in words.GRADES:
        return {"grade": key}
    frequency, _sep, ticket = key.partition("_")
    return {"frequency": frequency, "ticket": ticket}


def portrait(actor: Actor, who: Chosen) -> PortraitContext:
    try:
        answer = ask("portrait", own_units(actor), lang=language(), **who.params)
    except Refused as error:  # a group so small that a portrait would be of single people
        return PortraitContext(who, None, retell(str(error)))
    rows = [_trait(row, who) for row in answer.rows]
    return PortraitContext(who, _comparison(who, rows) if rows else None)


def _comparison(who: Chosen, rows: list[Trait]) -> Comparison:
    """The rows come surest first, then furthest from average; the chart shows them from most to least."""
    shown = sorted(rows[:SHOWN], key=lambda row: -row.tgi)
    traits = _("；").join(f"{row.attribute} {row.value} TGI {row.tgi}" for row in shown[:4])
    return Comparison(
        sentence=_sentence(who, rows),
        chart=_chart(shown),
        chart_says=_("{group}的画像：{traits}").format(group=who.name, traits=traits),
        height=ROW * len(shown) + HEAD,
        rows=shown,
        left_out=len(rows) - len(shown),
    )


def _trait(row: Mapping[str, Any], who: Chosen) -> Trait:
    cell = {"attribute": row["attribute"], "value": row["value"]}
    return Trait(
        attribute=retell(row["attribute_name"]),
        value=retell(row["value_name"]),
        url=behind("portrait", who.params, cell),
        share=row["share"],
        base_share=row["base_share"],
        tgi=row["tgi"],
        is_significant=row["significant"],
    )


def _sentence(who: Chosen, rows: list[Trait]) -> SafeString:
    above = [row for row in rows if row.is_significant and row.tgi > 100][:2]
    if not above:
        return format_html(_("{group}和全部顾客没有说得准的差别。"), group=bold(who.name))
    traits = bold(_("、").join(f"{row.attribute} {row.value}" for row in above))
    return format_html(_("{group}里，{traits} 明显比全部顾客多。"), group=bold(who.name), traits=traits)


def _chart(rows: list[Trait]) -> dict[str, Any]:
    most = max([160, *(row.tgi for row in rows)])
    return {
        "min": 0,
        # The table beside the chart carries the shares, where they open
        "bare": True,
        "max": -(-(most + 10) // 50) * 50,
        "rows": [
            {
                "name": f"{row.attribute} {row.value}",
                "share": round(row.share * 100, 1),
                "base": round(row.base_share * 100, 1),
                "tgi": row.tgi,
                "sure": row.is_significant,
            }
            for row in rows
        ],
    }
