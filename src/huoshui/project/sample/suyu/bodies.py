"""Body scales in flagship stores, and planted truth ⑧: who is cared for when the fat goes up buys more, complains less."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from huoshui.project.sample.suyu import catalogue as shelf
from huoshui.project.sample.suyu import orders as selling
from huoshui.project.sample.suyu.festivals import FLAGSHIP
from huoshui.project.sample.suyu.orders import DAY, Orders
from huoshui.project.sample.suyu.people import People
from huoshui.project.sample.suyu.plan import Plan
from huoshui.project.sample.suyu.selling import Said, only_of, visits_at

DAYS, RISE, RISE_DAYS, WITHIN_HOURS, AFTER_DAYS = 150, 2.0, 14, 72, 30
BUYS, TIMES, COMPLAINS, FEWER = 0.24, 1.7, 0.20, 0.30


@dataclass(frozen=True)
class Bodies:
    """Readings one row each; `contacts` and `complaints` are (person, second)."""

    at: np.ndarray
    person: np.ndarray
    store: np.ndarray
    weight: np.ndarray
    fat: np.ndarray
    contacts: np.ndarray
    complaints: np.ndarray


def scales(
    plan: Plan, random: Generator, people: People, base: Orders
) -> tuple[Bodies, Orders, Orders, Said]:
    """What the scales saw, the base less 代餐 in the weeks that count, the orders of those weeks, and the truth."""
    members = np.flatnonzero(people.is_member)
    count = min(max(round(len(members) * 0.012), 300), len(members) // 10)
    who = np.sort(random.permutation(members)[:count])
    rises = np.sort(random.permutation(count)[: round(count * 0.4)])
    day = plan.calendar.days - random.integers(60, 110, len(rises))
    cared = np.zeros(len(rises), bool)
    cared[random.permutation(len(rises))[: len(rises) // 2]] = True
    rate = np.where(cared & plan.has(8), TIMES, 1.0)
    buyers = _chosen(random, cared, BUYS * rate)
    sad = _chosen(random, cared, COMPLAINS * np.where(cared & plan.has(8), 1 - FEWER, 1.0))
    person = who[rises]
    made = visits_at(
        random, people, person[buyers], day[buyers] + random.integers(3, AFTER_DAYS, int(buyers.sum()))
    )
    part = selling.compose(
        random, made, people, plan.places, plan.calendar, launch=plan.day(plan.launch), origin=8
    )
    part.back_after[:] = 0
    bought = only_of(part, shelf.SHAKE)
    base.sku[_of_these_weeks(base, person, day)] = shelf.PROTEIN_BAR
    contacts = _moments(random, person[cared], day[cared] * DAY, (0.5, WITHIN_HOURS - 12.0))
    complaints = _moments(random, person[sad], day[sad] * DAY, (80.0, 24.0 * AFTER_DAYS))
    bodies = _readings(plan, random, people, who, rises, day, contacts, complaints)
    return bodies, base, bought, _said(plan, people, person, cared, buyers, sad)


def _chosen(random: Generator, cared: np.ndarray, rate: np.ndarray) -> np.ndarray:
    """Exactly that share of either group."""
    found = np.zeros(len(cared), bool)
    for group in (np.flatnonzero(cared), np.flatnonzero(~cared)):
        if len(group):
            found[random.permutation(group)[: round(len(group) * float(rate[group[0]]))]] = True
    return found


def _of_these_weeks(base: Orders, person: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Lines of 代餐 that would blur the comparison."""
    start = {int(p): int(d) for p, d in zip(person, day, strict=True)}
    lines = np.flatnonzero((base.sku == shelf.SHAKE) & np.isin(base.person[base.order], person))
    when, whose = base.at[base.order[lines]] // DAY, base.person[base.order[lines]]
    first = np.array([start[int(p)] for p in whose], np.int64)
    found: np.ndarray = lines[(when >= first) & (when <= first + AFTER_DAYS)]
    return found


def _moments(
    random: Generator, person: np.ndarray, after: np.ndarray, hours: tuple[float, float]
) -> np.ndarray:
    at = after + (random.uniform(*hours, len(person)) * 3600).astype(np.int64)
    return np.stack([person.astype(np.int64), at])


def _readings(
    plan: Plan, random: Generator, people: People, who: np.ndarray, rises: np.ndarray, day: np.ndarray,
    contacts: np.ndarray, complaints: np.ndarray,
) -> Bodies:  # fmt: skip
    """Each steps on the scale of a flagship store twice a week or so."""
    step = random.gamma(4.0, 1.1, (len(who), DAYS // 3))
    days = plan.calendar.days - DAYS + np.cumsum(step, axis=1)
    up = np.full(len(who), 1e9)
    up[rises] = day - RISE_DAYS
    fat = random.normal(29, 4, len(who))[:, None] + random.normal(0, 0.18, days.shape)
    fat = np.clip(fat + np.clip((days - up[:, None]) / (RISE_DAYS - 1), 0, 1) * (RISE + 0.4), 12, 50)
    # The last reading before the moment itself shows the rise, so that whoever looks after her can know
    nearest = np.abs(days[rises] - (day[:, None] - 0.2)).argmin(axis=1)
    days[rises, nearest] = day - 0.2
    weight = np.clip(random.normal(62, 9, len(who)), 42, 110)[:, None] + (fat - fat[:, :1]) * 0.6
    keep = (days < plan.calendar.days - 0.1) & (days >= plan.calendar.days - DAYS)
    flagships = np.flatnonzero(plan.places.store_kind == FLAGSHIP)
    store = flagships[people.number[who] % len(flagships)]
    at = (np.floor(days) * DAY + (9.5 + (days % 1) * 11) * 3600).astype(np.int64)
    order = np.argsort(at[keep], kind="stable")
    whose = np.broadcast_to(who[:, None], days.shape)[keep][order]
    where = np.broadcast_to(store[:, None], days.shape)[keep][order]
    return Bodies(
        at[keep][order],
        whose,
        where,
        weight[keep][order].round(1),
        fat[keep][order].round(1),
        contacts,
        complaints,
    )


def _said(
    plan: Plan, people: People, person: np.ndarray, cared: np.ndarray, buyers: np.ndarray, sad: np.ndarray
) -> Said:
    return {
        "planted": plan.has(8), "rise_points": RISE, "rise_days": RISE_DAYS, "contact_within_hours": WITHIN_HOURS,
        "after_days": AFTER_DAYS, "times": TIMES, "fewer_complaints": FEWER,
        "people_contacted": int(cared.sum()), "people_not_contacted": int((~cared).sum()),
        "bought_contacted": int((buyers & cared).sum()), "bought_not_contacted": int((buyers & ~cared).sum()),
        "complaints_contacted": int((sad & cared).sum()), "complaints_not_contacted": int((sad & ~cared).sum()),
        "contacted": people.number[person[cared]].tolist(), "not_contacted": people.number[person[~cared]].tolist(),
    }  # fmt: skip
