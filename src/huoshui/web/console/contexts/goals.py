"""本月目标: what was sold beside the target, how much of the month is over, and where it is likely to end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huoshui.core.actor import Actor
from huoshui.insight.api import Goal
from huoshui.web.console import numbers
from huoshui.web.console.contexts import rooms
from huoshui.web.console.contexts.own import own_units
from huoshui.web.console.markup import behind, bold, opens

LISTED = 8


@dataclass(frozen=True)
class GoalRow:
    """`done` and `passed` in percent of the target and of the month."""

    name: str
    target: int
    sold: int
    done: float
    done_says: str
    ending_says: str
    is_behind: bool
    url: str


@dataclass(frozen=True)
class GoalsContext:
    """`rows`: furthest behind first."""

    sentence: SafeString
    passed: float
    rows: list[GoalRow]
    others: int
    has_targets: bool


def goals(actor: Actor) -> GoalsContext:
    told = rooms.insight.month_goals(own_units(actor))
    if not told.stores:
        return GoalsContext(SafeString(""), 0.0, [], 0, has_targets=False)
    span = {"from": told.day.replace(day=1).isoformat(), "to": told.day.isoformat()}
    shown = told.stores[:LISTED]
    return GoalsContext(
        sentence=_sentence(told.whole, told.passed, told.day, behind("sales", span, {})),
        passed=round(100 * told.passed, 1),
        rows=[_row(goal, told.passed, span) for goal in shown],
        others=len(told.stores) - len(shown),
        has_targets=True,
    )


def _row(goal: Goal, passed: float, span: dict[str, str]) -> GoalRow:
    return GoalRow(
        name=goal.name or goal.code,
        target=goal.target,
        sold=goal.sold,
        done=round(100 * min(1.0, max(0.0, goal.done)), 1),
        done_says=numbers.percent(goal.done),
        ending_says="" if goal.ending is None else numbers.percent(goal.ending / goal.target),
        is_behind=goal.ending < goal.target if goal.ending is not None else goal.done < passed,
        url=behind("sales", span, {"store": goal.code}) if goal.sold else "",
    )


def _sentence(whole: Goal, passed: float, day: date, url: str) -> SafeString:
    parts = {
        "day": numbers.day(day),
        "sold": bold(opens(numbers.money(whole.sold), url, title=_("看是哪些人"))),
        "target": numbers.money(whole.target),
        "done": bold(numbers.percent(whole.done)),
        "passed": numbers.percent(passed),
    }
    said = format_html(
        _("到 {day}，本月卖了 {sold}，是目标 {target} 的 {done}；时间过去了 {passed}。"), **parts
    )
    if whole.ending is None or passed >= 1:
        return said
    tone = "good" if whole.ending >= whole.target else "bad"
    ending = {
        "ending": numbers.money(whole.ending),
        "share": bold(numbers.percent(whole.ending / whole.target), tone),
    }
    return said + format_html(_("照往常的卖法，月底大约到 {ending}，是目标的 {share}。"), **ending)
