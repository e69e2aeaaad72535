"""What Spark is told is what DuckDB would be; that it finds the same pairs is `make proof LAW=matching`."""

from __future__ import annotations

import random

import duckdb
import pyarrow as pa
import sqlglot

from huoshui.people.matching import likeness, rules
from huoshui.people.matching.sparking import spoken

_SYLLABLES = ("wang", "li", "zhang", "ouyang", "xiao", "ming", "wei", "zi", "中山", "路", "12", "-3", "1990")


def pairs(count: int) -> list[tuple[str, str]]:
    dice = random.Random(7)

    def text() -> str:
        return "".join(dice.choice(_SYLLABLES) for _ in range(dice.randint(0, 4)))

    def slipped(word: str) -> str:
        letters = list(word)
        for _ in range(dice.randint(0, 3)):
            at = dice.randrange(len(letters) + 1)
            match dice.randrange(3):
                case 0:
                    letters[at : at + 2] = reversed(letters[at : at + 2])
                case 1:
                    letters[at : at + 1] = []
                case _:
                    letters.insert(at, dice.choice("ang山1"))
        return "".join(letters)

    found = []
    for _ in range(count):
        one = text()
        found.append((one, slipped(one) if dice.random() < 0.7 else text()))
    return found


def test_likeness_is_duckdbs_to_the_last_figure() -> None:
    asked = pairs(4_000)
    told = pa.table({"a": [a for a, _ in asked], "b": [b for _, b in asked]})
    con = duckdb.connect()
    con.register("told", told)
    rows = con.execute(
        "select a, b, jaro_winkler_similarity(a, b), damerau_levenshtein(a, b) from told"
    ).fetchall()
    assert [(likeness.jaro_winkler(a, b), likeness.edits(a, b)) for a, b, _, _ in rows] == [
        (alike, edits) for _, _, alike, edits in rows
    ]
    assert likeness.jaro_winkler(None, "a") is None and likeness.edits("a", None) is None


def test_every_condition_can_be_said_to_spark_and_names_only_what_it_has() -> None:
    has = {
        "jarowinkler_similarity",
        "damerau_levenshtein",
        "arrays_overlap",
    }  # ours, and what sqlglot does not know
    for comparison in rules.COMPARISONS:
        for condition in (comparison.unknown, *(x.sql for x in comparison.levels if x.sql != "else")):
            said = sqlglot.parse_one(spoken(condition), read="spark")
            unknown = {f.name.lower() for f in said.find_all(sqlglot.exp.Anonymous)}
            assert unknown <= has, condition
            assert "&&" not in spoken(condition)
    assert spoken("list_has_any(stores_l, stores_r)") == "ARRAYS_OVERLAP(stores_l, stores_r)"
    assert "tails_l[0]" in spoken("coalesce(hint_tail_l, tails_l[1])")
