"""What a rule is put together with by mouse and keyboard: its conditions as rows of fields, and the lists those choose from.
Segments and tags use the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.cache import cache
from django.utils.translation import gettext as _

from huoshui.core.actor import Actor
from huoshui.people.api import ATTRIBUTE_LABELS
from huoshui.web.console.contexts import person_roles, rooms, rule_fields, rule_leaves
from huoshui.web.console.contexts.asked import ask
from huoshui.web.console.contexts.rule_tree import Node

_SUGGESTED = 200
# Of these everybody has her own, and the birthday has a condition of its own
_NO_CHOICE = frozenset({"name", "birthday", "joined_at", "address"})
# Of whose values several people share one
_PLACES = ("city", "home_store", "occupation", "age_band")


@dataclass(frozen=True)
class Suggested:
    """What may be written into a field; anything else may be written too."""

    categories: list[str]
    stores: list[str]


@dataclass(frozen=True)
class RuleRow:
    """A node of the tree as the page shows it."""

    node: Node
    fields: tuple[rule_fields.Filled, ...]
    rows: tuple[RuleRow, ...]

    @property
    def place(self) -> str:
        return self.node.place


@dataclass(frozen=True)
class Builder:
    """`url`: where the buttons of a condition are sent. `rows`: the rules, each from its root."""

    url: str
    rows: tuple[RuleRow, ...]
    tiers: list[str]
    segments: list[str]
    tags: list[str]
    suggested: Suggested
    doings: list[str]
    added: str
    """The place where one goes on writing: what a button added, or took something from."""

    @property
    def adds(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Kinds of conditions, by what they are about."""
        return [
            (str(about), [(kind, str(said)) for kind, said in kinds if kind != "member" or self.segments])
            for about, kinds in rule_fields.ADDS
        ]


def builder(
    actor: Actor, roots: Sequence[Node], *, url: str, added: str = "", own_segment: int | None = None
) -> Builder:
    """`own_segment`: the one whose rule this is, which cannot ask for itself."""
    segments = [s.name for s in rooms.insight.segments.listed(actor) if s.id != own_segment]
    tags = rooms.insight.tags
    lists = _lists(_keys(roots), segments)
    return Builder(
        url=url,
        rows=tuple(_row(root, lists) for root in roots),
        tiers=list(rooms.loyalty.tier_names()),
        segments=segments,
        tags=sorted({t.key for t in tags.listed(actor)}) if tags.may_see(actor) else [],
        suggested=_suggested(),
        doings=sorted(rule_leaves.named_doings()),
        added=added,
    )


def _row(node: Node, lists: dict[str, rule_fields.Options]) -> RuleRow:
    if node.is_group:
        return RuleRow(node, (), tuple(_row(one, lists) for one in node.nodes))
    return RuleRow(node, rule_fields.filled(node.kind, node.values, lists), ())


def _lists(keys: list[tuple[str, str]], segments: list[str]) -> dict[str, rule_fields.Options]:
    return {
        "keys": tuple(keys),
        "segments": tuple((name, name) for name in segments),
        "roles": tuple(person_roles.ROLES.items()),
        "places": tuple(
            (key, _("同一“{name}”的人里").format(name=said)) for key, said in keys if key in _PLACES
        ),
    }


def _keys(roots: Sequence[Node]) -> list[tuple[str, str]]:
    """What may be known of somebody, by its word; and whatever else these rules ask for."""
    known = {key: _(label) for key, label in ATTRIBUTE_LABELS.items() if key not in _NO_CHOICE}
    asked = [key for root in roots for key in _asked(root) if key not in ("", "tier")]
    return list(({key: key for key in asked} | known).items())


def _asked(node: Node) -> list[str]:
    if node.kind in ("known", "figure"):
        return [node.values.get("key", "")]
    return [key for one in node.nodes for key in _asked(one)]


def _suggested() -> Suggested:
    found = cache.get_or_set("console.segments.suggested", _read_suggested, 600)
    return found if isinstance(found, Suggested) else _read_suggested()


def _read_suggested() -> Suggested:
    """By what is sold: a category nobody buys from finds nobody."""
    rows = {by: ask("sales", by=by).rows for by in ("category", "store")}
    best = {by: sorted(of, key=lambda r: -r["amount"])[:_SUGGESTED] for by, of in rows.items()}
    return Suggested(
        [str(r["category"]) for r in best["category"] if r["category"]],
        [str(r["store_name"] or r["store"]) for r in best["store"] if r["store"]],
    )
