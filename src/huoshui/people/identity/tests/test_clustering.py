"""Everybody's clusters at once, against the rule for a few."""

from __future__ import annotations

import numpy as np
import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.people import api as people
from huoshui.people.identity import clustering, rules
from huoshui.people.identity.tests.meeting import clusters as stored
from huoshui.people.identity.tests.meeting import meet, new

pytestmark = pytest.mark.django_db

LINKS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 40)).filter(lambda x: x[0] != x[1]), max_size=60
)


def arrays(links: list[tuple[int, int]]) -> tuple[clustering.Ids, clustering.Ids]:
    told = np.array(links, np.int64).reshape(-1, 2)
    return told[:, 0], told[:, 1]


@given(LINKS)
def test_the_arrays_say_what_the_rule_says(links: list[tuple[int, int]]) -> None:
    wanted = rules.clusters(range(41), links)
    assert dict(enumerate(clustering.clusters(*arrays(links), 41).tolist())) == wanted
    persons, canonical = clustering.canonical(*arrays(links))
    assert dict(zip(persons.tolist(), canonical.tolist(), strict=True)) == {
        p: c for p, c in wanted.items() if p != c
    }


def test_a_long_chain_is_one_whichever_end_it_is_told_from() -> None:
    order = np.random.default_rng(5).permutation(9999)
    found = clustering.clusters(order + 1, order, 10_001)
    assert set(found[:10_000].tolist()) == {0} and found[10_000] == 10_000


@given(LINKS, LINKS)
def test_every_difference_is_told_and_none_else(
    one: list[tuple[int, int]], other: list[tuple[int, int]]
) -> None:
    stored, wanted = clustering.canonical(*arrays(one)), clustering.canonical(*arrays(other))
    there, here = (rules.clusters(range(41), links) for links in (one, other))
    assert clustering.differences(stored, wanted) == [
        (p, there[p], here[p]) for p in range(41) if there[p] != here[p]
    ]


def test_what_is_stored_is_held_against_the_links_and_mended() -> None:
    phone = new("phone")
    first, second = meet(new(), phone), meet(new(), phone)
    alone = meet(new())
    right = stored()
    assert right[second] == first and people.cluster_differences() == []

    sql.run(sql.Statement("", "delete from person_cluster where person_id = %(p)s"), p=second)
    sql.run(sql.Statement("", "insert into person_cluster values (%(p)s, %(c)s)"), p=alone, c=first)
    assert people.cluster_differences() == [(second, second, first), (alone, first, alone)]

    with transaction.atomic():
        assert people.mend_clusters(actor=SYSTEM) == 2
    assert people.cluster_differences() == [] and stored() == right
