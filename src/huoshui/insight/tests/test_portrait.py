from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest
from scipy.stats import chi2_contingency, fisher_exact

from huoshui.insight.given import BadQuestion
from huoshui.insight.lake import Lake
from huoshui.insight.questions import portrait
from huoshui.insight.questions.portrait.chance import Counts, p_value, significant
from huoshui.insight.tests.lake_fixture import small_lake
from huoshui.insight.tests.test_groups import lines_of
from huoshui.insight.tests.worlds import PRODUCTS, UNITS

DAY = date(2025, 6, 30)


def state(person: int, key: str, value: str, day: int = 1) -> dict[str, Any]:
    return {
        "person_id": person,
        "key": f"attr.{key}",
        "value": value,
        "at": datetime(2025, 1, day, tzinfo=UTC),
        "seq": day,
    }


def town() -> Lake:
    """Forty people: 1–20 buy nuts at S1 and are women, 21–40 buy jerky at S2 and are men; 31–40 said nothing."""
    lines, said = [], []
    for person in range(1, 41):
        first = person <= 20
        lines += lines_of(
            person, [DAY], 1_000 * person, sku_id=1 if first else 3, org_unit_id=2 if first else 3
        )
        if person <= 30:
            said += [state(person, "gender", "女" if first else "男"), state(person, "name", f"顾客{person}")]
        said += [state(person, "birthday", f"{1980 + person % 2 * 10}-05-01")]
    return small_lake(order_lines=lines, state_now=said, products=PRODUCTS, org_units=UNITS)


def ask(lake: Lake, **strings: Any) -> Any:
    return portrait.result(lake, portrait.Params.parse(strings))


def opened(lake: Lake, at: Mapping[str, str], /, **strings: Any) -> set[int]:
    params = portrait.Params.parse(strings)
    return set(lake.run(portrait.people(lake, params, at)).column("person_id").to_pylist())


def test_shares_are_of_those_whose_value_is_known() -> None:
    lake, ids = town(), ",".join(str(person) for person in range(1, 16))
    answer = ask(lake, people=ids)
    told = {(row["attribute"], row["value"]): row for row in answer.rows}
    women = told["attr.gender", "女"]
    assert (women["people"], women["share"], women["everyone"]) == (15, 1.0, 20)
    assert women["base_share"] == pytest.approx(20 / 30)
    assert (women["tgi"], women["attribute_name"]) == (150, "性别")
    assert women["significant"]
    assert told["home_store", "S1"]["value_name"] == "一店"
    assert told["buys", "零食"]["people"] == 15
    assert told["age", "40–49"]["everyone"] == told["age", "30–39"]["everyone"] == 20
    assert not any(attribute in ("attr.name", "attr.birthday") for attribute, _value in told)
    assert answer.extra | {"people": 15, "everyone": 40} == answer.extra
    assert answer.sentence.startswith("这群人 15 人，比全部顾客突出的是：")


def test_every_row_opens_into_as_many_people() -> None:
    lake, strings = town(), {"attribute": "gender=女"}
    answer = ask(lake, **strings)
    assert opened(lake, {}, **strings) == set(range(1, 21))
    assert "attr.gender" not in {row["attribute"] for row in answer.rows}
    for row in answer.rows:
        assert len(opened(lake, answer.cell(row), **strings)) == row["people"]


def test_groups_come_from_other_questions() -> None:
    lake = town()
    assert opened(lake, {}, grade="high") == set(range(33, 41))
    assert opened(lake, {}, of="sales", cell="store=S1,day=2025-06-30", by="store,day") == set(range(1, 21))
    assert opened(lake, {}, recency="1", monetary="5") == set(range(33, 41))
    assert opened(lake, {}, frequency="low", frequency_cut="2", ticket_cut="1") == set(range(1, 41))
    assert opened(lake, {}, grade="high", attribute="birthday=1980-05-01") == {34, 36, 38, 40}


def test_the_latest_word_of_a_merged_person_holds() -> None:
    said = [
        state(1, "city", "杭州"),
        state(2, "city", "上海", day=5),
        *(state(n, "city", "杭州") for n in range(3, 15)),
    ]
    lake = small_lake(state_now=said, persons=[{"person_id": 2, "canonical_id": 1}])
    assert opened(lake, {}, attribute="city=上海") == {1}
    assert opened(lake, {}, people="2") == {1}
    assert len(opened(lake, {}, attribute="city=杭州")) == 12


def test_a_group_too_small_to_tell_is_refused() -> None:
    with pytest.raises(portrait.TooFew, match="只有 3 位，少于 10 位"):
        ask(town(), people="1,2,3")


@pytest.mark.parametrize(
    ("strings", "said"),
    [
        ({}, "要说明看哪群人"),
        ({"of": "weather", "cell": "a=b"}, "不认识问题“weather”"),
        ({"cell": "store=1"}, "用 of 说明"),
        ({"grade": "high", "segment": "important_value"}, "一次只能看一个问题里的人"),
        ({"people": "小明"}, "不是数字"),
        ({"attribute": "gender"}, "名称=取值"),
        ({"people": "1", "colour": "red"}, "不认识的参数“colour”"),
    ],
)
def test_what_cannot_be_understood_is_refused(strings: dict[str, str], said: str) -> None:
    with pytest.raises(BadQuestion, match=said):
        portrait.Params.parse(strings)


def test_a_cell_needs_both_its_keys() -> None:
    for cell in ({"attribute": "attr.gender"}, {"gender": "女"}):
        with pytest.raises(BadQuestion):
            opened(town(), cell, grade="high")


def test_p_is_that_of_the_textbook() -> None:
    table = [[60, 40], [90, 160]]
    known = chi2_contingency(table, correction=False).pvalue
    assert p_value(Counts(60, 100, 90, 250)) == pytest.approx(known)
    for group_has, group, rest_has, rest in (
        (3, 4, 1, 4),
        (0, 30, 9, 700),
        (4, 500, 0, 900_000),
        (12, 12, 3, 9),
    ):
        exact = fisher_exact([[group_has, group - group_has], [rest_has, rest - rest_has]]).pvalue
        assert p_value(Counts(group_has, group, rest_has, rest)) == pytest.approx(exact)
    assert p_value(Counts(5, 10, 0, 0)) is None
    assert p_value(Counts(10, 10, 30, 30)) == 1.0


def test_of_random_groups_hardly_any_is_called_different() -> None:
    draw = random.Random(3)
    called = 0
    for _ in range(200):
        counts = [Counts(_hits(draw, 100), 100, _hits(draw, 400), 400) for _ in range(20)]
        called += any(significant([p_value(c) for c in counts]))
    assert called / 200 < 0.08


def _hits(draw: random.Random, people: int) -> int:
    return sum(draw.random() < 0.3 for _ in range(people))


def test_a_planted_difference_is_found(journey: Lake) -> None:
    answer = ask(journey, grade="high")
    told = {(row["attribute"], row["value"]): row for row in answer.rows}
    assert told["spending", "5"]["significant"]
    assert told["spending", "5"]["tgi"] > 400
    row = answer.rows[0]
    assert len(opened(journey, answer.cell(row), grade="high")) == row["people"]
