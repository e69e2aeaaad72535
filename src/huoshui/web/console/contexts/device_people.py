"""该跟进的, 谁在用秤, 试用装, 提醒规则: what readings mean for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huoshui.core.actor import Actor
from huoshui.intake.devices.api import RuleView, SampleView
from huoshui.web.console import numbers
from huoshui.web.console.contexts import cards, rooms
from huoshui.web.console.contexts import device_words as words
from huoshui.web.console.contexts.devices import BindingRow, binding_rows
from huoshui.web.console.contexts.people import Choice
from huoshui.web.console.contexts.tracking_sources import may_act, may_see, require
from huoshui.web.console.markup import bold

MOST = 100


@dataclass(frozen=True)
class NoticeRow:
    fact_id: int
    icon: str
    kind: str
    person: str
    person_url: str
    store: str
    words: str
    advice: str
    day: datetime
    state: str


@dataclass(frozen=True)
class Notices:
    sentence: SafeString
    rows: list[NoticeRow]
    state: str
    states: tuple[tuple[str, str, bool], ...]  # (address, word, is this one)
    done: str
    error: str


@dataclass(frozen=True)
class Scales:
    sentence: SafeString
    rows: list[BindingRow]


@dataclass(frozen=True)
class SampleRow:
    sample: SampleView
    left: int
    codes_url: str


@dataclass(frozen=True)
class Samples:
    sentence: SafeString
    rows: list[SampleRow]
    said: Mapping[str, str]
    done: str
    error: str
    may_act: bool


@dataclass(frozen=True)
class RuleRow:
    rule: RuleView
    sentence: str
    kinds: tuple[Choice, ...]
    metrics: tuple[Choice, ...]
    directions: tuple[Choice, ...]


@dataclass(frozen=True)
class Rules:
    sentence: SafeString
    rows: list[RuleRow]
    new: RuleRow
    done: str
    error: str
    may_act: bool


def notices(actor: Actor, state: str, *, done: str = "", error: str = "") -> Notices:
    """For everybody who looks after customers: only of those they may see."""
    state = state if state in words.NOTICE_STATES else "open"
    found = rooms.devices.notices(actor, state=state, limit=MOST)
    known = {c.person_id: c for c in rooms.people.cards_for(actor, sorted({n.person_id for n in found}))}
    rows = []
    for one in found:
        card = known.get(one.person_id)
        if card is None:
            continue
        icon, kind = words.NOTICES[one.kind]
        rows.append(
            NoticeRow(
                fact_id=one.fact_id,
                icon=icon,
                kind=str(kind),
                person=cards.name_of(card),
                person_url=reverse("console:person", args=[one.person_id]),
                store=card.home_store,
                words=words.noticed(one.said),
                advice=str(one.said.get("advice", "")),
                day=one.at,
                state=one.state,
            )
        )
    here = reverse("console:notices")
    return Notices(
        sentence=_notices_sentence(rows, state),
        rows=rows,
        state=state,
        states=tuple(
            (f"{here}?state={name}", str(word), name == state) for name, word in words.NOTICE_STATES.items()
        ),
        done=done,
        error=error,
    )


def _notices_sentence(rows: Sequence[NoticeRow], state: str) -> SafeString:
    persons = len({row.person_url for row in rows})
    if state != "open":
        count = ngettext("{n} 位顾客", "{n} 位顾客", persons).format(n=persons)
        return format_html(_("最近 {persons}。"), persons=bold(count))
    if not rows:
        return format_html(
            "{}", _("现在没有要跟进的顾客。有人停用了秤、身体数据有变化、试用装用了一阵，会出现在这里。")
        )
    count = ngettext("{n} 位顾客", "{n} 位顾客", persons).format(n=persons)
    return format_html(_("{persons}该跟进了，先从最上面的开始。"), persons=bold(count))


def scales(actor: Actor) -> Scales:
    require(may_see(actor))
    rows = binding_rows(actor, rooms.devices.bindings())
    rows.sort(key=lambda row: not row.is_worrying)
    worrying = sum(row.is_worrying for row in rows)
    total = sum(device.persons for device in rooms.devices.list_devices())
    if not rows:
        sentence = format_html("{}", _("还没有人拿秤。在一台体脂秤的页面里把它绑定给顾客。"))
    elif total > len(rows):
        count = ngettext("{n} 位顾客", "{n} 位顾客", total).format(n=numbers.count(total))
        sentence = format_html(
            _("{persons}有秤，最久没用的 {n} 位在下面。"), persons=bold(count), n=bold(len(rows))
        )
    else:
        count = ngettext("{n} 位顾客", "{n} 位顾客", total).format(n=total)
        stopped = ngettext("{n} 位", "{n} 位", worrying).format(n=worrying)
        sentence = format_html(
            _("{persons}有秤，{worrying}没在用。"),
            persons=bold(count),
            worrying=bold(stopped, "bad" if worrying else ""),
        )
    return Scales(sentence, rows)


def samples(
    actor: Actor, said: Mapping[str, str] | None = None, *, done: str = "", error: str = ""
) -> Samples:
    require(may_see(actor))
    found = rooms.devices.list_samples()
    out = sum(one.out for one in found)
    sentence = (
        format_html(_("{n} 份试用装已经送到顾客手里。"), n=bold(numbers.count(out)))
        if found
        else format_html("{}", _("还没有试用装。建一种，做一批领取码，一码一人一份；过几天会提醒导购跟进。"))
    )
    return Samples(
        sentence=sentence,
        rows=[
            SampleRow(one, one.codes - one.claimed - one.out, reverse("console:sample-codes", args=[one.id]))
            for one in found
        ],
        said=said or {},
        done=done,
        error=error,
        may_act=may_act(actor),
    )


_NEW = RuleView(0, "", "change", "body_fat_percent", "up", 2, 14, 3, "", False, True)


def rules(actor: Actor, *, done: str = "", error: str = "", new: RuleView = _NEW) -> Rules:
    require(may_see(actor))
    found = rooms.devices.list_rules()
    on = sum(rule.is_on for rule in found)
    count = ngettext("{n} 条规则", "{n} 条规则", on).format(n=on)
    return Rules(
        sentence=format_html(
            _("{rules}在用。读数一到就看，同一个人同一条规则在它的天数里只提醒一次。"), rules=bold(count)
        ),
        rows=[_rule(rule) for rule in found],
        new=_rule(new),
        done=done,
        error=error,
        may_act=may_act(actor),
    )


def _rule(rule: RuleView) -> RuleRow:
    return RuleRow(
        rule=rule,
        sentence=_says(rule),
        kinds=tuple(Choice(k, str(v), k == rule.kind) for k, v in words.RULE_KINDS.items()),
        metrics=tuple(Choice(k, str(v[0]), k == rule.metric) for k, v in words.METRICS.items()),
        directions=tuple(Choice(k, str(v), k == rule.direction) for k, v in words.DIRECTIONS.items()),
    )


def _says(rule: RuleView) -> str:
    if rule.kind == "silence":
        said = _("前四周量过 {least} 次以上的人，{days} 天没有再量")
        return said.format(least=rule.least_readings, days=rule.days)
    metric = str(words.METRICS[rule.metric][0])
    amount = words.value(rule.metric, rule.amount)
    if rule.kind == "level":
        said = (
            _("{metric}在 {days} 天里一直不低于 {amount}，至少 {least} 次读数")
            if rule.direction == "up"
            else _("{metric}在 {days} 天里一直不高于 {amount}，至少 {least} 次读数")
        )
    else:
        amount = words.difference(rule.metric, rule.amount)
        said = (
            _("{metric}在 {days} 天里升了 {amount} 以上，至少 {least} 次读数")
            if rule.direction == "up"
            else _("{metric}在 {days} 天里降了 {amount} 以上，至少 {least} 次读数")
        )
    return said.format(metric=metric, days=rule.days, amount=amount, least=rule.least_readings)
