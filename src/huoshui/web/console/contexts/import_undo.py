"""撤销导入: what taking an import back would do, how far it has come, what it did."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huoshui.core.actor import Actor
from huoshui.core.facts.types import ORDER_REFUNDED
from huoshui.core.scope import scoped
from huoshui.intake.imports.api import Rehearsal, RunView, UndoView
from huoshui.people.api import joins
from huoshui.web.console import numbers, words
from huoshui.web.console.contexts import cards, rooms
from huoshui.web.console.contexts.imports import title_of
from huoshui.web.console.markup import bold
from huoshui.web.console.retell import retell

SHOWN = 50
WORKING = ("queued", "running")


@dataclass(frozen=True)
class Who:
    name: str
    url: str
    points: int = 0


@dataclass(frozen=True)
class OrderRow:
    key: str
    what: str
    day: date | None
    amount: int
    who: Who | None
    others: int = 0


@dataclass(frozen=True)
class ListRow:
    name: str
    added: int
    changed: int
    followed: int


@dataclass(frozen=True)
class Fate:
    """A number, what it is of, and the rows behind it."""

    label: str
    value: int
    note: str
    orders: Sequence[OrderRow] = ()
    people: Sequence[Who] = ()
    is_money: bool = False

    @property
    def is_open(self) -> bool:
        return bool(self.orders or self.people)

    @property
    def more(self) -> int:
        """How many of those behind the number are not shown. What is counted in points is not counted in rows."""
        return 0 if any(p.points for p in self.people) else self.value - len(self.orders) - len(self.people)


@dataclass(frozen=True)
class UndoContext:
    run: RunView
    title: str
    sentence: SafeString
    going: Sequence[Fate]
    staying: Sequence[Fate]
    owing: Sequence[Fate]
    lists: Sequence[ListRow]
    undo: UndoView | None
    is_working: bool
    may_begin: bool
    may_decide: bool
    reason: str
    error: str
    url: str
    decide_url: str
    joins_url: str


def undo(actor: Actor, run_id: int, *, error: str = "", reason: str = "") -> UndoContext:
    """Raises NotFound for whoever may not import."""
    run = rooms.imports.run_for(actor, run_id)
    present = rooms.imports.undo_of(actor, run_id)
    before = rooms.imports.rehearse_undo(actor, run_id) if _is_ahead(present) else None
    going, staying, owing = _fates(actor, before) if before else ((), (), _owed(actor, present))
    return UndoContext(
        run=run,
        title=title_of(run),
        sentence=_sentence(present, before),
        going=going,
        staying=staying,
        owing=owing,
        lists=_lists(before),
        undo=present,
        is_working=present is not None and present.state in WORKING,
        may_begin=before is not None
        and not before.is_empty
        and (present is None or present.state == "failed"),
        may_decide=present is not None and present.state == "asked",
        reason=reason,
        error=error,
        url=reverse("console:import-undo", args=[run_id]),
        decide_url=reverse("console:import-undo-decide", args=[run_id]),
        joins_url=reverse("console:join", args=[joins.RUN, str(run_id)])
        if before is not None and not before.is_empty and joins.may_review(actor)
        else "",
    )


def _is_ahead(present: UndoView | None) -> bool:
    return present is None or present.state in ("asked", "failed")


def _fates(actor: Actor, before: Rehearsal) -> tuple[Sequence[Fate], Sequence[Fate], Sequence[Fate]]:
    told = rooms.imports.orders_of_undo(actor, before.run_id, limit=SHOWN)
    whose = _people(actor, [o.person_id for o in told if o.person_id is not None])
    orders = [
        OrderRow(
            o.order_key,
            _("退货退款") if o.name == ORDER_REFUNDED else _("订单"),
            o.business_day,
            o.amount,
            whose.get(o.person_id or 0),
        )
        for o in told
    ]
    leaving = rooms.imports.persons_of_undo(actor, before.run_id, limit=SHOWN)
    going = [
        Fate(_("订单和退款"), before.orders + before.refunds, _("连同它们的库存和业绩"), orders=orders),
        Fate(_("成交额"), before.amount, _("从当时那一天里扣回"), is_money=True),
        Fate(_("积分"), before.points, _("从顾客账户里收回")),
        Fate(_("其他记录"), before.persons_told, _("顾客资料、问卷、账单这些")),
        Fate(
            _("顾客"),
            before.persons_going,
            _("只有这次导入提到过"),
            people=list(_people(actor, leaving).values()),
        ),
        Fate(
            _("会分开的顾客"), _parting(actor, before.run_id), _("只靠这次导入才连成一个人，撤销后各是各的")
        ),
        Fate(_("标签"), before.tags, _("这份名单说的；之前名单说的恢复")),
        Fate(_("盘点单"), before.documents, _("按相反的数调回；之后又盘过的不动")),
    ]
    since = [OrderRow(o.order_key, "", None, o.amount, None, o.others) for o in before.orders_since[:SHOWN]]
    staying = [
        Fate(_("顾客"), before.persons_staying, _("别处也提到过，只去掉这次说的")),
        Fate(_("记录"), before.also_told, _("另一次导入也讲过，算那一次的")),
        Fate(
            _("订单"),
            len(before.orders_since),
            _("别处又讲过（改过、退过），以别处讲的为准；只剩退款的会等原订单"),
            orders=since,
        ),
    ]
    short = _people(actor, [p.person_id for p in before.points_of[:SHOWN]])
    used = _people(actor, [g.person_id for g in before.coupons_used[:SHOWN]])
    months = [
        _("{month}：{amount}").format(month=c.period, amount=numbers.exact(c.amount)) for c in before.closed
    ]
    owing = [
        Fate(
            _("已经花掉的积分"),
            before.points_short,
            _("收不回来，记为顾客欠积分，下次得积分时先还"),
            people=[
                Who(short[p.person_id].name, short[p.person_id].url, p.short)
                for p in before.points_of[:SHOWN]
                if p.person_id in short
            ],
        ),
        Fate(
            _("已经用掉的券"),
            len(before.coupons_used),
            _("因这次导入升了级才送的；用过就收不回来，用券的订单不动"),
            people=list(used.values()),
        ),
        Fate(
            _("已经结账的结算单"),
            sum(c.statements for c in before.closed),
            _("里面有这次导入的订单（{months}）。结过账的不改，差额记在还没结账的那个月里更正").format(
                months=_("、").join(months)
            ),
        ),
    ]
    return _there(going), _there(staying), _there(owing)


def _parting(actor: Actor, run_id: int) -> int:
    """How many more humans there would be."""
    if not rooms.people.joins.may_review(actor):
        return 0
    return rooms.people.joins.look(actor, joins.Way(joins.RUN, str(run_id))).more


def _there(fates: Iterable[Fate]) -> list[Fate]:
    return [f for f in fates if f.value]


def _owed(actor: Actor, present: UndoView | None) -> Sequence[Fate]:
    if present is None or present.state != "done" or not present.counts.get("points_owed"):
        return ()
    debts = rooms.imports.debts_of(present.run_id)[:SHOWN]
    names = _people(actor, [p for p, _points in debts])
    people = [Who(names[p].name, names[p].url, points) for p, points in debts if p in names]
    note = _("已经花掉，收不回来；下次得积分时先还")
    return [Fate(_("欠下的积分"), present.counts["points_owed"], note, people=people)]


def _people(actor: Actor, person_ids: Sequence[int]) -> dict[int, Who]:
    if not person_ids:
        return {}
    with scoped(actor):
        found = rooms.people.cards_for(actor, list(dict.fromkeys(person_ids)))
    return {c.person_id: Who(cards.name_of(c), reverse("console:person", args=[c.person_id])) for c in found}


def _lists(before: Rehearsal | None) -> list[ListRow]:
    if before is None:
        return []
    return [
        ListRow(str(words.LISTS.get(x.relation, x.relation)), x.added, x.changed, x.followed)
        for x in before.lists
    ]


def _sentence(present: UndoView | None, before: Rehearsal | None) -> SafeString:
    if present is None or present.state == "failed":
        return _ahead(before) if present is None else format_html("{}", retell(present.message))
    if present.state == "asked":
        said = _("{who}要撤销这次导入，金额超过一个人能定的数，等另一位同事批准。现在什么都没有变。")
        return format_html(said, who=bold(present.actor_name))
    if present.state in WORKING:
        return format_html("{}", _("正在撤销；可以离开这一页，不会停。"))
    counts = present.counts
    said = _("撤销好了：{facts} 条记录已撤回，{back} 积分已收回{owed}。同一份文件可以再导入。")
    owed = (
        _("，{n} 积分记为欠款").format(n=numbers.count(counts["points_owed"]))
        if counts.get("points_owed")
        else ""
    )
    return format_html(
        said,
        facts=bold(numbers.count(counts.get("facts", 0))),
        back=bold(numbers.count(counts.get("points_back", 0))),
        owed=owed,
    )


def _ahead(before: Rehearsal | None) -> SafeString:
    assert before is not None
    if before.is_empty:
        return format_html("{}", _("这次导入没有留下可以撤销的数据。"))
    told = before.orders + before.refunds
    parts = []
    if told:
        parts.append(ngettext("{n} 笔订单和退款", "{n} 笔订单和退款", told).format(n=numbers.count(told)))
    if before.persons_told:
        parts.append(_("{n} 条顾客和其他记录").format(n=numbers.count(before.persons_told)))
    if before.tags:
        parts.append(ngettext("{n} 个标签", "{n} 个标签", before.tags).format(n=numbers.count(before.tags)))
    rows = sum(x.added + x.changed for x in before.lists)
    if rows:
        parts.append(_("{n} 行资料").format(n=numbers.count(rows)))
    if before.documents:
        parts.append(_("{n} 张盘点单").format(n=numbers.count(before.documents)))
    what = bold(_("、").join(parts)) if parts else bold(_("没有什么是只有它说过的"))
    if before.points_short:
        said = _("会撤回{what}；其中 {points} 积分已经花掉，会记成顾客欠的。")
        return format_html(said, what=what, points=bold(numbers.count(before.points_short), "bad"))
    return format_html(_("会撤回{what}，就像没有导入过；现在还没有动。"), what=what)
