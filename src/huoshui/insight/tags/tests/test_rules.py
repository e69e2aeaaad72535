"""What a tag may be, and whom several words about one person make her."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from huoshui.core.errors import Refused
from huoshui.insight.rules import api as language
from huoshui.insight.tags import measures, packs, rules
from huoshui.insight.tags.english import WORDS
from huoshui.insight.tags.types import Definition, Guess, Signal

NOON = datetime(2026, 3, 10, 4, tzinfo=UTC)


def word(source: str, value: str, *, age: int = 0, number: int = 1) -> Any:
    return SimpleNamespace(source=source, value=value, since=NOON - timedelta(days=age), id=number)


def test_who_is_believed() -> None:
    words = [word("rule", "甲"), word("hand", "乙", age=9), word("model", "丙"), word("hand", "丁", age=3)]
    assert [w.value for w in rules.believed("one", words)] == ["丁"]
    assert [w.value for w in rules.believed("one", [words[0], words[2]])] == ["丙"]
    many = [word("rule", "甲"), word("hand", "甲"), word("model", "乙")]
    assert [(w.value, w.source) for w in rules.believed("several", many)] == [("甲", "hand"), ("乙", "model")]
    assert rules.believed("one", []) == []


def test_of_one_value_the_rules_before_must_not_hold() -> None:
    said = [("金", {"kind": "a"}), ("银", {"kind": "b"}), ("铜", {"kind": "c"})]
    apart = dict(rules.apart("one", said))
    assert apart["金"] == {"kind": "a"}
    assert apart["铜"]["of"] == [
        {"kind": "c"},
        {"kind": "not", "of": {"kind": "any", "of": [{"kind": "a"}, {"kind": "b"}]}},
    ]
    assert rules.apart("several", said) == said


GUESSES = (
    Guess("孕期", 60, (Signal("孕妇装", 60), Signal("两次", 30))),
    Guess("幼儿", 50, (Signal("辅食", 40), Signal("纸尿裤", 40))),
)


@pytest.mark.parametrize(
    ("held", "kind", "found"),
    [
        ({"孕期": [True, False], "幼儿": [False, False]}, "one", [("孕期", 60)]),
        ({"孕期": [True, False], "幼儿": [True, True]}, "one", [("幼儿", 80)]),
        ({"孕期": [True, True], "幼儿": [True, True]}, "one", [("孕期", 90)]),
        ({"孕期": [True, True], "幼儿": [True, True]}, "several", [("孕期", 90), ("幼儿", 80)]),
        ({"孕期": [False, True], "幼儿": [True, False]}, "one", []),
    ],
)
def test_signals_are_weighed(held: dict[str, list[bool]], kind: str, found: list[tuple[str, int]]) -> None:
    assert rules.weighed(GUESSES, held, kind) == found


def test_among_equals_whichever_stands_first_wins() -> None:
    even = (Guess("甲", 10, (Signal("a", 10),)), Guess("乙", 10, (Signal("b", 10),)))
    assert rules.weighed(even, {"甲": [True], "乙": [True]}, "one") == [("甲", 10)]


@pytest.mark.parametrize(
    ("kind", "value", "kept"),
    [
        ("flag", "", "是"),
        ("number", " -3.50 ", "-3.50"),
        ("one", " 新 客 ", "新 客"),
        ("several", "茶", "茶"),
    ],
)
def test_values_that_fit(kind: str, value: str, kept: str) -> None:
    assert rules.clean_value(kind, value, Definition()) == kept


@pytest.mark.parametrize(
    ("kind", "value"), [("number", "1e9"), ("number", "nan"), ("one", ""), ("one", "甲" * 31), ("one", "丁")]
)
def test_values_that_do_not(kind: str, value: str) -> None:
    with pytest.raises(Refused):
        rules.clean_value(kind, value, Definition(values=("甲", "乙")) if value == "丁" else Definition())


@pytest.mark.parametrize(
    "guess",
    [Guess("甲", 10, ()), Guess("甲", 11, (Signal("a", 10),)), Guess("甲", 1, (Signal("a", 0),))],
)
def test_what_cannot_be_weighed_is_refused(guess: Guess) -> None:
    with pytest.raises(Refused):
        rules.check("one", Definition(guesses=(guess,)))


def test_a_definition_reads_back() -> None:
    one = Definition("说明", ("甲",), (("乙", {"kind": "x"}),))
    for each in (one, Definition(guesses=GUESSES)):
        assert rules.from_json(rules.to_json(each)) == each


def test_every_pack_can_be_made_and_every_concept_is_used() -> None:
    """With some category for each concept all of it is a rule of the language; with none what speaks of it is left out."""
    keys = [tag.key for pack in packs.packs() for tag in pack.tags]
    assert len(keys) == len(set(keys)) >= 9
    for pack in packs.packs():
        meant = {c.key: packs.Meant("category_2", ("甲", '"乙"')) for c in pack.concepts}
        for tag in pack.tags:
            whole = packs.made(tag, meant)
            assert whole is not None
            rules.check_key(tag.key)
            rules.check(tag.kind, whole)
            assert rules.all_values(whole) == rules.all_values(tag.definition)
            said = [rule for _v, rule in whole.rules] + [s.rule for g in whole.guesses for s in g.signals]
            for rule in said:
                assert rule is None or language.parse(rule)
            named = "".join(str(rule) for rule in said)
            assert ("甲" in named) == bool(pack.concepts)
            assert {s.measure for g in whole.guesses for s in g.signals} <= {"", *measures.MEASURES}
            for concept in pack.concepts:
                less = packs.made(tag, {k: m for k, m in meant.items() if k != concept.key})
                assert less != whole, f"{pack.key}: {concept.key} changes nothing"
    assert packs.made(packs.pack("sugar").tags[0], {}) is None


def test_a_concept_is_proposed_by_names() -> None:
    among = [
        packs.Option("department", "GROCERY", 900),
        packs.Option("category_1", "BABY FOODS", 120),
        packs.Option("category_1", "BABYFOOD", 3),
        packs.Option("category_2", "BABY FOOD JARS", 20),
    ]
    [weaning] = [c for c in packs.pack("mother_baby").concepts if c.key == "weaning"]
    assert packs.proposed(weaning, among) == packs.Meant("category_1", ("BABY FOODS", "BABYFOOD"))
    assert packs.proposed(weaning, among[:1]) is None


def test_packs_are_told_in_english() -> None:
    said = {
        word for pack in packs.packs() for word in (pack.name, pack.about, *(c.name for c in pack.concepts))
    }
    said |= {
        s.says
        for pack in packs.packs()
        for tag in pack.tags
        for g in tag.definition.guesses
        for s in g.signals
    }
    assert said - WORDS.keys() == set()
