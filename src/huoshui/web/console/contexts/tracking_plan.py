"""埋点方案: what was declared of each fact, and what was seen of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.intake.tracking.api import PropertyView, SeenName
from huoshui.web.console import numbers
from huoshui.web.console.contexts import rooms
from huoshui.web.console.contexts import tracking_words as words
from huoshui.web.console.contexts.people import Choice
from huoshui.web.console.contexts.tracking_sources import may_act, may_see, require
from huoshui.web.console.markup import bold


@dataclass(frozen=True)
class PropertyRow:
    """`id` of a declared one. `seen` is what its values looked like."""

    id: int
    fact: str
    name: str
    times: int
    ago: str
    seen: str
    type: str
    klass: str
    type_choices: tuple[Choice, ...]
    class_choices: tuple[Choice, ...]
    is_required: bool


@dataclass(frozen=True)
class FactRow:
    name: str
    times: int
    ago: str
    undeclared: int
    properties: list[PropertyRow]


@dataclass(frozen=True)
class Plan:
    sentence: SafeString
    facts: list[FactRow]
    sources: tuple[Choice, ...]
    types: tuple[Choice, ...]
    classes: tuple[Choice, ...]
    said: Mapping[str, str]
    done: str
    error: str
    may_act: bool


def plan(
    actor: Actor,
    source_id: int = 0,
    said: Mapping[str, str] | None = None,
    *,
    done: str = "",
    error: str = "",
) -> Plan:
    require(may_see(actor))
    declared = {fact.name: {p.name: p for p in fact.properties} for fact in rooms.tracking.declared()}
    seen = _seen(rooms.tracking.seen_names(source_id))
    facts = [_fact(name, seen.get(name, {}), declared.get(name, {})) for name in sorted({*declared, *seen})]
    return Plan(
        sentence=_sentence(facts),
        facts=facts,
        sources=tuple(
            Choice(str(s.source_id), s.label, s.source_id == source_id) for s in rooms.tracking.list_sources()
        ),
        types=_choices(words.PLAN_TYPES, "string"),
        classes=_choices(words.PLAN_CLASSES, "behaviour"),
        said=said or {},
        done=done,
        error=error,
        may_act=may_act(actor),
    )


@dataclass
class _Counted:
    times: int = 0
    last_at: datetime | None = None
    sample: str = ""


def _seen(names: list[SeenName]) -> dict[str, dict[str, _Counted]]:
    """fact → property → what all sources together told of it."""
    found: dict[str, dict[str, _Counted]] = {}
    for one in names:
        counted = found.setdefault(one.fact, {}).setdefault(one.property, _Counted())
        counted.times += one.times
        counted.last_at = max(counted.last_at or one.last_at, one.last_at)
        counted.sample = one.sample_type or counted.sample
    return found


def _fact(name: str, seen: Mapping[str, _Counted], declared: Mapping[str, PropertyView]) -> FactRow:
    whole = seen.get("", _Counted())
    names = sorted({*declared, *seen} - {""}, key=lambda n: (n in declared, n))
    return FactRow(
        name=name,
        times=whole.times,
        ago=_ago(whole),
        undeclared=sum(n not in declared for n in names),
        properties=[_property(name, n, seen.get(n, _Counted()), declared.get(n)) for n in names],
    )


def _property(fact: str, name: str, seen: _Counted, declared: PropertyView | None) -> PropertyRow:
    kind = declared.type if declared else seen.sample or "string"
    klass = declared.klass if declared else "behaviour"
    return PropertyRow(
        id=declared.id if declared else 0,
        fact=fact,
        name=name,
        times=seen.times,
        ago=_ago(seen),
        seen=str(words.PLAN_TYPES[seen.sample]) if seen.sample else "",
        type=str(words.PLAN_TYPES[kind]),
        klass=str(words.PLAN_CLASSES[klass]),
        type_choices=_choices(words.PLAN_TYPES, kind),
        class_choices=_choices(words.PLAN_CLASSES, klass),
        is_required=declared.is_required if declared else False,
    )


def _ago(seen: _Counted) -> str:
    return numbers.ago(clock.now() - seen.last_at) if seen.last_at else ""


def _choices(labels: Mapping[str, object], chosen: str) -> tuple[Choice, ...]:
    return tuple(Choice(value, str(label), value == chosen) for value, label in labels.items())


def _sentence(facts: list[FactRow]) -> SafeString:
    if not facts:
        return format_html("{}", _("还没有收到行为。收到以后，这里会列出每种行为带了哪些属性。"))
    undeclared = sum(fact.undeclared for fact in facts)
    if not undeclared:
        return format_html(_("{n} 种行为，带的属性都声明过。"), n=bold(numbers.count(len(facts))))
    return format_html(
        _("{n} 种行为，还有 {undeclared} 个属性没有声明：都留着，声明以后才进入分析。"),
        n=bold(numbers.count(len(facts))),
        undeclared=bold(numbers.count(undeclared)),
    )
