"""50 人以上的群: what head office is told of customers whose dealer lets it see no single one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huoshui.core.actor import Actor
from huoshui.trade.protection.api import DealerCohorts, Told
from huoshui.web.console import numbers
from huoshui.web.console.contexts import rooms
from huoshui.web.console.markup import bold

NEWNESS = {"new": gettext_lazy("第一次来"), "back": gettext_lazy("以前来过")}
FREQUENCY = {"1": gettext_lazy("1 单"), "2": gettext_lazy("2 单"), "3+": gettext_lazy("3 单以上")}


@dataclass(frozen=True)
class CohortRow:
    """None: fewer than may be told, or too vague to say anything. `is_exact`: the dealer grants its totals."""

    id: int
    name: str
    people: int | None
    orders: int | None
    amount: int | None
    is_exact: bool
    cells: list[int | None]
    categories: list[int | None]


@dataclass(frozen=True)
class CohortsPage:
    sentence: SafeString
    span: str
    spans: list[tuple[str, str, bool]]
    heads: list[str]
    categories: list[str]
    rows: list[CohortRow]
    file_url: str


def page(actor: Actor, span: str = "") -> CohortsPage:
    """Raises NotFound, Refused."""
    found = rooms.protection.cohorts(actor, span)
    names = rooms.brand.unit_names([d.dealer_id for d in found.dealers])
    listed = [t.value for t in found.dealers[0].answer.tables["category"]] if found.dealers else []
    place = reverse("console:protection-cohorts")
    return CohortsPage(
        sentence=_sentence(len(found.dealers)),
        span=quarter(found.span.name),
        spans=[(f"{place}?span={s.name}", quarter(s.name), s == found.span) for s in found.spans],
        heads=[*map(str, NEWNESS.values()), *map(str, FREQUENCY.values())],
        categories=listed,
        rows=[_row(d, names.get(d.dealer_id, "")) for d in found.dealers],
        file_url=f"{reverse('console:protection-cohorts-file')}?span={found.span.name}",
    )


def quarter(name: str) -> str:
    year, _dash, number = name.partition("-Q")
    return _("{year} 年第 {n} 季度").format(year=year, n=number)


def _sentence(dealers: int) -> SafeString:
    if not dealers:
        return format_html("{}", _("每家经销商都授权总部看购买情况，没有要用约数看的。"))
    return format_html(
        _("{n} 家经销商没有授权总部看购买情况：这里只有 50 人以上一群的约数，谁都认不出来。"),
        n=bold(numbers.count(dealers)),
    )


def _row(of: DealerCohorts, name: str) -> CohortRow:
    whole, tables = of.answer.whole, of.answer.tables
    orders, amount = whole.sums
    exact = of.exact
    return CohortRow(
        id=of.dealer_id,
        name=name,
        people=exact.people if exact else whole.people,
        orders=exact.orders if exact else orders,
        amount=exact.amount if exact else amount,
        is_exact=exact is not None,
        cells=[*_people(tables["newness"]), *_people(tables["frequency"])],
        categories=_people(tables["category"]),
    )


def _people(cells: Sequence[Told]) -> list[int | None]:
    return [c.people for c in cells]


def lines(found: CohortsPage) -> Iterator[list[str]]:
    """The same as a table of text: as many lines and columns whatever is held back."""
    yield [_("经销商"), _("顾客"), _("订单"), _("成交额（元）"), *found.heads, *found.categories]
    for row in found.rows:
        amount = None if row.amount is None else row.amount // 100
        figures = [row.people, row.orders, amount, *row.cells, *row.categories]
        yield [row.name, *("" if n is None else str(n) for n in figures)]
