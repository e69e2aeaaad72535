"""Implementations that each let two humans' data join, or one human's not, to show that `trapped` would find them out.

Each with the traps that it falls into."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pytest import MonkeyPatch

from huoshui.core import sql
from huoshui.core.facts import withdrawn
from huoshui.core.phone import NotAPhone, normalise
from huoshui.intake.river import batches
from huoshui.people import api as people
from huoshui.people.identity import actions, crowds, lines, rules, ruleset, sharing
from huoshui.people.identity.kinds import Kind
from huoshui.people.identity.ruleset import Ruleset

Mutation = tuple[tuple[str, ...], Callable[[MonkeyPatch], None]]


def _instead(of: Any, name: str, broken: Callable[..., Any]) -> Callable[[MonkeyPatch], None]:
    return lambda patch: patch.setattr(of, name, broken)


def _without_scopes(patch: MonkeyPatch) -> None:
    whole = batches._identifiers

    def broken(items: Any) -> Any:
        columns = whole(items)
        return columns | {"scope": ["" for _ in columns["scope"]]}

    patch.setattr(batches, "_identifiers", broken)


def _one_kind_for_all(patch: MonkeyPatch) -> None:
    whole = batches._identifiers

    def broken(items: Any) -> Any:
        columns = whole(items)
        others = ["phone", "email", "device_id"]
        kinds = [kind if kind in others else "card_no" for kind in columns["kind"]]
        return columns | {"kind": kinds, "scope": ["" for _ in kinds]}

    patch.setattr(batches, "_identifiers", broken)


def _digits_as_typed(patch: MonkeyPatch) -> None:
    for module in (ruleset, rules):
        patch.setattr(module, "narrow", str.strip)


def _still_found_by_what_is_shared(patch: MonkeyPatch) -> None:
    text = actions.Q.seen.text.replace("coalesce(i.is_guarded, false)", "false")
    patch.setitem(actions.Q._by_name, "seen", sql.Statement("seen", text))


def _nothing_is_shared(patch: MonkeyPatch) -> None:
    patch.setattr(rules._Batch, "_is_shared", lambda *_: False)
    _nobody_is_counted(patch)


def _nobody_is_counted(patch: MonkeyPatch) -> None:
    for way in ("crowded", "with_many_names"):
        patch.setattr(crowds, way, lambda *_: {})


def _few_are_blocked(patch: MonkeyPatch) -> None:
    whole = Ruleset.is_blocked
    few = Ruleset(
        1, rules.KINDS, {"other": ("0", "00", "000", "0000", "00000000", "null", "none", "无", "test")}
    )
    patch.setattr(
        Ruleset, "is_blocked", lambda by, kind, value: whole(by if kind == "phone" else few, kind, value)
    )


def _refused_links_count(patch: MonkeyPatch) -> None:
    patch.setattr(actions, "parted_among", lambda _: [])
    text = (
        f"with made as ({actions.Q.add_links.text})"
        " select least(l.a, l.b) as person_a, greatest(l.a, l.b) as person_b"
        " from unnest(%(a)s::bigint[], %(b)s::bigint[]) as l (a, b)"
    )
    patch.setitem(actions.Q._by_name, "add_links", sql.Statement("add_links", text))


def _whoever_came_last(batch: Any, seen: Any) -> Any:
    moments = batch._moments.get(seen.name)
    return moments[-1] if moments else rules.holder(seen, batch._by)


_SHARED = ("guide's own phone", "dealer registers many", "staff card")


def _is_nothing(kind: str, value: str) -> bool:
    """What could not be kept at all: the door refuses it, whatever is blocked."""
    try:
        return not value.strip() or (kind == "phone" and not normalise(value))
    except NotAPhone:
        return True


MUTATIONS: dict[str, Mutation] = {
    "nothing is blocked": (
        ("blocked phone", "blocked card"),
        _instead(Ruleset, "is_blocked", lambda _, kind, value: _is_nothing(kind, value)),
    ),
    "what is masked is a number": (
        ("masked number",),
        _instead(ruleset, "_is_masked", lambda _: False),
    ),
    "wide digits are others": (("blocked card",), _digits_as_typed),
    "an app is like another": (("one openid of two apps",), _without_scopes),
    "a kind is like another": (("one number of two kinds",), _one_kind_for_all),
    "what is weak is certain": (
        ("shop tablet", "cookie of a household", "a nickname of two"),
        _instead(Kind, "is_certain", lambda *_: True),
    ),
    "a tablet's first customer is each that follows": (
        ("shop tablet", "cookie of a household"),
        _instead(actions, "visitors", lambda person_ids, _: set(person_ids)),
    ),
    "a browser is its first customer's for ever": (
        ("a browser handed on",),
        _instead(actions, "hold", lambda _: None),
    ),
    "a browser is the last one's whenever it was": (
        ("a browser handed on",),
        _instead(rules._Batch, "_holder", _whoever_came_last),
    ),
    "no value is ever shared": (_SHARED, _nothing_is_shared),
    "a value counts those alone whom it joined": (
        ("several of one crowd",),
        _nobody_is_counted,
    ),
    "what is shared still finds somebody": (_SHARED, _still_found_by_what_is_shared),
    "whom a shared value joined stay one": (
        _SHARED,
        _instead(people, "regroup_without", lambda *_, **__: people.Regrouped((), ())),
    ),
    "records stay with whom a shared value led to": (
        _SHARED,
        _instead(withdrawn, "mark_retold", lambda *_: None),
    ),
    "names stay with whom a shared value led to": (
        _SHARED,
        _instead(people, "untell_profiles", lambda *_, **__: None),
    ),
    "nobody hears that a phone is shared": (
        ("household phone",),
        _instead(sharing, "say_shared", lambda *_, **__: None),
    ),
    "who was parted is joined by the next card": (
        ("household parted",),
        _instead(actions, "has_joined_enough", lambda _: None),
    ),
    "a word for nothing is a number": (("a word for nothing",), _few_are_blocked),
    "a landline is one human's": (("a landline",), _instead(lines, "is_shared_line", lambda _: False)),
    "names under a number are not counted": (
        ("dozens by name",),
        _instead(crowds, "with_many_names", lambda *_: {}),
    ),
    "who was parted is joined round a third": (
        ("parted, then round a third",),
        _instead(actions, "parted_among", lambda _: []),
    ),
    "a refused link costs an account": (("undone and told again",), _refused_links_count),
    "a human has many unionids": (
        ("one openid of two unionids",),
        _instead(rules._Batch, "_too_many", lambda *_: ""),
    ),
    "nobody is joined": ((), _instead(actions, "recluster", lambda _: None)),
}
