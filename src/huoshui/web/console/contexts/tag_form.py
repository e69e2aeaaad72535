"""The form that makes a tag: what it is, and of each value the rule that gives it, built as a segment's."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.core.scope import scoped
from huoshui.insight.api import tags as kinds
from huoshui.web.console.contexts import cards, rooms, rule_builder, rule_tree
from huoshui.web.console.contexts.cards import PersonRow
from huoshui.web.console.contexts.rule_builder import Builder, RuleRow
from huoshui.web.console.contexts.rule_tree import Node
from huoshui.web.console.contexts.segments import language, told
from huoshui.web.console.contexts.standing import standing_day
from huoshui.web.console.contexts.tags import KINDS

_MOST_RULES = 40
_SAMPLE = 3


@dataclass(frozen=True)
class ValueRule:
    """Which value, and the root of the rule that gives it."""

    value: str
    root: Node


@dataclass(frozen=True)
class ValueRow:
    no: int
    value: str
    rule: RuleRow
    is_last: bool


@dataclass(frozen=True)
class TagForm:
    heading: str
    url: str
    back_url: str
    is_new: bool
    is_sensitive: bool
    said: Mapping[str, str]
    kind: str
    kinds: list[tuple[str, str]]
    categories: list[str]
    token: str
    builder: Builder
    rules: list[ValueRow]
    error: str

    @property
    def may_add(self) -> bool:
        return len(self.rules) < (1 if self.kind == "flag" else _MOST_RULES)


def form(
    actor: Actor, tag_id: int | None, said: Mapping[str, str] | None = None, *, error: str = ""
) -> TagForm:
    """`said` is what a form held; without it, what is saved. Raises NotFound for who may not write, Refused for what no form
    of ours holds."""
    api = rooms.insight.tags
    if not api.may_write(actor):
        raise NotFound
    one = api.find(actor, tag_id) if tag_id else None
    if one and one.definition.guesses:
        raise NotFound  # what packs weigh is changed where its categories are chosen
    added = ""
    if said is not None:
        rules, added = acted(read(said), said)
    else:
        rules = _saved_rules(one) if one else []
    url = reverse("console:tag-edit", args=[one.id]) if one else reverse("console:tag-new")
    built = rule_builder.builder(actor, [rule.root for rule in rules], url=url, added=added)
    return TagForm(
        heading=_("改标签“{name}”").format(name=one.name) if one else _("新建标签"),
        url=url,
        back_url=reverse("console:tag", args=[one.id]) if one else reverse("console:tags"),
        is_new=one is None,
        is_sensitive=one is not None and one.is_sensitive,
        said=said if said is not None else _saved(one) if one else {},
        kind=one.kind if one else kind_of(said or {}),
        kinds=[(key, str(word)) for key, word in KINDS.items()],
        categories=sorted({t.category for t in api.listed(actor) if t.category}),
        token=uuid.uuid4().hex,
        builder=built,
        rules=[
            ValueRow(n, rule.value, row, n == len(rules) - 1)
            for n, (rule, row) in enumerate(zip(rules, built.rows, strict=True))
        ],
        error=error,
    )


def kind_of(said: Mapping[str, str]) -> str:
    kind = said.get("kind", "")
    return kind if kind in KINDS else "flag"


def _saved(tag: kinds.Tag) -> dict[str, str]:
    return {
        "meaning": tag.definition.meaning,
        "allowed": "、".join(tag.definition.values),
        "version": str(tag.version_no),
    }


def _saved_rules(tag: kinds.Tag) -> list[ValueRule]:
    roots = rule_tree.trees([rule for _value, rule in tag.definition.rules])
    return [ValueRule(value, root) for (value, _rule), root in zip(tag.definition.rules, roots, strict=True)]


# ---- what a form holds, and what its buttons do ---------------------------------------------------------------


def read(said: Mapping[str, str]) -> list[ValueRule]:
    """Raises Refused for a form that no page of ours has made."""
    return [ValueRule(said.get(f"{root.place}-value", ""), root) for root in rule_tree.read_all(said)]


def acted(rules: Sequence[ValueRule], said: Mapping[str, str]) -> tuple[list[ValueRule], str]:
    """What the form's button made of it, and the place where one goes on. `rule-add`, `rule-drop:1` and `rule-up:1` are of
    whole rules; others are of conditions within one."""
    act = said.get("act", "")
    what, _colon, at = act.partition(":")
    if what == "rule-add" and len(rules) < _MOST_RULES:
        return _placed([*rules, ValueRule("", rule_tree.fresh())]), str(len(rules))
    if what == "rule-drop":
        return _placed([rule for rule in rules if rule.root.place != at]), ""
    if what == "rule-up":
        found = list(rules)
        for n, rule in enumerate(rules):
            if rule.root.place == at and n:
                found[n - 1 : n + 1] = [rule, rules[n - 1]]
        return _placed(found), ""
    place = rule_tree.acted_on(act)
    changed = [(rule, *rule_tree.acted(rule.root, said)) for rule in rules if rule.root.place == place]
    by_place = {rule.root.place: (replace(rule, root=root), added) for rule, root, added in changed}
    added = next((one[1] for one in by_place.values()), "")
    return [by_place.get(rule.root.place, (rule, ""))[0] for rule in rules], added


def _placed(rules: Sequence[ValueRule]) -> list[ValueRule]:
    return [replace(rule, root=rule_tree.placed(rule.root, str(n))) for n, rule in enumerate(rules)]


def definition(kind: str, said: Mapping[str, str]) -> kinds.Definition:
    """Raises Refused, naming the value whose rule says nothing."""
    values = [v.strip() for v in said.get("allowed", "").replace("，", "、").replace(",", "、").split("、")]
    rules = read(said)
    if kind == "flag" and len(rules) > 1:
        raise Refused(_("是或不是的标签只有一条规则，请去掉多出来的。"))
    return kinds.Definition(
        meaning=" ".join(said.get("meaning", "").split())[:200],
        values=tuple(v for v in values if v) if kind in ("one", "several") else (),
        rules=tuple(_said_rule(kind, n, rule) for n, rule in enumerate(rules, 1)),
    )


def _said_rule(kind: str, number: int, rule: ValueRule) -> tuple[str, Any]:
    value = kinds.YES if kind == "flag" else rule.value.strip()
    if not value:
        raise Refused(_("第 {n} 条规则还没有写给什么值。").format(n=number))
    try:
        return value, rule_tree.document(rule.root)
    except Refused as error:
        said = told(error)
        raise Refused(
            said if kind == "flag" else _("“{value}”的规则，{what}").format(value=value, what=said)
        ) from error


# ---- counted and saved ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TriedRow:
    value: str
    sentence: str
    people: int
    sample: list[PersonRow]


@dataclass(frozen=True)
class TagCounted:
    """`rows` in the order of the rules. `error` says why nobody can tell."""

    rows: list[TriedRow]
    is_named: bool
    is_one: bool
    error: str


def counted(actor: Actor, said: Mapping[str, str]) -> TagCounted:
    """Not within a transaction: it may be called off from another request."""
    kind = kind_of(said)
    try:
        found = rooms.insight.tags.preview(
            kind, definition(kind, said), actor=actor, token=said.get("token", "")[:64]
        )
    except NotFound:
        raise
    except Refused as error:
        return TagCounted([], False, False, told(error))
    with scoped(actor):
        rows = [_tried(actor, one, is_named=not said.get("sensitive")) for one in found]
    return TagCounted(rows, kind != "flag", kind == "one" and len(rows) > 1, "")


def _tried(actor: Actor, one: kinds.Tried, *, is_named: bool) -> TriedRow:
    """Whom something sensitive would be said of has not yet been asked, so she is not named."""
    day = standing_day()
    shown = rooms.people.cards_for(actor, list(one.sample[:_SAMPLE])) if is_named else []
    sentence = one.sentence_en if language() == "en" else one.sentence_zh
    return TriedRow(one.value, sentence, one.people, [cards.row(card, day) for card in shown])


def save(actor: Actor, tag_id: int | None, said: Mapping[str, str]) -> int:
    """Raises Refused."""
    api, reason = rooms.insight.tags, said.get("reason", "")
    if tag_id is not None:
        one = api.find(actor, tag_id)
        seen = said.get("version", "")
        was = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 9 else one.version_no
        api.revise(tag_id, definition=definition(one.kind, said), reason=reason, was_version=was, actor=actor)
        return tag_id
    kind, days = said.get("kind", ""), said.get("lifetime", "").strip()
    if days and not (days.isascii() and days.isdigit() and len(days) < 6):
        raise Refused(_("有效期请写天数，例如 90；一直有效就不写。"))
    return api.define(
        key=said.get("key", "").strip(),
        name=said.get("name", ""),
        kind=kind,
        definition=definition(kind, said),
        category=said.get("category", ""),
        is_sensitive=bool(said.get("sensitive")),
        lifetime_days=int(days) if days else None,
        reason=reason,
        actor=actor,
    ).tag_id
