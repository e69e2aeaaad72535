"""What the rows come to, and why of each product, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import numpy as np

from huoshui.insight import words
from huoshui.insight.questions.next_product import offers
from huoshui.insight.questions.next_product.bought import REACH_DAYS, RECENT_DAYS, History
from huoshui.insight.questions.next_product.model import Model
from huoshui.insight.questions.next_product.offers import AGAIN, NEW, Liked, Offers

REASONS = {AGAIN: ("再买一次", "Buys again"), NEW: ("没买过，会想试", "Never had, may try")}


def reason(key: str, lang: str) -> str:
    return REASONS[key][lang == "en"]


def sentence(customers: int, tells_new: bool, found: Mapping[str, Offers], days: int, lang: str) -> str:
    again, new = found[AGAIN], found[NEW]
    if not tells_new:
        return _of_again_alone(customers, again, days, lang)
    buy, attempt = round(float(again.chance.sum())), round(float(new.chance.sum()))
    soon = int(again.is_soon.sum())
    if lang == "en":
        return (
            f"Of {customers:,} customers {len(again.person):,} have something they would take again and "
            f"{len(new.person):,} something new they may try. In the next {days} days about {buy:,} will buy the one "
            f"and {attempt:,} the other. {soon:,} are due within a week: see to them first."
        )
    everyone, some = words.counted(customers, "位顾客"), words.counted(len(again.person), "位")
    return (
        f"近 {REACH_DAYS} 天买过的 {everyone}里，{some}有一样多半会再买的，"
        f"{words.counted(len(new.person), '位')}有一样没买过、会想试的。"
        f"今后 {days} 天，预计 {buy:,} 位会再买、{attempt:,} 位会试新；"
        f"{words.counted(soon, '位')}一周内就到日子，先联系她们。"
    )


def _of_again_alone(customers: int, again: Offers, days: int, lang: str) -> str:
    buy, soon = round(float(again.chance.sum())), int(again.is_soon.sum())
    if lang == "en":
        return (
            f"Of {customers:,} customers {len(again.person):,} have something they would take again; in the next "
            f"{days} days about {buy:,} will. {soon:,} are due within a week. What they may try cannot be told yet."
        )
    return (
        f"近 {REACH_DAYS} 天买过的 {words.counted(customers, '位顾客')}里，"
        f"{words.counted(len(again.person), '位')}有一样多半会再买的，今后 {days} 天预计 {buy:,} 位会买；"
        f"{words.counted(soon, '位')}一周内就到日子。会想试什么，数据还少，看不出。"
    )


def sentence_of_one(count: int, soon: int, days: int, lang: str) -> str:
    if not count:
        return (
            f"From what she bought in the last {REACH_DAYS} days no next product can be told."
            if lang == "en"
            else f"从近 {REACH_DAYS} 天的购买里，看不出她下一件买什么。"
        )
    if lang == "en":
        return f"{count} things she is likeliest to buy in the next {days} days; {soon} of them are due within a week."
    return f"今后 {days} 天她最可能买的 {count} 样，其中 {soon} 样一周内就到日子。"


def why(model: Model, person: int, liked: Liked, names: Mapping[int, str], lang: str) -> str:
    """`names` by place in `skus`."""
    return (
        _why_new(model, person, liked.product, names, lang)
        if liked.pair is None
        else _why_again(model.known, liked.pair, lang)
    )


def _why_again(known: History, pair: int, lang: str) -> str:
    last = known.as_of - timedelta(days=int(known.age[pair]))
    times, gap = int(known.days[pair]), round(float(known.gap[pair]))
    if times > 1:
        return (
            f"Bought on {times} days, every {gap} days or so, last on {last}."
            if lang == "en"
            else f"买过 {times} 次，大约每 {gap} 天一次，上次是 {last}。"
        )
    of = known.product == known.product[pair]
    had, twice = int(of.sum()), int((of & (known.days > 1)).sum())
    return (
        f"Bought once, on {last}; of {had:,} people who had it {twice:,} took it again."
        if lang == "en"
        else f"{last} 买过一次；买过它的 {had:,} 位里有 {twice:,} 位再买过。"
    )


def _why_new(model: Model, person: int, product: int, names: Mapping[int, str], lang: str) -> str:
    known = model.known
    of = known.product == product
    lately = int((of & (known.age < RECENT_DAYS)).sum())
    first = int((of & (known.span < RECENT_DAYS)).sum())
    crowd = (
        f"{lately:,} people bought it in the last {RECENT_DAYS} days, {first:,} for the first time."
        if lang == "en"
        else f"近 {RECENT_DAYS} 天有 {lately:,} 位买了，其中 {first:,} 位是头一次。"
    )
    other = offers.beside(model, person, product)
    if other is None:
        return crowd
    return (
        f"Goes with “{names[other]}”, which she buys. {crowd}"
        if lang == "en"
        else f"常和她买的“{names[other]}”一起买。{crowd}"
    )


def median_days(within: np.ndarray[tuple[int], np.dtype[np.float64]]) -> int | None:
    told = within[~np.isnan(within)]
    return round(float(np.median(told))) if len(told) else None
