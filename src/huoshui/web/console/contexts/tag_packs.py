"""标签包: tags ready to use, and which of the brand's categories their concepts are."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.insight.api import tags as kinds
from huoshui.web.console.contexts import rooms
from huoshui.web.console.contexts.tags import KINDS

LEVELS: Mapping[str, Any] = {
    "department": gettext_lazy("部门"),
    "category_1": gettext_lazy("大类"),
    "category_2": gettext_lazy("中类"),
    "category_3": gettext_lazy("小类"),
}


@dataclass(frozen=True)
class PackRow:
    url: str
    name: str
    about: str
    tags: list[str]
    concepts: int
    is_sensitive: bool
    installed: list[str]


@dataclass(frozen=True)
class PacksContext:
    rows: list[PackRow]


def packs(actor: Actor) -> PacksContext:
    if not rooms.insight.tags.may_see(actor):
        raise NotFound
    standing = rooms.insight.tags.packs.installed()
    return PacksContext(
        [
            PackRow(
                reverse("console:tag-pack", args=[pack.key]),
                pack.name,
                pack.about,
                [tag.name for tag in pack.tags],
                len(pack.concepts),
                any(tag.is_sensitive for tag in pack.tags),
                [reverse("console:tag", args=[tag_id]) for tag_id in standing.get(pack.key, [])],
            )
            for pack in rooms.insight.tags.packs.packs()
        ]
    )


@dataclass(frozen=True)
class Choice:
    """`value` is what the form sends, and what a person reads."""

    value: str
    products: int
    is_chosen: bool


@dataclass(frozen=True)
class ConceptRow:
    key: str
    name: str
    choices: list[Choice]
    is_proposed: bool


@dataclass(frozen=True)
class PackTag:
    name: str
    kind: str
    values: list[tuple[str, list[tuple[str, int]]]]
    """(value, signals with their points)."""
    counts: list[tuple[str, int]] | None
    is_left_out: bool


@dataclass(frozen=True)
class PackContext:
    url: str
    token: str
    name: str
    about: str
    is_sensitive: bool
    concepts: list[ConceptRow]
    categories: list[str]
    tags: list[PackTag]
    is_counted: bool
    is_installed: bool
    may_write: bool
    error: str


def pack(
    actor: Actor,
    key: str,
    said: Mapping[str, Sequence[str]] | None = None,
    *,
    is_counted: bool = False,
    error: str = "",
) -> PackContext:
    """`said`: what the form held. Raises NotFound."""
    api = rooms.insight.tags
    if not api.may_see(actor):
        raise NotFound
    one, options = api.packs.pack(key), api.packs.options()
    standing = api.packs.meanings()
    rows, meant = [], {}
    for concept in one.concepts:
        proposal = api.packs.proposed(concept, options)
        own = standing[concept.key].meant if concept.key in standing else None
        chosen = _chosen(said, concept.key, options) if said is not None else _words(own or proposal)
        offered = dict.fromkeys([*chosen, *_words(own), *_words(proposal)])
        sizes = {_word(o.level, o.category): o.products for o in options}
        rows.append(
            ConceptRow(
                concept.key,
                concept.name,
                [Choice(value, sizes.get(value, 0), value in chosen) for value in offered],
                said is None and own is None and bool(chosen),
            )
        )
        if not error:
            meant[concept.key] = _meant(chosen, options, concept.name)
    token = str((said or {}).get("token", [""])[0])[:64]
    counts = api.packs.preview(key, meant, actor=actor, token=token) if is_counted and not error else {}
    return PackContext(
        url=reverse("console:tag-pack", args=[key]),
        token=uuid.uuid4().hex,
        name=one.name,
        about=one.about,
        is_sensitive=any(tag.is_sensitive for tag in one.tags),
        concepts=rows,
        categories=[_word(o.level, o.category) for o in options] if one.concepts else [],
        tags=[_tag(tag, counts.get(tag.key), is_counted and not error) for tag in one.tags],
        is_counted=is_counted and not error,
        is_installed=bool(api.packs.installed().get(key)),
        may_write=api.may_write(actor),
        error=error,
    )


def _tag(tag: Any, counts: Mapping[str, int] | None, is_counted: bool) -> PackTag:
    told = [(g.value, [(s.says, s.weight) for s in g.signals]) for g in tag.definition.guesses]
    told = told or [(value, []) for value, _rule in tag.definition.rules]
    return PackTag(
        tag.name,
        str(KINDS[tag.kind]),
        told,
        list(counts.items()) if counts is not None else None,
        is_counted and counts is None,
    )


def _word(level: str, category: str) -> str:
    return _("{level}：{category}").format(level=LEVELS[level], category=category)


def _words(meant: Any) -> list[str]:
    return [_word(meant.level, c) for c in meant.categories] if meant else []


def _chosen(said: Mapping[str, Sequence[str]], key: str, options: Sequence[Any]) -> list[str]:
    known = {_word(o.level, o.category) for o in options}
    told = [*said.get(f"of.{key}", ()), *said.get(f"add.{key}", ())]
    return [word for word in dict.fromkeys(told) if word in known]


def _meant(chosen: Sequence[str], options: Sequence[Any], name: str) -> Any:
    by_word = {_word(o.level, o.category): o for o in options}
    found = [by_word[word] for word in chosen if word in by_word]
    if len({o.level for o in found}) > 1:
        raise Refused(_("“{name}”选的品类要在同一级（例如都是中类）。").format(name=name))
    level = found[0].level if found else "category_1"
    return rooms.insight.tags.packs.Meant(level, tuple(o.category for o in found))


def install(actor: Actor, key: str, said: Mapping[str, Sequence[str]]) -> list[kinds.Saved]:
    """Raises Refused, NotFound."""
    api = rooms.insight.tags
    options = api.packs.options()
    meant = {
        c.key: _meant(_chosen(said, c.key, options), options, c.name) for c in api.packs.pack(key).concepts
    }
    return api.packs.install(key, meant, actor=actor)
