"""Customers: where and how they buy, what they like, how often, and whether anybody knows who they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.random import Generator

from huoshui.project.sample.suyu import catalogue as shelf
from huoshui.project.sample.suyu.places import Places
from huoshui.project.sample.suyu.seeds import generator

STORE, MINI, TMALL, DOUYIN, JD, FLASH, XHS = range(7)
CHANNELS: Final = ("门店", "小程序", "天猫", "抖音", "京东", "闪购", "小红书")
SHARES: Final = np.array([0.611, 0.129, 0.09, 0.07, 0.05, 0.04, 0.01])
"""Of the customers; as some members change between store and mini program, orders come out as DEMO.md says."""
KNOWN: Final = np.array([0.58, 1.0, 0.0, 0.08, 1.0, 0.08, 1.0])
"""Share of each channel's customers whom the brand can tell apart. 天猫 names no buyer, 京东 and 小红书 an account."""
PER_PERSON: Final = float((SHARES * KNOWN).sum())

ONE_OFF, OCCASIONAL, REGULAR = range(3)
_KINDS: Final = (0.34, 0.41, 0.25)
_SPENDING: Final = np.array([7, 4, 5, 4, 4, 3.5, 3, 2.5, 2, 0.25, 0.04])
"""Of the categories in a basket, on the whole."""


@dataclass
class People:
    """One row each; strings of a member stand in the files only."""

    channel: np.ndarray
    store: np.ndarray
    """The usual store; also of whoever buys online the nearest one."""
    kind: np.ndarray
    gap: np.ndarray
    """Days between two purchases, on a normal calendar."""
    tastes: np.ndarray
    """people × categories"""
    favourite: np.ndarray
    """people × categories: the product preferred in each"""
    is_woman: np.ndarray
    age: np.ndarray
    is_known: np.ndarray
    number: np.ndarray
    """Unique across all shards; phone, card and accounts are made of it."""

    def __len__(self) -> int:
        return len(self.channel)

    @property
    def is_member(self) -> np.ndarray:
        """Known by phone; accounts of platforms are not members."""
        found: np.ndarray = self.is_known & ~np.isin(self.channel, (JD, XHS))
        return found


def draw(
    seed: int, shard: int | str, count: int, first_number: int, places: Places, capture: np.ndarray
) -> People:
    """`count` customers of whom about `count * PER_PERSON` can be told apart. `capture`: per store × the usual share."""
    random = generator(seed, "people", shard)
    channel = random.choice(len(SHARES), count, p=SHARES).astype(np.int8)
    store = _stores(random, count, places)
    kind = random.choice(3, count, p=_KINDS).astype(np.int8)
    tastes, favourite = _tastes(random, count)
    main = tastes[:, : shelf.GIFTS].argmax(1)
    is_woman = random.random(count) < np.where(main == shelf.MOTHERS, 0.95, 0.72)
    age = _ages(random, main)
    return People(
        channel, store, kind, _gaps(random, kind, main), tastes, favourite, is_woman, age,
        _known(seed, shard, channel, store, capture), first_number + np.arange(count),
    )  # fmt: skip


def _stores(random: Generator, count: int, places: Places) -> np.ndarray:
    weights = places.weights
    return random.choice(len(weights), count, p=weights / weights.sum()).astype(np.int16)


def _tastes(random: Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Everybody likes few things much: gamma weights below one. Within a category, one product is the favourite."""
    likes = (
        random.gamma(np.where(_SPENDING > 1, 0.55, 1.0), 1.0, (count, len(_SPENDING))).astype(np.float32)
        + 0.01
    )
    tastes = likes * _SPENDING.astype(np.float32)
    is_mother = random.random(count) < 0.09
    tastes[:, shelf.MOTHERS] *= np.where(is_mother, 12, 0.12).astype(np.float32)
    tastes /= tastes.sum(1, keepdims=True)
    favourite = np.empty((count, len(_SPENDING)), np.int16)
    for category in range(len(_SPENDING)):
        sold = np.flatnonzero(category == shelf.CATEGORY_OF)
        favourite[:, category] = sold[random.choice(len(sold), count, p=popularity(len(sold)))]
    return tastes, favourite


def popularity(products: int) -> np.ndarray:
    weights = 1 / np.arange(1, products + 1) ** 0.7
    found: np.ndarray = weights / weights.sum()
    return found


def _gaps(random: Generator, kind: np.ndarray, main: np.ndarray) -> np.ndarray:
    """The cycle of what one mostly buys, and one's own pace around it."""
    cycle = np.maximum(shelf.CYCLES[main], 20)
    pace = np.where(
        kind == REGULAR, random.gamma(6.0, 1.2 / 6.0, len(kind)), random.gamma(3.0, 4.2 / 3.0, len(kind))
    )
    found: np.ndarray = np.clip(cycle * pace, 6, 400).astype(np.float32)
    return found


def _ages(random: Generator, main: np.ndarray) -> np.ndarray:
    age = np.clip(random.normal(37, 11, len(main)), 18, 78)
    mothers = main == shelf.MOTHERS
    age[mothers] = np.clip(random.normal(30, 4, int(mothers.sum())), 21, 42)
    return age.astype(np.int16)


def _known(
    seed: int, shard: int | str, channel: np.ndarray, store: np.ndarray, capture: np.ndarray
) -> np.ndarray:
    luck = generator(seed, "known", shard).random(len(channel))
    chance = KNOWN[channel]
    at_store = channel == STORE
    chance[at_store] = np.minimum(KNOWN[STORE] * capture[store[at_store]], 1.0)
    found: np.ndarray = luck < chance
    return found
