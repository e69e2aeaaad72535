"""What a tag may be, and what its rules come to: no database, no clock."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from huoshui.insight.tags.refusals import TagRefused
from huoshui.insight.tags.types import BELIEVED, KINDS, YES, Definition, Guess, Signal

KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
MOST_NAME, MOST_VALUE, MOST_VALUES, MOST_REASON = 20, 30, 40, 200
_NUMBER = re.compile(r"-?\d{1,12}(\.\d{1,6})?")


def clean(text: str, field: str, most: int) -> str:
    """Raises TagRefused."""
    kept = " ".join(text.split())
    if not 0 < len(kept) <= most:
        raise TagRefused("tag_text_wrong", field=field, most=most)
    return kept


def clean_name(name: str) -> str:
    """A full stop would end it where the lake and the rules speak of tags."""
    kept = clean(name, "name", MOST_NAME)
    if "." in kept:
        raise TagRefused("tag_name_wrong")
    return kept


def clean_category(path: str) -> str:
    parts = [clean(part, "category", MOST_NAME) for part in path.split("/") if part.strip()]
    if len(parts) > 4:
        raise TagRefused("tag_category_deep")
    return "/".join(parts)


def check_key(key: str) -> None:
    """Raises TagRefused."""
    if not KEY.fullmatch(key):
        raise TagRefused("tag_key_wrong")


def check(kind: str, definition: Definition) -> None:
    """Raises TagRefused."""
    if kind not in KINDS:
        raise TagRefused("tag_kind_unknown")
    if definition.rules and definition.guesses:
        raise TagRefused("tag_two_ways")
    told = [value for value, _rule in definition.rules] + [guess.value for guess in definition.guesses]
    for listed in (told, definition.values):
        if twice := [value for value, times in Counter(listed).items() if times > 1]:
            raise TagRefused("tag_value_twice", value=twice[0])
    if len(all_values(definition)) > MOST_VALUES:
        raise TagRefused("tag_values_too_many", most=MOST_VALUES)
    for value in (*told, *definition.values):
        clean_value(kind, value, definition)
    if kind == "flag" and told and told != [YES]:
        raise TagRefused("tag_flag_value")
    for guess in definition.guesses:
        _check_guess(guess)


def _check_guess(guess: Guess) -> None:
    if not guess.signals:
        raise TagRefused("tag_signals_missing", value=guess.value)
    if any(not 1 <= signal.weight <= 1000 for signal in guess.signals):
        raise TagRefused("tag_weight_wrong", value=guess.value)
    if not 1 <= guess.enough <= sum(signal.weight for signal in guess.signals):
        raise TagRefused("tag_enough_wrong", value=guess.value, enough=guess.enough)


def clean_value(kind: str, value: str, definition: Definition) -> str:
    """Raises TagRefused."""
    if kind == "flag":
        return YES
    kept = clean(value, "value", MOST_VALUE)
    if kind == "number":
        if not _NUMBER.fullmatch(kept):
            raise TagRefused("tag_value_no_number", value=kept)
        return kept
    known = all_values(definition)
    if known and kept not in known:
        raise TagRefused("tag_value_unknown", value=kept, known="、".join(known))
    return kept


def all_values(definition: Definition) -> tuple[str, ...]:
    """Every value it may have, as far as they are known beforehand, in their order."""
    told = (
        *definition.values,
        *(value for value, _rule in definition.rules),
        *(guess.value for guess in definition.guesses),
    )
    return tuple(dict.fromkeys(told))


def number_of(kind: str, value: str) -> float | None:
    return float(value) if kind == "number" else None


def apart(kind: str, rules: Sequence[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Rules as they are judged, each for itself: of a tag with one value, what came before must not hold."""
    if kind == "several":
        return list(rules)
    found: list[tuple[str, Any]] = []
    for place, (value, rule) in enumerate(rules):
        before = [other for _value, other in rules[:place]]
        none_before = {"kind": "not", "of": {"kind": "any", "of": before}}
        found.append((value, {"kind": "all", "of": [rule, none_before]} if before else rule))
    return found


def believed(kind: str, worn: Iterable[Any]) -> list[Any]:
    """Of all that is said of one person and tag (each with `value`, `source`, `since`, `id`), what is to be believed; of
    several values each once."""
    ordered = sorted(worn, key=lambda w: (BELIEVED.index(w.source), -w.since.timestamp(), -w.id))
    if kind != "several":
        return ordered[:1]
    seen: dict[str, Any] = {}
    for one in ordered:
        seen.setdefault(one.value, one)
    return list(seen.values())


def weighed(guesses: Sequence[Guess], held: Mapping[str, Sequence[bool]], kind: str) -> list[tuple[str, int]]:
    """(value, points) that one person is taken to have. `held`: of each value, which of its signals hold. Of one value the
    most points win, and among equals whichever stands first."""
    points = [
        (g.value, sum(s.weight for s, is_so in zip(g.signals, held[g.value], strict=True) if is_so))
        for g in guesses
    ]
    enough = {g.value: g.enough for g in guesses}
    found = [(value, n) for value, n in points if n >= enough[value]]
    if kind == "several" or not found:
        return found
    return [max(found, key=lambda one: one[1])]


# ---- as JSON --------------------------------------------------------------------------------------------------


def to_json(definition: Definition) -> dict[str, Any]:
    document: dict[str, Any] = {"meaning": definition.meaning, "values": list(definition.values)}
    if definition.rules:
        document["rules"] = [list(rule) for rule in definition.rules]
    if definition.guesses:
        document["inference"] = [asdict(guess) for guess in definition.guesses]
    return document


def from_json(document: Mapping[str, Any]) -> Definition:
    return Definition(
        meaning=document.get("meaning", ""),
        values=tuple(document.get("values", ())),
        rules=tuple((value, rule) for value, rule in document.get("rules", ())),
        guesses=tuple(
            Guess(g["value"], g["enough"], tuple(Signal(**signal) for signal in g["signals"]))
            for g in document.get("inference", ())
        ),
    )


def bare(sentences: tuple[str, str]) -> tuple[str, str]:
    """What a rule says of customers, without that it says it of customers."""
    return sentences[0].removesuffix("的顾客。"), sentences[1].removesuffix(".").removeprefix("Customers ")


def says(kind: str, definition: Definition, told: Mapping[str, tuple[str, str]]) -> tuple[str, str]:
    """What it means in one sentence, in Chinese and in English. `told`: each value's rule, or guess, in words."""
    if definition.meaning and not told:
        return definition.meaning, definition.meaning
    if not told:
        return "由人来给，或由名单、模型给。", "Given by hand, by a list or by a model."
    lead = (
        (f"{definition.meaning.rstrip('。')}：", f"{definition.meaning}: ")
        if definition.meaning
        else ("", "")
    )
    if kind == "flag":
        [(chinese, english)] = told.values()
        return f"{lead[0]}{chinese}。", f"{lead[1]}{english}."
    chinese = "；".join(f"{value}，{said[0]}" for value, said in told.items())
    english = "; ".join(f"{value}: {said[1]}" for value, said in told.items())
    return f"{lead[0]}{chinese}。", f"{lead[1]}{english}."
