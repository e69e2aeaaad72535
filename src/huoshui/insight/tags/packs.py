"""Tags ready to use. A pack speaks of concepts (maternity goods, gifts). Which of the brand's categories those are is
said once, by a person, and the rules of every pack are made of it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

import pyarrow as pa

from huoshui.brand import api as brand
from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound, Refused
from huoshui.insight.segments import counting as waiting
from huoshui.insight.segments.actions import require
from huoshui.insight.tags import actions, counting, reads
from huoshui.insight.tags.types import Definition, Guess, Saved, Signal

Q = sql.load("huoshui.insight.tags")

LEVELS = ("department", "category_1", "category_2", "category_3")
MOST_CATEGORIES = 200
_PLACE = re.compile(r"\{(\w+)\}")


class Concept(NamedTuple):
    """`hints` are parts of names by which a category is proposed."""

    key: str
    name: str
    hints: tuple[str, ...]


class PackTag(NamedTuple):
    key: str
    name: str
    kind: str
    is_sensitive: bool
    definition: Definition


@dataclass(frozen=True)
class Pack:
    key: str
    order: int
    name: str
    about: str
    category: str
    concepts: tuple[Concept, ...]
    tags: tuple[PackTag, ...]


class Meant(NamedTuple):
    """Which categories of one level a concept is."""

    level: str
    categories: tuple[str, ...]


class Set(NamedTuple):
    meant: Meant
    actor_name: str
    set_at: datetime


class Option(NamedTuple):
    level: str
    category: str
    products: int


@cache
def packs() -> tuple[Pack, ...]:
    files = resources.files("huoshui.insight.tags").joinpath("packs").iterdir()
    found = [_pack(json.loads(f.read_text(encoding="utf-8"))) for f in files if f.name.endswith(".json")]
    return tuple(sorted(found, key=lambda pack: pack.order))


def pack(key: str) -> Pack:
    """Raises NotFound."""
    found = next((each for each in packs() if each.key == key), None)
    if found is None:
        raise NotFound
    return found


def _pack(document: Mapping[str, Any]) -> Pack:
    return Pack(
        key=document["key"],
        order=document["order"],
        name=document["name"],
        about=document["about"],
        category=document["category"],
        concepts=tuple(Concept(c["key"], c["name"], tuple(c["hints"])) for c in document["concepts"]),
        tags=tuple(_pack_tag(t) for t in document["tags"]),
    )


def _pack_tag(document: Mapping[str, Any]) -> PackTag:
    definition = Definition(
        meaning=document["meaning"],
        rules=tuple((value, rule) for value, rule in document.get("rules", ())),
        guesses=tuple(
            Guess(g["value"], g["enough"], tuple(Signal(**s) for s in g["signals"]))
            for g in document.get("guesses", ())
        ),
    )
    return PackTag(
        document["key"], document["name"], document["kind"], document.get("is_sensitive", False), definition
    )


# ---- what concepts mean ----------------------------------------------------------------------------------------


def options() -> list[Option]:
    """Every category of the brand's products, level by level, the largest first."""
    table = brand.products_table()
    return [
        Option(level, name, products)
        for level in LEVELS
        for name, products in Counter(_names(table, level)).most_common()
    ]


def _names(table: pa.Table, level: str) -> Iterable[str]:
    return (name for name in table.column(level).to_pylist() if name)


def proposed(concept: Concept, among: Sequence[Option]) -> Meant | None:
    """The level on which most products bear a hint in their category's name; of two alike the coarser."""
    hits = [o for o in among if any(hint in o.category.lower() for hint in concept.hints)]
    if not hits:
        return None
    sizes = {level: sum(o.products for o in hits if o.level == level) for level in LEVELS}
    level = max(LEVELS, key=lambda each: sizes[each])
    return Meant(level, tuple(o.category for o in hits if o.level == level))


def meanings() -> dict[str, Set]:
    """What was said of concepts, the latest word on each."""
    return {
        r.concept: Set(Meant(r.level, tuple(json.loads(r.categories))), r.actor_name, r.set_at)
        for r in sql.fetch(Q.concepts)
    }


def set_meaning(concept: str, meant: Meant, *, actor: Actor) -> None:
    """No category at all: the brand has nothing of the kind."""
    require(actions.may_write(actor))
    if concept not in {c.key for each in packs() for c in each.concepts}:
        raise NotFound
    known = {(o.level, o.category) for o in options()}
    if len(meant.categories) > MOST_CATEGORIES or any(
        (meant.level, c) not in known for c in meant.categories
    ):
        raise Refused("选的品类商品资料里没有，请刷新再选。")
    standing = meanings().get(concept)
    if standing and standing.meant == meant:
        return
    sql.run(
        Q.set_concept,
        concept=concept,
        level=meant.level,
        categories=json.dumps(list(meant.categories), ensure_ascii=False),
        actor=str(actor),
        actor_name=actor.name,
    )
    record(actor, "tag.concept_set", "tag", 0, concept=concept, categories=list(meant.categories))


# ---- what comes of a pack --------------------------------------------------------------------------------------


def made(tag: PackTag, meant: Mapping[str, Meant]) -> Definition | None:
    """The tag in the brand's own categories. What speaks of a concept the brand has nothing of is left out; None when
    nothing is left."""
    kept = tuple(
        (value, rule) for value, rule in ((v, _in_words(r, meant)) for v, r in tag.definition.rules) if rule
    )
    guesses = tuple(g for g in (_made_guess(guess, meant) for guess in tag.definition.guesses) if g)
    if not kept and not guesses:
        return None
    return replace(tag.definition, rules=kept, guesses=guesses)


def _made_guess(guess: Guess, meant: Mapping[str, Meant]) -> Guess | None:
    signals = tuple(
        replace(s, rule=rule)
        for s, rule in ((s, s.rule and _in_words(s.rule, meant)) for s in guess.signals)
        if rule or s.measure
    )
    if sum(s.weight for s in signals) < guess.enough:
        return None
    return replace(guess, signals=signals)


def _in_words(rule: str, meant: Mapping[str, Meant]) -> str:
    """'' when a concept in it means nothing."""
    if any(not meant.get(key) or not meant[key].categories for key in _PLACE.findall(rule)):
        return ""

    def said(found: re.Match[str]) -> str:
        level, categories = meant[found[1]]
        return f"{level} in ({', '.join(json.dumps(c, ensure_ascii=False) for c in categories)})"

    return _PLACE.sub(said, rule)


def preview(
    key: str, meant: Mapping[str, Meant], *, actor: Actor, token: str = ""
) -> dict[str, dict[str, int] | None]:
    """Tag → value → how many would wear it; None where nothing is left of the tag. Raises TagCountTooLong, CalledOff. A
    token is used as for a segment's preview."""
    require(actions.may_see(actor))
    found: dict[str, dict[str, int] | None] = {}
    with waiting.counting(actor, token=token, too_long=counting.TagCountTooLong) as is_called_off:
        for tag in pack(key).tags:
            definition = made(tag, meant)
            if definition is None:
                found[tag.key] = None
                continue
            told = counting.tried(tag.kind, actions.cleaned(tag.kind, definition), is_called_off)
            found[tag.key] = {one.value: one.people for one in told}
    return found


def install(key: str, meant: Mapping[str, Meant], *, actor: Actor) -> list[Saved]:
    """The pack's tags, or new versions of them. Raises Refused when nothing is left of any."""
    require(actions.may_write(actor))
    chosen = pack(key)
    for concept in chosen.concepts:
        if concept.key in meant:
            set_meaning(concept.key, meant[concept.key], actor=actor)
    saved = []
    for tag in chosen.tags:
        definition = made(tag, meant)
        if definition is None:
            continue
        if (standing := reads.find_key(tag.key)) is not None:
            reason = f"品类对照改了（{chosen.name}）"
            saved.append(actions.revise(standing, definition=definition, reason=reason, actor=actor))
            continue
        saved.append(
            actions.define(
                key=tag.key,
                name=tag.name,
                kind=tag.kind,
                definition=definition,
                category=chosen.category,
                is_sensitive=tag.is_sensitive,
                pack=chosen.key,
                actor=actor,
            )
        )
    if not saved:
        raise Refused("请先选好品类：现在一个标签也做不出来。")
    return saved


def installed() -> dict[str, list[int]]:
    """Pack → its tags."""
    found: dict[str, list[int]] = {}
    for row in sql.fetch(Q.of_packs):
        found.setdefault(row.pack, []).append(row.id)
    return found
