"""Whom a fact is about: pure decisions over a batch."""

from __future__ import annotations

from collections.abc import Mapping, Set

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoshui.core.phone import NotAPhone
from huoshui.people.identity import live, rules
from huoshui.people.identity.types import Assignment, Seen

MOST = rules.KINDS["phone"].most_links


def seen(
    fact_id: int,
    kind: str,
    key: str,
    person: int | None = None,
    *,
    links_made: int = 0,
    is_guarded: bool = False,
) -> Seen:
    known = person is not None or is_guarded
    return Seen(fact_id, kind, "", key, 1 if known else None, person, person, links_made, is_guarded)


def assign(*rows: Seen, held: Mapping[int, Set[rules.Held]] | None = None) -> Assignment:
    return rules.assign(rows, held or {})


def links(assignment: Assignment) -> list[tuple[int, int, str]]:
    return [(x.person_a, x.person_b, x.via[2]) for x in assignment.links]


class TestOneFact:
    def test_the_first_identifier_bears_a_person(self) -> None:
        found = assign(seen(1, "card_no", "c"))
        assert (found.person_of_fact, found.born) == ({1: -1}, {-1: 1})
        assert found.new_identifiers == {("card_no", "", "c"): (-1, 1)}

    def test_a_known_identifier_finds_its_person(self) -> None:
        found = assign(seen(1, "card_no", "c", 7))
        assert (found.person_of_fact, found.born, found.new_identifiers) == ({1: 7}, {}, {})

    def test_all_new_identifiers_of_a_fact_are_one_persons(self) -> None:
        found = assign(seen(1, "card_no", "c"), seen(1, "phone", "p"), seen(1, "phone", "q"))
        assert set(found.born) == {-1}
        assert {person for person, _ in found.new_identifiers.values()} == {-1}

    def test_another_kind_is_added_to_whom_is_known(self) -> None:
        found = assign(seen(1, "card_no", "c", 7), seen(1, "phone", "p"), held={7: {("card_no", "")}})
        assert found.person_of_fact == {1: 7}
        assert found.new_identifiers == {("phone", "", "p"): (7, 1)}
        assert not found.links

    def test_two_known_people_on_one_fact_are_linked(self) -> None:
        found = assign(seen(1, "card_no", "c", 7), seen(1, "phone", "p", 9))
        assert found.person_of_fact == {1: 9}, "the phone is trusted more"
        assert links(found) == [(9, 7, "c")]
        assert sorted(found.charged) == [("card_no", "", "c"), ("phone", "", "p")]

    def test_no_identifier_is_nobody(self) -> None:
        assert assign().person_of_fact == {}
        assert assign(seen(1, "phone", "p", is_guarded=True)).person_of_fact == {}


class TestAnotherOfAKind:
    def test_a_second_card_under_one_phone_is_another_person_linked_by_the_phone(self) -> None:
        found = assign(
            seen(1, "phone", "p", 7), seen(1, "card_no", "d"), held={7: {("phone", ""), ("card_no", "")}}
        )
        assert found.person_of_fact == {1: -1}
        assert found.new_identifiers == {("card_no", "", "d"): (-1, 1)}
        assert links(found) == [(-1, 7, "p")]
        assert found.charged == [("phone", "", "p")]

    def test_within_one_batch_too(self) -> None:
        found = assign(
            seen(1, "phone", "p"), seen(1, "card_no", "c"), seen(2, "phone", "p"), seen(2, "card_no", "d")
        )
        assert found.person_of_fact == {1: -1, 2: -2}
        assert links(found) == [(-2, -1, "p")]

    def test_whichever_of_a_clusters_ids_has_the_phone(self) -> None:
        """Else each id would take in one more human's card, and nobody would count what the phone joins."""
        known = [
            Seen(1, "phone", "", "p", 1, 9, 7, 0, is_guarded=False),
            Seen(1, "card_no", "", "d", None, None, None, 0, is_guarded=False),
        ]
        assert rules.beside_unknown(known) == {7}
        found = rules.assign(known, {7: {("card_no", "")}})
        assert (found.person_of_fact, links(found)) == ({1: -1}, [(-1, 9, "p")])
        assert found.charged == [("phone", "", "p")]

    def test_also_of_a_cluster_made_within_the_batch(self) -> None:
        found = assign(
            *(seen(1, "phone", "p"), seen(2, "card_no", "c"), seen(3, "phone", "p"), seen(3, "card_no", "c")),
            *(seen(4, "phone", "p"), seen(4, "card_no", "d")),
        )
        assert found.person_of_fact == {1: -1, 2: -2, 3: -1, 4: -3}
        assert links(found) == [(-1, -2, "c"), (-3, -1, "p")]

    def test_whoever_may_have_one_more_is_looked_up(self) -> None:
        rows = [
            seen(1, "phone", "p", 7),
            seen(1, "card_no", "d"),
            seen(2, "phone", "q", 8),
            seen(3, "card_no", "e", 9),
            seen(3, "device_id", "x"),
            seen(4, "card_no", "new"),
        ]
        assert rules.beside_unknown(rows) == {7}


class TestShared:
    def test_a_guides_phone_is_guarded_after_so_many_cards(self) -> None:
        rows = [row for n in range(9) for row in (seen(n, "phone", "guide"), seen(n, "card_no", f"c{n}"))]
        found = assign(*rows)
        assert len(found.links) == MOST
        assert found.newly_guarded == [(("phone", "", "guide"), MOST + 1)]
        assert len(set(found.person_of_fact.values())) == 9

    def test_also_where_all_cards_are_known(self) -> None:
        rows = [
            row
            for n in range(9)
            for row in (seen(n, "phone", "guide", 1), seen(n, "card_no", f"c{n}", 10 + n))
        ]
        found = assign(*rows)
        assert len(found.links) == MOST
        assert [name[2] for name, _ in found.newly_guarded] == ["guide"]
        assert [found.person_of_fact[n] for n in range(MOST, 9)] == [10 + n for n in range(MOST, 9)]

    def test_a_card_for_walk_ins_is_guarded_though_it_is_trusted_less(self) -> None:
        rows = [
            row
            for n in range(9)
            for row in (seen(n, "phone", f"p{n}", 10 + n), seen(n, "card_no", "shop", 1))
        ]
        found = assign(*rows)
        assert len(found.links) == MOST
        assert [name[2] for name, _ in found.newly_guarded] == ["shop"]

    def test_links_made_before_count(self) -> None:
        found = assign(
            seen(1, "phone", "p", 7, links_made=MOST),
            seen(1, "card_no", "d"),
            held={7: {("card_no", "")}},
        )
        assert found.newly_guarded == [(("phone", "", "p"), 1)]
        assert (found.person_of_fact, found.links) == ({1: -1}, [])

    def test_a_guarded_value_neither_finds_nor_links(self) -> None:
        found = assign(seen(1, "phone", "p", 7, is_guarded=True), seen(1, "card_no", "c", 9))
        assert (found.person_of_fact, found.links) == ({1: 9}, [])


class TestWeak:
    def test_a_device_finds_somebody_only_when_nothing_strong_is_there(self) -> None:
        assert assign(seen(1, "device_id", "d", 7)).person_of_fact == {1: 7}
        assert assign(seen(1, "device_id", "d", 7), seen(1, "card_no", "c", 9)).person_of_fact == {1: 9}

    def test_a_new_customer_on_a_known_device_is_a_new_person(self) -> None:
        found = assign(seen(1, "device_id", "d", 7), seen(1, "card_no", "c"))
        assert (found.person_of_fact, found.links) == ({1: -1}, [])
        assert found.new_identifiers == {("card_no", "", "c"): (-1, 1)}, "the device stays with its person"

    def test_it_never_joins_two_known_people(self) -> None:
        rows = [seen(1, "device_id", "d", 7), seen(1, "phone", "p", 9), seen(2, "device_id", "d", 7)]
        assert assign(*rows).links == []

    def test_it_may_bear_a_person_of_its_own(self) -> None:
        assert assign(seen(1, "device_id", "d")).born == {-1: 1}


class TestBlocked:
    @pytest.mark.parametrize(
        "value",
        ["13800138000", "+8613800138000", "13333333333", "11111111111", "12345678901", "13900000000", " "],
    )
    def test_numbers_people_make_up_name_nobody(self, value: str) -> None:
        assert live.is_blocked("phone", value)

    @pytest.mark.parametrize("value", ["13912345678", "+8613912345678", "13800138001"])
    def test_others_do(self, value: str) -> None:
        assert not live.is_blocked("phone", value)

    @pytest.mark.parametrize("value", ["", " ", "0", "0000", "NULL", "none", "无", " Test "])
    def test_nor_do_cards_that_say_nothing(self, value: str) -> None:
        assert live.is_blocked("card_no", value)

    @pytest.mark.parametrize("value", ["００００", "ｎｕｌｌ", "6222****1234", "138••••0001", "张●●"])
    def test_nor_do_wide_digits_and_what_is_masked(self, value: str) -> None:
        assert live.is_blocked("card_no", value)

    def test_a_value_is_kept_in_one_way(self) -> None:
        assert rules.plain("card_no", "Ａ－１") == rules.plain("card_no", "A-1")
        assert rules.plain("phone", "139 1234 5678") == "+8613912345678"
        assert rules.plain("email", " Wang@Example.CN ") == "wang@example.cn"
        assert rules.plain("card_no", " A-1 ") == "A-1"
        with pytest.raises(NotAPhone):
            rules.plain("phone", "139****5678")


PAIRS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda p: p[0] != p[1]), max_size=15)


def reachable(start: int, pairs: list[tuple[int, int]]) -> set[int]:
    found, front = {start}, [start]
    while front:
        person = front.pop()
        for a, b in pairs:
            for one, other in ((a, b), (b, a)):
                if one == person and other not in found:
                    found.add(other)
                    front.append(other)
    return found


@given(PAIRS)
def test_a_cluster_is_whoever_can_be_reached_and_its_id_the_smallest(pairs: list[tuple[int, int]]) -> None:
    assert rules.clusters(range(10), pairs) == {p: min(reachable(p, pairs)) for p in range(10)}


@given(PAIRS, st.integers(0, 9), st.integers(0, 9))
def test_a_path_leads_from_one_to_the_other_by_fewest_steps(
    pairs: list[tuple[int, int]], start: int, goal: int
) -> None:
    steps = rules.path(start, goal, [(n, a, b) for n, (a, b) in enumerate(pairs)])
    if start == goal or goal not in reachable(start, pairs):
        assert steps == []
        return
    at = start
    for step in steps:
        a, b = pairs[step]
        assert at in (a, b)
        at = b if at == a else a
    assert at == goal
    assert len(steps) == distance(start, goal, pairs)


def distance(start: int, goal: int, pairs: list[tuple[int, int]]) -> int:
    front, far = {start}, 0
    while goal not in front:
        front |= {b for a, b in pairs if a in front} | {a for a, b in pairs if b in front}
        far += 1
    return far


@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.sampled_from(["phone", "card_no", "openid"])), min_size=1, max_size=12
    )
)
def test_every_fact_with_a_usable_identifier_has_a_person(told: list[tuple[int, str]]) -> None:
    rows = [seen(n // 2, kind, f"{kind}{key}") for n, (key, kind) in enumerate(told)]
    found = assign(*rows)
    assert set(found.person_of_fact) == {row.fact_id for row in rows}
    assert set(found.new_identifiers) == {row.name for row in rows}


class TestVisitors:
    """A device is seen with nobody, until somebody signs in on it."""

    def test_whoever_is_first_known_on_a_device_is_its_visitor(self) -> None:
        rows = [seen(1, "account", "u"), seen(1, "device_id", "d", 7)]
        assert rules.perhaps_visitors(rows) == {7}
        found = rules.assign(rows, {}, {7})
        assert found.person_of_fact == {1: -1}
        assert links(found) == [(7, -1, "d")]
        assert found.charged == [("device_id", "", "d")]

    def test_also_when_both_are_known(self) -> None:
        found = rules.assign([seen(1, "account", "u", 8), seen(1, "device_id", "d", 7)], {}, {7})
        assert (found.person_of_fact, links(found)) == ({1: 8}, [(7, 8, "d")])

    def test_and_within_one_batch(self) -> None:
        found = assign(seen(1, "device_id", "d"), seen(2, "account", "u"), seen(2, "device_id", "d"))
        assert (found.person_of_fact, links(found)) == ({1: -1, 2: -2}, [(-1, -2, "d")])

    def test_the_next_to_sign_in_is_another(self) -> None:
        rows = [seen(1, "account", "v"), seen(1, "device_id", "d", 7, links_made=1)]
        assert rules.perhaps_visitors(rows) == set()
        assert links(rules.assign(rows, {}, {7})) == []
        both = assign(
            *(seen(1, "device_id", "d"), seen(2, "account", "u"), seen(2, "device_id", "d")),
            *(seen(3, "account", "v"), seen(3, "device_id", "d")),
        )
        assert links(both) == [(-1, -2, "d")]

    def test_a_device_of_somebody_known_joins_nobody(self) -> None:
        rows = [seen(1, "account", "v", 8), seen(1, "device_id", "d", 7)]
        assert links(rules.assign(rows, {}, set())) == []
        same = assign(
            *(seen(1, "account", "u"), seen(1, "device_id", "d")),
            *(seen(2, "account", "v"), seen(2, "device_id", "d")),
        )
        assert links(same) == []

    def test_two_devices_of_one_visitor_bring_him_home_once(self) -> None:
        found = assign(
            *(seen(1, "device_id", "d"), seen(1, "device_id", "e")),
            *(seen(2, "account", "u"), seen(2, "device_id", "d")),
            *(seen(3, "account", "v"), seen(3, "device_id", "e")),
        )
        assert links(found) == [(-1, -2, "d")]

    def test_a_guarded_device_joins_nobody(self) -> None:
        rows = [seen(1, "account", "u"), seen(1, "device_id", "d", 7, is_guarded=True)]
        assert rules.perhaps_visitors(rows) == set()
        assert links(rules.assign(rows, {}, {7})) == []

    def test_a_nickname_is_no_device(self) -> None:
        rows = [seen(1, "account", "u"), seen(1, "alias", "小王", 7)]
        assert rules.perhaps_visitors(rows) == set()
        assert links(rules.assign(rows, {}, {7})) == []
