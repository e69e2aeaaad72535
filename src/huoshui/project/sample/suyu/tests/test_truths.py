"""Each planted truth is in the data as the truth file says, and not in the same world without it.

What is looked at is what the files are made of (orders, cards, readings), not the truth's own count of its deeds.
"""

from __future__ import annotations

import numpy as np
import pytest

from huoshui.project.sample.suyu import cards, selling
from huoshui.project.sample.suyu import catalogue as shelf
from huoshui.project.sample.suyu.festivals import COUNTY
from huoshui.project.sample.suyu.orders import DAY
from huoshui.project.sample.suyu.people import STORE
from huoshui.project.sample.suyu.plan import TRUTHS
from huoshui.project.sample.suyu.tests.worlds import Small, small


def test_1_the_recall_coupon_brings_eight_per_cent_more_orders() -> None:
    with_it, without = small(), small(1)
    said = with_it.shard.truths[1]
    treated, held = with_it.shard.recall.treated, with_it.shard.recall.held_out
    assert len(held) == round((len(held) + len(treated)) * 0.10)
    assert not set(held.tolist()) & set(treated.tolist())

    def orders_of(world: Small, people: np.ndarray) -> int:
        others = ~np.isin(world.shard.orders.origin, (4, 6, 8, 11))
        during = world.between(world.plan.womens_day, selling.RECALL_DAYS)
        return int((during & others & np.isin(world.shard.orders.person, people)).sum())

    more = orders_of(with_it, treated) - orders_of(without, treated)
    assert more == round(said["orders_without_coupon"] * 0.08) > 0
    assert orders_of(with_it, held) == orders_of(without, held)
    used = np.flatnonzero((with_it.shard.orders.coupon_no >= 0) & (with_it.shard.orders.origin != 9))
    assert len(used) >= more
    assert np.isin(with_it.shard.orders.person[used], treated).all()


def test_2_the_new_recipe_loses_tea_lovers_of_one_region_within_six_weeks() -> None:
    def after_to_before(world: Small, *, region: bool) -> float:
        people = world.shard.people
        fans = (people.tastes.argmax(1) == shelf.TEA) & (
            world.plan.places.in_region("华中")[people.store] == region
        )
        start = world.plan.day(world.plan.recipe)
        day = world.shard.orders.at[fans[world.shard.orders.person]] // DAY
        wave = selling.CHURN_DAYS
        return float((day >= start + wave).sum() / ((day < start) & (day >= start - 118 + wave)).sum())

    hit, spared = after_to_before(small(), region=True), after_to_before(small(2), region=True)
    assert hit < 0.65 * spared
    assert after_to_before(small(), region=False) == pytest.approx(
        after_to_before(small(2), region=False), rel=0.02
    )


def test_3_no_daily_nuts_where_wuhan_supplies_for_twelve_days() -> None:
    def nuts(world: Small, first: int) -> int:
        cities = np.array([s.city in ("武汉", "宜昌", "襄阳") for s in world.plan.places.stores])
        orders = world.shard.orders
        start = world.plan.day(world.plan.shortage) + first
        mine = (
            (orders.store >= 0)
            & cities[orders.store]
            & (orders.at // DAY >= start)
            & (orders.at // DAY < start + 12)
        )
        return int((world.of_lines(mine) & np.isin(orders.sku, shelf.DAILY_NUTS)).sum())

    assert nuts(small(), 0) == 0
    assert nuts(small(3), 0) > 3
    assert nuts(small(), -12) == nuts(small(3), -12) > 0
    assert small().plan.shortage.month == 9 and small().shard.truths[3]["days"] == 12


def test_4_one_dealer_opens_cards_of_others_customers_at_the_till() -> None:
    world = small()
    made, orders, people = world.shard.cards, world.shard.orders, world.shard.people
    mine = made.device_kind == cards.CHEAT
    assert len(np.unique(made.device[mine])) == 1
    dealer = int(made.device[mine][0])
    assert (world.plan.places.store_dealer[made.store[mine]] == dealer).all()
    earlier = 0
    for person, opened in zip(made.person[mine].tolist(), made.opened[mine].tolist(), strict=True):
        at = np.sort(orders.at[(orders.person == person)])
        assert 0 < at[at > opened][0] - opened < 600
        earlier += bool((at < opened).any())
    assert earlier / mine.sum() == pytest.approx(0.38, abs=0.02)
    assert people.is_member[made.person[mine]].all()

    assert not (small(4).shard.cards.device_kind == cards.CHEAT).any()


def test_5_the_new_product_takes_22_per_cent_from_fish_maw() -> None:
    def sold(world: Small, sku: int, *, after: bool) -> int:
        orders = world.shard.orders
        late = orders.at[orders.order] // DAY >= world.plan.day(world.plan.launch)
        return int(((orders.sku == sku) & (late == after)).sum())

    before, now = sold(small(5), shelf.FISH_MAW, after=True), sold(small(), shelf.FISH_MAW, after=True)
    assert 1 - now / before == pytest.approx(0.22, abs=0.005)
    gained = sold(small(), shelf.BIRDS_NEST, after=True) - sold(small(5), shelf.BIRDS_NEST, after=True)
    assert gained == before - now
    assert sold(small(), shelf.BIRDS_NEST, after=False) == 0


def test_6_nine_per_cent_of_city_members_buy_at_home_around_new_year() -> None:
    def share(world: Small) -> float:
        people, orders, places = world.shard.people, world.shard.orders, world.plan.places
        city = people.is_member & (people.channel == STORE) & (places.store_kind[people.store] != COUNTY)
        mine = world.between(world.plan.spring, 7) | world.between(
            world.plan.spring.fromordinal(world.plan.spring.toordinal() - 5), 5
        )
        at_county = (orders.store >= 0) & (places.store_kind[orders.store] == COUNTY)
        other = places.store_dealer[orders.store] != places.store_dealer[people.store[orders.person]]
        who = np.unique(orders.person[mine & at_county & other & city[orders.person]])
        return len(who) / int(city.sum())

    assert share(small()) == pytest.approx(0.09, abs=0.005)
    assert share(small(6)) < 0.005


def test_7_stores_with_few_new_hands_know_half_and_use_a_third() -> None:
    def known(world: Small) -> float:
        orders, people = world.shard.orders, world.shard.people
        few = world.plan.places.new_hands < 0.20
        store = (orders.channel == STORE) & (orders.origin == 0)
        named = people.is_known[orders.person]
        return float(named[store & few[orders.store]].mean() / named[store & ~few[orders.store]].mean())

    assert known(small()) == pytest.approx(0.5, abs=0.08)
    assert known(small(7)) == pytest.approx(1.0, abs=0.10)
    ratio = {n: small(*n).shard.truths[7] for n in ((), (7,))}
    used = {
        n: said["tool_uses_per_guide_low"] / said["tool_uses_per_guide_others"] for n, said in ratio.items()
    }
    assert used[()] == pytest.approx(1 / 3, abs=0.03)
    assert used[(7,)] == pytest.approx(1.0, abs=0.05)


def test_8_care_after_the_fat_has_risen_sells_more_and_calms() -> None:
    world, control = small(people=6_000), small(8, people=6_000)

    def bought(of: Small, group: str) -> float:
        people = of.places_of(of.shard.truths[8][group])
        orders = of.shard.orders
        shakes = np.isin(orders.person, people) & (orders.origin == 8)
        return len(np.unique(orders.person[shakes])) / len(people)

    assert bought(world, "contacted") / bought(world, "not_contacted") == pytest.approx(1.7, abs=0.15)
    assert bought(control, "contacted") / bought(control, "not_contacted") == pytest.approx(1.0, abs=0.1)
    said = world.shard.truths[8]
    rate = [
        said["complaints_contacted"] / said["people_contacted"],
        said["complaints_not_contacted"] / said["people_not_contacted"],
    ]
    assert 1 - rate[0] / rate[1] == pytest.approx(0.30, abs=0.1)


def test_8_the_scale_sees_two_points_in_fourteen_days_and_care_comes_within_72_hours() -> None:
    world = small(people=6_000)
    seen, said = world.shard.bodies, world.shard.truths[8]
    contact = dict(zip(seen.contacts[0].tolist(), seen.contacts[1].tolist(), strict=True))
    rises = []
    for person in world.places_of(said["contacted"]).tolist():
        mine = seen.person == person
        at, fat = seen.at[mine], seen.fat[mine]
        last = int(at[at <= contact[person]].max())
        assert contact[person] - last <= 72 * 3600
        window = (at >= last - 15 * DAY) & (at <= last)
        rises.append(float(fat[at == last][0] - fat[window][0]))
    assert np.median(rises) >= 2.0


def test_9_120_accounts_of_nine_devices_take_the_newcomers_coupon() -> None:
    world = small()
    made, orders = world.shard.cards, world.shard.orders
    mine = made.device_kind == cards.WOOL
    assert (int(mine.sum()), len(np.unique(made.device[mine]))) == (120, 9)
    theirs = np.isin(orders.person, made.person[mine])
    assert int(theirs.sum()) == 120 and (orders.coupon[theirs] == 2500).all()
    assert made.opened[mine].max() - made.opened[mine].min() < 4 * DAY
    others = np.unique(made.device[made.device_kind == cards.OWN_PHONE], return_counts=True)[1]
    assert others.max() == 1

    assert not (small(9).shard.cards.device_kind == cards.WOOL).any()


def test_10_one_tablet_signs_up_hundreds_and_families_give_one_phone() -> None:
    world, control = small(), small(10)

    def most(of: Small) -> int:
        made = of.shard.cards
        on_tablet = np.isin(made.device_kind, (cards.TABLET, cards.CROWDED))
        return int(
            np.bincount(made.device[on_tablet].astype(np.int64) + 1000 * made.device_kind[on_tablet]).max()
        )

    expected = min(400, len(world.shard.cards) // 10)
    assert most(world) == world.shard.truths[10]["sign_ups"] == expected
    assert most(control) < expected / 10
    shared = world.shard.cards.phone_of != world.shard.cards.person
    assert shared.sum() / len(shared) == pytest.approx(0.02, abs=0.001)
    assert not (control.shard.cards.phone_of != control.shard.cards.person).any()


def test_11_folic_acid_then_nuts_then_rice_cakes_within_five_to_fourteen_months() -> None:
    def mothers(world: Small) -> set[int]:
        orders = world.shard.orders
        first = {
            sku: dict(
                zip(
                    *_first(orders.person[orders.order], orders.at[orders.order], orders.sku == sku),
                    strict=True,
                )
            )
            for sku in (shelf.FOLIC, shelf.PREGNANCY_NUTS, shelf.RICE_CAKE)
        }
        folic, nuts, cake = first[shelf.FOLIC], first[shelf.PREGNANCY_NUTS], first[shelf.RICE_CAKE]
        return {
            p for p in folic.keys() & nuts.keys() & cake.keys()
            if folic[p] < nuts[p] < cake[p] and 150 * DAY <= cake[p] - folic[p] <= 425 * DAY
        }  # fmt: skip

    world = small()
    people = world.shard.people
    fit = people.is_member & people.is_woman & (people.age >= 24) & (people.age <= 38)
    found, chance = mothers(world), mothers(small(11))
    assert len(found - chance) / fit.sum() == pytest.approx(0.03, abs=0.006)
    assert len(chance) / fit.sum() < 0.012


def _first(person: np.ndarray, at: np.ndarray, mine: np.ndarray) -> tuple[list[int], list[int]]:
    rank = np.argsort(at[mine], kind="stable")
    who, place = np.unique(person[mine][rank], return_index=True)
    return who.tolist(), at[mine][rank][place].tolist()


def test_12_seven_per_cent_of_the_members_bring_31_per_cent_of_the_new() -> None:
    def shares(world: Small) -> tuple[float, float]:
        made = world.shard.cards
        new = made.opened > 60 * DAY
        supers = world.places_of(world.shard.truths[12]["members"])
        brought = np.isin(made.brought_by, supers)
        return len(supers) / len(made), float((brought & new).sum() / new.sum())

    assert shares(small()) == pytest.approx((0.07, 0.31), abs=0.01)
    assert shares(small(12))[1] < 0.10
    made = small().shard.cards
    opened = np.full(len(small().shard.people), 10**12)
    np.minimum.at(opened, made.person, made.opened)
    has = made.brought_by >= 0
    assert (opened[made.brought_by[has]] < made.opened[has]).all()


def test_13_one_month_has_nothing_in_it_but_the_week() -> None:
    world, control = small(), small(13)
    first = world.plan.flat
    start, end = world.plan.day(first), world.plan.day(first) + 30
    times = world.plan.calendar.times[:, start:end]
    weekday = (first.weekday() + np.arange(30)) % 7
    for day in range(7):
        assert np.ptp(times[:, weekday == day], axis=1).max() == 0
    assert not world.plan.calendar.boxes[start:end].any()
    weeks = [int(world.between(first.fromordinal(first.toordinal() + 7 * n), 7).sum()) for n in range(4)]
    assert max(weeks) < 1.3 * min(weeks)
    assert world.shard.truths[13] == {"planted": True, "month": f"{first:%Y-%m}"}
    assert control.shard.truths[13]["planted"] is False


def test_no_truth_shifts_what_the_others_are_made_of() -> None:
    """Each order that no truth made is in the world without any of the additions, too."""
    full, bare = small(), small(1, 4, 6, 9, 11)

    def base(world: Small) -> set[tuple[int, int]]:
        orders = world.shard.orders
        mine = orders.origin == 0
        return set(zip(orders.at[mine].tolist(), orders.person[mine].tolist(), strict=True))

    assert base(full) == base(bare)
    assert set(full.shard.truths) == set(TRUTHS)
