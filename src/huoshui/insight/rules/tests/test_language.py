"""Reading and saying rules: JSON, text, schema, sentences, refusals."""

from __future__ import annotations

from typing import Any

import pytest

from huoshui.insight.rules import api

BOUGHT = {"kind": "count", "of": {"kind": "facts", "name": "buy", "window": {"kind": "last", "days": 30}}}
TWICE = {"kind": "compare", "left": BOUGHT, "op": ">=", "right": 2}


def test_json_and_text_are_the_same_rule() -> None:
    rule = api.parse(TWICE)
    assert api.to_json(rule) == TWICE
    assert api.to_text(rule) == "count(buy last 30 days) >= 2"
    assert api.parse(api.to_text(rule)) == rule


def test_money_and_units_read_as_people_write_them() -> None:
    rule = api.parse("total(buy[units >= 1.5件] last 7 days) >= 200.5元 and average(buy, figure=units) < 3件")
    of: Any = api.to_json(rule)["of"]
    assert of[0]["right"] == 20050
    assert of[0]["left"]["of"]["where"][0]["number"] == 1500
    assert api.parse(api.to_text(rule)) == rule
    assert of[1] == {
        "kind": "compare",
        "left": {"kind": "average", "of": {"kind": "facts", "name": "buy"}, "figure": "units"},
        "op": "<",
        "right": 3000,
    }


def test_and_binds_tighter_than_or_and_brackets_are_kept() -> None:
    a, b, c = 'member("甲")', 'member("乙")', 'member("丙")'
    mixed, bracketed = api.parse(f"{a} or {b} and {c}"), api.parse(f"({a} or {b}) and {c}")
    assert api.to_text(mixed) == f"{a} or ({b} and {c})"
    assert api.to_text(bracketed) == f"({a} or {b}) and {c}"
    assert mixed != bracketed


def test_sentences() -> None:
    rule = api.parse('absent(buy[category_1 in ("零食", "坚果")] last 30 days) and known("tier") in ("金卡")')
    assert api.sentence(rule, "zh") == (
        "最近 30 天没有购买（大类是“零食”或“坚果”），并且会员等级是“金卡”的顾客。"
    )
    assert api.sentence(rule, "en") == (
        "Customers with no purchases (category, level 1 “零食” or “坚果”) in the last 30 days and whose tier is “金卡”."
    )


def wrong(**change: Any) -> dict[str, Any]:
    return {**TWICE, **change}


def facts(**change: Any) -> dict[str, Any]:
    return wrong(left={"kind": "count", "of": {"kind": "facts", "name": "buy", **change}})


REFUSED: dict[str, tuple[Any, str, str]] = {
    "unknown kind": ({"kind": "nope"}, "/kind", "不认识种类“nope”"),
    "kind out of place": (wrong(left={"kind": "all", "of": [TWICE]}), "/left/kind", "这里不能用“all”"),
    "unknown field": (wrong(colour=1), "/colour", "没有“colour”"),
    "missing field": ({"kind": "compare", "left": 1, "op": "="}, "", "缺少“right”"),
    "text for a number": (wrong(right="2"), "/right", "要写整数"),
    "truth for a number": (wrong(right=True), "/right", "要写整数"),
    "unknown operator": (wrong(op="~"), "/op", "不能是“~”"),
    "no list": ({"kind": "all", "of": TWICE}, "/of", "要写成列表"),
    "empty list": ({"kind": "any", "of": []}, "/of", "不能是空的"),
    "no such day": (
        facts(window={"kind": "between", "first": "2026-02-30"}),
        "/left/of/window/first",
        "日期“2026-02-30”看不懂",
    ),
    "ends before it begins": (
        facts(window={"kind": "between", "first": "2026-02-03", "last": "2026-02-01"}),
        "/left/of/window/last",
        "早于开始日期",
    ),
    "endless window": (facts(window={"kind": "between"}), "/left/of/window", "至少要写一个"),
    "window of no days": (facts(window={"kind": "last", "days": 0}), "/left/of/window/days", "天数要在"),
    "trait of no such fact": (
        facts(name="Scan", where=[{"kind": "has", "trait": "brand", "values": ["a"]}]),
        "/left/of/where/0/trait",
        "没有“brand”",
    ),
    "property of a purchase": (
        facts(where=[{"kind": "property", "name": "a", "values": ["a"]}]),
        "/left/of/where/0",
        "没有属性",
    ),
    "two numbers": ({"kind": "compare", "left": 1, "op": "=", "right": 1}, "", "不用比"),
    "first time ever": ({"kind": "first_time", "of": {"kind": "facts", "name": "buy"}}, "/of", "哪段时间"),
    "percent": (
        {"kind": "sample", "salt": "a", "first": 50, "until": 50},
        "/until",
        "百分比要在 51 到 100",
    ),
    "one step": (
        {"kind": "sequence", "steps": [{"kind": "facts", "name": "buy"}], "gap": 1},
        "/steps",
        "2 到 8 件",
    ),
    "no object": ("[]", "第 1 个字", "这里要写条件或数字"),
}


@pytest.mark.parametrize(("document", "place", "says"), REFUSED.values(), ids=REFUSED)
def test_refused_with_the_place(document: Any, place: str, says: str) -> None:
    with pytest.raises(api.BadRule) as refused:
        api.parse(document)
    assert refused.value.place == place
    assert says in refused.value.sentence


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("count(buy last 30 days) >=", "第 27 个字", "这里要写条件或数字，却没有了"),
        ("count(buy last 0 days) >= 1", "第 11 个字", "天数要在"),
        ("known(tier) = 1", "第 1 个字", "这里不能用“known”"),
        ("cuont(buy) >= 1", "第 1 个字", "不认识“cuont”"),
        ("count(buy) >= 1 & x", "第 17 个字", "看不懂“&”"),
        ("total(buy) >= 0.001元", "第 15 个字", "太细"),
        ('sample("a", 0, 10) sample', "第 20 个字", "应该已经结束"),
        ('member("甲") and absent(buy from 2026-02-02 to 2026-02-01)', "第 28 个字", "早于开始日期"),
    ],
)
def test_a_text_is_refused_at_its_column(text: str, place: str, says: str) -> None:
    with pytest.raises(api.BadRule) as refused:
        api.parse(text)
    assert (refused.value.place, says in refused.value.sentence) == (place, True), refused.value


def test_needs() -> None:
    rule = api.parse('count("Scan") > 1 and known("tier") in ("金卡") and member("甲")')
    needs = api.needs(rule)
    assert needs.incremental
    assert [set(each) for each in (needs.facts, needs.states, needs.segments)] == [{"Scan"}, {"tier"}, {"甲"}]
    assert not api.needs(api.parse("top(20, total(buy))")).incremental
    assert not api.needs(api.parse('sequence(["Scan", buy], 3)')).incremental


def test_a_very_deep_rule_is_refused_and_not_a_crash() -> None:
    document: Any = TWICE
    for _ in range(3000):
        document = {"kind": "not", "of": document}
    with pytest.raises(api.BadRule, match="规则太大"):
        api.parse(document)
    with pytest.raises(api.BadRule, match="规则太大"):
        api.parse("(" * 3000 + "member" + ")" * 3000)
