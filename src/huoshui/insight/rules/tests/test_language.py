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


SAID = {
    "score(recency) >= 4": (
        "RFM“最近一次”得分（1 到 5）至少 4 的顾客。",
        "Customers whose RFM recency score (1 to 5) is at least 4.",
    ),
    'graded(grade) in ("high", "mid") and not graded(rfm) in ("important_value")': (
        "价值分层是“高”或“中”，并且不是“RFM 分类是“重要价值””的顾客。",
        "Customers whose value grade is “High” or “Mid” and not (whose RFM kind is “Champions”).",
    ),
    'balance("points") >= 1000 and balance("points@sea") < 5': (
        "积分余额至少 1,000，并且合作方“sea”的积分余额少于 5 的顾客。",
        'Customers whose points balance is at least 1,000 and whose balance of points of "sea" is less than 5.',
    ),
    'reached(["A", "B", buy], 7, without="C") = 2': (
        "按 “A” → “B” → 购买 的顺序（每两步相隔不超过 7 天，其间没有“C”）走到的步数等于 2 步的顾客。",
        'Customers whose furthest step in "A" → "B" → purchases (no more than 7 days from step to step, without "C" '
        "between them) is exactly 2.",
    ),
    "distance(31.2304度, 121.4737度) <= 3公里": (
        "住处到（31.2304, 121.4737）的距离不超过 3 公里的顾客。",
        "Customers whose distance from 31.2304, 121.4737 is at most 3 km.",
    ),
    "years_since(buy, 7)": (
        "第一次购买的周年在今天起 7 天内的顾客。",
        "Customers whose anniversary of the first purchases comes round within 7 days.",
    ),
    'count(buy[hour 22 to 6, weekday in (6, 7)] since "孕期") >= 1': (
        "从有标签“孕期”起购买（22 点到次日 6 点、周六、周日）的次数至少 1 次的顾客。",
        "Customers whose number of purchases (from 22:00 to 6:00 the next day, on Saturday or Sunday) since given the tag "
        '"孕期" is at least 1.',
    ),
    "total(buy last 30 days) > percent(150, total(buy last 30 days skip 30))": (
        "最近 30 天购买的总金额多于 30 天前的 30 天里购买的总金额的 150% 的顾客。",
        "Customers whose total amount of purchases in the last 30 days is more than 150% of total amount of purchases in "
        "the 30 days that ended 30 days ago.",
    ),
    "top(20, total(buy), within=which(most, store, buy last 365 days))": (
        "购买的总金额在同一最近 365 天最常购买的门店里排在最高的 20% 的顾客。",
        "Customers in the top 20% of the same store of the most frequent purchases in the last 365 days by total amount of "
        "purchases.",
    ),
    'known("bond.guide") in ("小丽") and score(recency) = 5': (
        "归属导购是“小丽”，并且 RFM“最近一次”得分（1 到 5）等于 5 的顾客。",
        "Customers whose guide is “小丽” and whose RFM recency score (1 to 5) is exactly 5.",
    ),
    'known("role.distributor") is known and known("consent.sms") in ("given")': (
        "身份“distributor”有记录，并且同意“sms”是“given”的顾客。",
        'Customers whose role "distributor" is known and whose consent to "sms" is “given”.',
    ),
}


@pytest.mark.parametrize(("text", "said"), SAID.items(), ids=SAID)
def test_each_way_to_ask_reads_back_and_is_said(text: str, said: tuple[str, str]) -> None:
    rule = api.parse(text)
    assert api.to_text(rule) == text
    assert api.parse(api.to_json(rule)) == rule
    assert (api.sentence(rule, "zh"), api.sentence(rule, "en")) == said


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
    "an hour of nothing": (
        facts(where=[{"kind": "hours", "first": 8, "until": 8}]),
        "/left/of/where/0/until",
        "同一个钟点",
    ),
    "an eighth day": (
        facts(where=[{"kind": "weekdays", "days": [1, 8]}]),
        "/left/of/where/0/days/1",
        "星期几",
    ),
    "a tag's own birth": (
        {"kind": "tagged", "tag": "a", "since": {"kind": "since", "tag": "a"}},
        "/since",
        "只能写在购买或动态里",
    ),
    "the first since a tag": (
        {
            "kind": "first_time",
            "of": {"kind": "facts", "name": "buy", "window": {"kind": "since", "tag": "a"}},
        },
        "/of",
        "哪段时间",
    ),
    "no such balance": (wrong(left={"kind": "balance", "unit": "gold"}), "/left/unit", "没有“gold”这种余额"),
    "beyond the pole": (
        wrong(left={"kind": "distance", "latitude": 91_000_000, "longitude": 0}),
        "/left/latitude",
        "纬度",
    ),
    "no percent": (
        wrong(left={"kind": "percent", "percent": 0, "of": BOUGHT}),
        "/left/percent",
        "百分比要在 1",
    ),
    "a percent of a number": (
        wrong(left={"kind": "percent", "percent": 5, "of": 3}),
        "/left/of",
        "要写成对象",
    ),
    "no such grade": (
        {"kind": "in", "what": {"kind": "graded", "by": "grade"}, "values": ["high", "best"]},
        "/values/1",
        "没有“best”这一类",
    ),
    "a year of a window": (
        {
            "kind": "years_since",
            "days": 7,
            "of": {"kind": "facts", "name": "buy", "window": {"kind": "last", "days": 9}},
        },
        "/of/window",
        "有史以来第一次",
    ),
    "a funnel of one": (
        wrong(left={"kind": "reached", "steps": [{"kind": "facts", "name": "buy"}], "gap": 1}),
        "/left/steps",
        "2 到 8 件",
    ),
    "half a character": ({"kind": "member", "segment": "a\ud83d"}, "/segment", "显示不出来"),
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
        ("total(buy) >= 3件", "第 15 个字", "请写“元”"),
        ("total(buy, figure=units) >= 30元", "第 29 个字", "请写“件”"),
        ("200元 <= count(buy)", "第 1 个字", "只写数字"),
        ("percent(count(buy), count(buy)) >= 20元", "第 36 个字", "只写数字"),
        ("count(buy last 3元 days) >= 1", "第 16 个字", "不带单位"),
        ("count(buy[amount >= 3件]) >= 1", "第 21 个字", "只能写“元”"),
        ('known("a\\u0000b") is known', "第 7 个字", "显示不出来"),
        ('known("attr.city") in ("\\ud83d")', "第 24 个字", "显示不出来"),
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
    for whole in ("score(monetary) = 5", "graded(rfm) is known", 'reached(["Scan", buy], 3) >= 1'):
        assert not api.needs(api.parse(whole)).incremental, whole
    told = api.needs(
        api.parse('balance("points") > 1 and count(buy since "孕期") > 1 and distance(1度, 2度) < 3公里')
    )
    assert (
        told.states == {"balance.points", "tag.孕期", "attr.latitude", "attr.longitude"} and told.incremental
    )


def test_a_very_deep_rule_is_refused_and_not_a_crash() -> None:
    document: Any = TWICE
    for _ in range(3000):
        document = {"kind": "not", "of": document}
    with pytest.raises(api.BadRule, match="规则太大"):
        api.parse(document)
    with pytest.raises(api.BadRule, match="规则太大"):
        api.parse("(" * 3000 + "member" + ")" * 3000)
