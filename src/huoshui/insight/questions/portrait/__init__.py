"""Portrait: what a group is like, against everyone.

The group is a cell of another question (`of` and `cell`; a grade, a frequency and ticket, an RFM score or segment
by their own names), a list of person ids, people with stated attributes, or all of these at once. A share is of
those whose value is known; TGI = 100 × share in the group ÷ share of everyone. `significant`: more than chance,
after Benjamini and Hochberg over all rows. The attributes that define the group are left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import ModuleType
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from huoshui.core.errors import Refused
from huoshui.insight import words
from huoshui.insight.given import BadQuestion, Given, Strings, require
from huoshui.insight.lake import Lake
from huoshui.insight.lines import canonical
from huoshui.insight.questions import grade, groups, rfm, sales, today
from huoshui.insight.questions.portrait.chance import Counts, p_value, significant
from huoshui.insight.questions.portrait.values import STATED, known, label, latest, value_name
from huoshui.insight.types import Answer, Cell, Column, in_order

NAME = "portrait"
LABEL_ZH, LABEL_EN = "人群画像", "Portrait"

SOURCES: Mapping[str, ModuleType] = {module.NAME: module for module in (sales, today, rfm, groups, grade)}
# Cell keys that say by themselves which question they belong to
SHORT = {
    "grade": "grade", "frequency": "groups", "ticket": "groups", "kind": "groups",
    "segment": "rfm", "recency": "rfm", "monetary": "rfm",
}  # fmt: skip
FEWEST = 10
ALL = ("", "")
# A value that fewer people have than this says nothing of anybody.
FEWEST_WITH_VALUE = 5

COLUMNS = (
    Column("attribute", "特征", "Attribute", "dimension"),
    Column("value", "取值", "Value", "dimension"),
    Column("attribute_name", "特征", "Attribute", "text"),
    Column("value_name", "取值", "Value", "text"),
    Column("people", "这群人里", "In the group", "count", opens=True),
    Column("share", "这群人占比", "Share of the group", "share"),
    Column("everyone", "全部顾客里", "Of everyone", "count"),
    Column("base_share", "全部顾客占比", "Share of everyone", "share"),
    Column("tgi", "TGI 指数", "TGI", "ratio"),
    Column("significant", "不是巧合", "More than chance", "text"),
    Column("p_value", "巧合的可能", "p", "ratio"),
)


class TooFew(Refused):
    """这群人太少，看不出特点。"""

    code = "too_few_people"


@dataclass(frozen=True)
class Params:
    of: str = ""
    of_params: Any = None
    cell: tuple[tuple[str, str], ...] = ()
    ids: tuple[int, ...] = ()
    attributes: tuple[tuple[str, str], ...] = ()
    as_of: date | None = None
    lang: str = "zh"

    @classmethod
    def parse(cls, strings: Strings) -> Params:
        given = Given(strings)
        lang, as_of = given.lang(), given.day("as_of")
        cell = dict(_pair(text) for text in _split(given.many("cell")))
        cell |= {name: given.text(name) for name in SHORT if given.text(name)}
        of = _source(given.text("of"), cell)
        ids = tuple(_person_id(text) for text in given.listed("people"))
        stated = (_pair(text) for text in _split(given.many("attribute")))
        attributes = tuple((STATED + name.removeprefix(STATED), value) for name, value in stated)
        if not (of or ids or attributes):
            raise BadQuestion(
                "要说明看哪群人：分层 grade、频次 frequency 和客单 ticket、"
                "顾客编号 people、属性 attribute，或者 of 加 cell。"
            )
        rest: dict[str, Any] = dict(given.rest()) if of else {}
        if of and as_of and of not in ("sales", "today"):
            rest["as_of"] = str(as_of)
        given.done()
        of_params = SOURCES[of].Params.parse(rest) if of else None
        return cls(of, of_params, tuple(cell.items()), ids, attributes, as_of, lang)


def result(lake: Lake, params: Params) -> Answer:
    day = params.as_of or lake.newest_day()
    counted = {(row["attribute"], row["level"]): row for row in lake.rows(_counted(lake, params, day))}
    whole = counted.get(ALL, {"people": 0, "everyone": 0})
    heads = whole["people"]
    if heads < FEWEST:
        raise TooFew(f"这群人只有 {heads} 位，少于 {FEWEST} 位，看不出特点，也容易认出是谁。")
    stores = {row["code"]: row["name"] for row in lake.rows(lake.org_units.select("code", "name"))}
    rows = _judged(counted, params, stores)
    return Answer(
        question=NAME,
        columns=COLUMNS,
        rows=tuple(rows),
        sentence=_sentence(rows, heads, params.lang),
        fresh_at=lake.fresh_at,
        extra={"as_of": day, "people": heads, "everyone": whole["everyone"]},
    )


def people(lake: Lake, params: Params, cell: Cell) -> ir.Table:
    """Cell keys: attribute and value, together; none opens the whole group."""
    group = _group(lake, params)
    for name in cell:
        require(name, {"attribute": "特征", "value": "取值"}, "维度")
    if not cell:
        return group
    if len(cell) != 2:
        raise BadQuestion("看人要同时说明特征 attribute 和取值 value。")
    values = known(lake, params.as_of or lake.newest_day())
    having = values.filter((_.attribute == cell["attribute"]) & (_.value == cell["value"]))
    return group.semi_join(having, "person_id")


def _source(of: str, cell: Mapping[str, str]) -> str:
    named = {SHORT[name] for name in cell if name in SHORT}
    if of:
        require(of, {name: module.LABEL_ZH for name, module in SOURCES.items()}, "问题")
        return of
    if len(named) > 1:
        raise BadQuestion("一次只能看一个问题里的人，频次客单、分层和 RFM 不能混在一起。")
    if cell and not named:
        raise BadQuestion("给了 cell，还要用 of 说明是哪个问题里的人。")
    return named.pop() if named else ""


def _split(texts: Sequence[str]) -> list[str]:
    """'a=1,b=2' is two; a comma inside a value stays."""
    return [part for text in texts for part in re.split(r"[,，](?=[\w.]+=)", text)]


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise BadQuestion(f"“{text}”看不懂，请写成 名称=取值，比如 grade=high。")
    return name.strip(), value.strip()


def _person_id(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise BadQuestion(f"顾客编号“{text}”不是数字。")
    return int(text)


def _everyone(lake: Lake) -> ir.Table:
    """Of a part of what was sold, who bought there: nothing is said of others' customers."""
    everyone = lake.persons.select(person_id=ibis.coalesce(_.canonical_id, _.person_id)).distinct()
    if not lake.is_part:
        return everyone
    return everyone.semi_join(canonical(lake.order_lines.select("person_id"), lake), "person_id")


def _group(lake: Lake, params: Params) -> ir.Table:
    table = _everyone(lake)
    if params.of:
        chosen = SOURCES[params.of].people(lake, params.of_params, dict(params.cell))
        table = table.semi_join(chosen, "person_id")
    if params.ids:
        given = lake.persons.filter(_.person_id.isin(params.ids))
        table = table.semi_join(canonical(given.select("person_id"), lake), "person_id")
    for key, value in params.attributes:
        said = latest(lake, lake.state_now.key == key).filter(_.value == value)
        table = table.semi_join(said, "person_id")
    return table


def _counted(lake: Lake, params: Params, day: date) -> ir.Table:
    """People by attribute and level (a value; null: with any), in the group and in all; ALL is everyone."""
    attribute, level = ALL
    everyone = _everyone(lake).mutate(attribute=ibis.literal(attribute), value=ibis.literal(level))
    told = known(lake, day)
    values = (told.semi_join(everyone, "person_id") if lake.is_part else told).union(everyone)
    inside = _group(lake, params).mutate(inside=True)
    both = values.left_join(inside, "person_id").drop("person_id_right")
    levels = both.mutate(level=ibis.array([both.value, ibis.null("string")])).unnest("level")
    return levels.aggregate(
        by=["attribute", "level"],
        everyone=_.person_id.nunique(),
        people=_.person_id.nunique(where=_.inside.coalesce(False)),
    )


def _judged(
    counted: Mapping[tuple[str, str | None], Mapping[str, Any]], params: Params, stores: Mapping[str, str]
) -> list[dict[str, Any]]:
    rows = []
    defining = {"", *(name for name, _value in params.attributes)}
    for (attribute, level), row in counted.items():
        base = counted[attribute, None]
        if attribute in defining or level is None or not base["people"]:
            continue
        if row["everyone"] >= FEWEST_WITH_VALUE:
            rows.append(_row(row, base, stores, params.lang))
    for row, sure in zip(rows, significant([row["p_value"] for row in rows]), strict=True):
        row["significant"] = sure
    return [in_order(row, COLUMNS) for row in sorted(rows, key=_most_telling)]


def _most_telling(row: Mapping[str, Any]) -> tuple[bool, float, str, str]:
    """By how many more or fewer of the group it is true of, not by TGI: that is largest for the rarest."""
    return not row["significant"], -abs(row["share"] - row["base_share"]), row["attribute"], row["value"]


def _row(
    row: Mapping[str, Any], base: Mapping[str, Any], stores: Mapping[str, str], lang: str
) -> dict[str, Any]:
    attribute, value = row["attribute"], row["level"]
    share, base_share = row["people"] / base["people"], row["everyone"] / base["everyone"]
    rest_has, rest = row["everyone"] - row["people"], base["everyone"] - base["people"]
    named = stores.get(value, value) if attribute == "home_store" else value_name(attribute, value, lang)
    return {
        "attribute": attribute,
        "value": value,
        "attribute_name": label(attribute, lang),
        "value_name": named,
        "people": row["people"],
        "share": share,
        "everyone": row["everyone"],
        "base_share": base_share,
        "tgi": round(100 * share / base_share),
        "p_value": p_value(Counts(row["people"], base["people"], rest_has, rest)),
    }


def _sentence(rows: Sequence[Mapping[str, Any]], heads: int, lang: str) -> str:
    sure = [row for row in rows if row["significant"] and row["tgi"] > 100][:3]
    who = words.counted(heads, "people" if lang == "en" else "人", lang)
    if not sure:
        return (
            f"{who}: no difference beyond chance."
            if lang == "en"
            else f"这群人 {who}，和全部顾客没有说得准的差别。"
        )
    if lang == "en":
        told = ", ".join(f"{row['attribute_name']} {row['value_name']} (TGI {row['tgi']})" for row in sure)
        return f"{who}, unlike everyone in: {told}."
    told = "、".join(f"{row['attribute_name']} {row['value_name']}（TGI {row['tgi']}）" for row in sure)
    return f"这群人 {who}，比全部顾客突出的是：{told}。"
