"""The next product: for whom, and when.

Each customer has one thing she would take again and one she never had and may try, told from how she and others buy
(model.py): the chance that she buys it in the days to come is learned from the span just past. `person` asks for all of
hers. Held against popularity, own history and ALS in docs/next-product.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np

from huoshui.insight.given import BadQuestion, Given, Strings, require
from huoshui.insight.lake import Lake
from huoshui.insight.lines import canonical
from huoshui.insight.maths.fitting import NotFitted
from huoshui.insight.questions.next_product import offers, saying
from huoshui.insight.questions.next_product.bought import RECENT_DAYS, Places
from huoshui.insight.questions.next_product.model import FEWEST, Categories, Model, TooLittle
from huoshui.insight.questions.next_product.model import learned as learned_from
from huoshui.insight.questions.next_product.offers import Offers
from huoshui.insight.types import Answer, Cell, Column

NAME = "next"
LABEL_ZH, LABEL_EN = "下一件买什么", "The next product"

LISTED = 40

_WHAT = (
    Column("reason", "为什么", "Reason", "dimension"),
    Column("reason_name", "为什么", "Reason", "text"),
    Column("product", "商品", "Product", "dimension"),
    Column("product_name", "商品名称", "Product name", "text"),
)
COLUMNS = (
    *_WHAT,
    Column("people", "顾客数", "Customers", "count", opens=True),
    Column("share", "顾客占比", "Share of customers", "share"),
    Column("chance", "平均会买的可能", "Average chance", "share"),
    Column("buyers", "预计会买的人数", "Buyers expected", "count"),
    Column("soon", "一周内到日子", "Due within a week", "count"),
    Column("within", "一般在几天后", "Usually in so many days", "days"),
)
OF_ONE = (
    *_WHAT,
    Column("chance", "会买的可能", "Chance", "share"),
    Column("due_day", "大约哪天", "About when", "date"),
    Column("why", "凭什么这么说", "Why", "text"),
)


@dataclass(frozen=True)
class Params:
    """`days`: how far ahead; as many before `as_of` teach. `person`: hers alone, any id of hers."""

    as_of: date | None = None
    days: int = RECENT_DAYS
    person: int | None = None
    limit: int = LISTED
    lang: str = "zh"

    @classmethod
    def parse(cls, strings: Strings) -> Params:
        given = Given(strings)
        params = cls(
            as_of=given.day("as_of"),
            days=given.number("days", at_least=7, at_most=90) or RECENT_DAYS,
            person=given.number("person", at_least=1, at_most=2**62),
            limit=given.number("limit", at_least=1, at_most=100_000) or LISTED,
            lang=given.lang(),
        )
        given.done()
        return params


@dataclass(frozen=True)
class Learned:
    """What the answer and the people behind it stand on, without what taught it: rows of offers are places in `ids`, `skus`."""

    as_of: date
    ids: Places
    skus: Places
    offers: dict[str, Offers]
    tells_new: bool


def result(lake: Lake, params: Params) -> Answer:
    if params.person is not None:
        model = _model(lake, params)
        day = model.known.as_of
        told: dict[str, Any] = {"as_of": day, "days": params.days, "customers": len(model.known.ids)}
        hers = _rows_of_one(lake, model, params)
        soon = sum(1 for row in hers if row["due_day"] and (row["due_day"] - day).days <= offers.SOON_DAYS)
        said = saying.sentence_of_one(len(hers), soon, params.days, params.lang)
        return Answer(OF_ONE, tuple(hers), NAME, said, lake.fresh_at, told)
    learned, found = _learned(lake, params), _offers(lake, params)
    rows = _rows(lake, learned, found, params)
    told = {"as_of": learned.as_of, "days": params.days, "customers": len(learned.ids)}
    told |= {"left_out": _products(found) - len(rows), "tells_new": learned.tells_new}
    for kind, one in found.items():
        told[f"{kind}_people"], told[f"{kind}_buyers"] = len(one.person), round(float(one.chance.sum()))
        told[f"{kind}_soon"] = int(one.is_soon.sum())
    said = saying.sentence(len(learned.ids), learned.tells_new, found, params.days, params.lang)
    return Answer(COLUMNS, tuple(rows), NAME, said, lake.fresh_at, told)


def people(lake: Lake, params: Params, cell: Cell) -> ir.Table:
    """Cell keys: reason, product (its code), when (`soon` for those who are due within a week), person."""
    for name, text in cell.items():
        require(name, ("reason", "product", "when", "person"), "维度")
        if name == "reason":
            require(text, {key: zh for key, (zh, _en) in saying.REASONS.items()}, "原因")
        elif name == "when":
            require(text, {"soon": "一周内"}, "时间")
        elif name == "person" and (not text.isascii() or not text.isdigit() or len(text) > 18):
            raise BadQuestion(f"顾客编号是数字，现在是“{text}”。")
    learned = _learned(lake, params)
    places = _meant(lake, learned.skus, _offers(lake, params), cell)
    ids = [int(learned.ids[place]) for place in places]
    # asked each time: offers are remembered, and some may have said no since
    left_alone = lake.unprofiled(ids)
    ids = [one for one in ids if one not in left_alone]
    if wanted := cell.get("person") or (params.person and str(params.person)):
        ids = [one for one in ids if one == _canonical(lake, int(wanted))]
    # joined since it was learned, they are one
    found = ibis.memtable({"person_id": ids}, schema={"person_id": "int64"})
    return canonical(found, lake).select("person_id").distinct()


def _meant(lake: Lake, skus: Places, found: Mapping[str, Offers], cell: Cell) -> list[int]:
    """Places of the people whose next thing is in this cell."""
    sku = _sku(lake, cell["product"]) if "product" in cell else None
    meant: set[int] = set()
    for key, one in found.items():
        if cell.get("reason", key) != key:
            continue
        which = np.ones(len(one.person), dtype=bool)
        if sku is not None:
            which &= skus[one.product] == sku
        if "when" in cell:
            which &= one.is_soon
        meant.update(one.person[which].tolist())
    return sorted(meant)


def _model(lake: Lake, params: Params) -> Model:
    """For one person's things; learned once for each state of the lake."""
    day = params.as_of or lake.ended_day()
    try:
        model: Model = lake.once(
            (NAME, "model", day, params.days), lambda: learned_from(lake, day, params.days, categories(lake))
        )
        return model
    except TooLittle as few:
        raise BadQuestion(
            f"Only {few.found} purchases of the last {params.days} days can teach what is bought next; "
            f"it takes {FEWEST}."
            if params.lang == "en"
            else f"近 {params.days} 天里能看出规律的购买才 {few.found} 次，"
            f"满 {FEWEST} 次才算得出下一件买什么。等数据多一些再看。"
        ) from None
    except NotFitted:
        raise BadQuestion(
            "These purchases follow no pattern from which the next can be told. Take a later day."
            if params.lang == "en"
            else "从这些购买里看不出规律，算不出下一件买什么。请把日期往后取。"
        ) from None


def _learned(lake: Lake, params: Params) -> Learned:
    """Of days that have ended, learned once a day: nobody's next thing turns within hours."""
    day = params.as_of or lake.ended_day()

    def learn() -> Learned:
        model = _model(lake, params)
        known = model.known
        return Learned(known.as_of, known.ids, known.skus, offers.best(model), model.new is not None)

    found: Learned = lake.daily((NAME, day, params.days), learn)
    return found


def _offers(lake: Lake, params: Params) -> dict[str, Offers]:
    """Less those who will not have guesses made about themselves now."""
    learned = _learned(lake, params)
    found: dict[str, Offers] = lake.once(
        (NAME, "offers", learned.as_of, params.days),
        lambda: offers.allowed(learned.offers, learned.ids, lake.unprofiled(learned.ids.tolist())),
    )
    return found


def _rows(lake: Lake, learned: Learned, found: Mapping[str, Offers], params: Params) -> list[dict[str, Any]]:
    rows = [
        (key, int(product), mine)
        for key, one in found.items()
        for product in np.unique(one.product)
        if len(mine := np.flatnonzero(one.product == product))
    ]
    rows.sort(key=lambda row: (-float(found[row[0]].chance[row[2]].sum()), row[0], row[1]))
    rows = rows[: params.limit]
    named = _named(lake, learned.skus, [product for _key, product, _mine in rows])
    return [
        {
            **_what(key, product, named, params.lang),
            "people": len(mine),
            "share": len(mine) / len(learned.ids),
            "chance": float(found[key].chance[mine].mean()),
            "buyers": round(float(found[key].chance[mine].sum())),
            "soon": int(found[key].is_soon[mine].sum()),
            "within": saying.median_days(found[key].within[mine]),
        }
        for key, product, mine in rows
    ]


def _rows_of_one(lake: Lake, model: Model, params: Params) -> list[dict[str, Any]]:
    known = model.known
    place = np.flatnonzero(known.ids == _canonical(lake, params.person or 0))
    if not len(place) or lake.unprofiled([int(known.ids[place[0]])]):
        return []
    person = int(place[0])
    hers = offers.likeliest(model, person)
    beside = [offers.beside(model, person, one.product) for one in hers if one.pair is None]
    named = _named(lake, known.skus, [*(one.product for one in hers), *(b for b in beside if b is not None)])
    names = {place: name for place, (_code, name) in named.items()}
    return [
        {
            **_what(offers.NEW if one.pair is None else offers.AGAIN, one.product, named, params.lang),
            "chance": one.chance,
            "due_day": None if np.isnan(one.within) else known.as_of + timedelta(days=int(one.within)),
            "why": saying.why(model, person, one, names, params.lang),
        }
        for one in hers
    ]


def _what(key: str, product: int, named: Mapping[int, tuple[str, str]], lang: str) -> dict[str, Any]:
    code, name = named[product]
    return {
        "reason": key,
        "reason_name": saying.reason(key, lang),
        "product": code,
        "product_name": name,
    }


def _products(found: Mapping[str, Offers]) -> int:
    return sum(len(np.unique(one.product)) for one in found.values())


def _named(lake: Lake, all_skus: Places, products: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Code and name of places in `skus`; a product that is on no list is called by its number."""
    skus = {place: int(all_skus[place]) for place in products}
    table = lake.products.filter(lake.products.sku_id.isin(sorted({*skus.values()})))
    known = {
        row["sku_id"]: (row["code"], row["name"] or row["code"])
        for row in lake.rows(table.select("sku_id", "code", "name"))
    }
    return {place: known.get(sku, (str(sku), str(sku))) for place, sku in skus.items()}


def _sku(lake: Lake, code: str) -> int:
    found = lake.rows(lake.products.filter(lake.products.code == code).select("sku_id"))
    if not found:
        raise BadQuestion(f"没有编码是“{code}”的商品。")
    return int(found[0]["sku_id"])


def _canonical(lake: Lake, person_id: int) -> int:
    found = lake.rows(lake.persons.filter(lake.persons.person_id == person_id).select("canonical_id"))
    return int(found[0]["canonical_id"]) if found else person_id


def categories(lake: Lake) -> Categories:
    """The finest level each product has; products of none are a category together."""
    levels = ("category_3", "category_2", "category_1")
    rows = lake.rows(lake.products.select("sku_id", *levels))
    finest = {row["sku_id"]: next((row[level] for level in levels if row[level]), "") for row in rows}
    number = {name: n for n, name in enumerate(sorted({"", *finest.values()}))}

    def of(skus: Places) -> Places:
        return np.array([number[finest.get(int(sku), "")] for sku in skus], dtype=np.int64)

    return of
