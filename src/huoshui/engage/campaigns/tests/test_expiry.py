"""A coupon that expires says so, before and when it does, once, to whoever holds it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM
from huoshui.engage.campaigns import api as campaigns
from huoshui.engage.campaigns import expiry
from huoshui.engage.campaigns.tests.shop import Shop, claimed, coupon, person, persons, template

pytestmark = pytest.mark.django_db

FACTS = sql.Statement(
    "facts",
    "select s.name, s.person_id, f.body ->> 'code' as code from settlement s"
    " join fact f on f.id = s.fact_id and f.occurred_at = s.occurred_at"
    " where s.name in ('Coupon Expired', 'Coupon Expiring') and s.state = 'settled' order by s.fact_id",
)


def told() -> list[tuple[str, int, str]]:
    return [(r.name, r.person_id, r.code) for r in sql.fetch(FACTS)]


def days(n: int, **rule: Any) -> int:
    return template(validity={"days": n}, **rule)


def later(n: float) -> datetime:
    return clock.now() + timedelta(days=n)


def expire(at: datetime) -> int:
    with time_machine.travel(at, tick=False):
        return campaigns.expire_due()


def test_when_it_expires_its_holder_has_a_fact_once() -> None:
    ann = person()
    code = claimed(days(1), ann)
    kept = claimed(template(), ann)
    assert expire(later(2)) == 1
    assert told() == [("Coupon Expired", ann, code)]
    assert (coupon(code).state, coupon(kept).state) == ("expired", "issued")
    assert expire(later(2)) == 0 and len(told()) == 1


def test_a_code_of_nobody_expires_in_silence() -> None:
    campaigns.print_codes(template_id=days(1), count=2, actor=SYSTEM)
    assert expire(later(2)) == 2
    assert told() == []


def test_what_was_used_does_not_expire() -> None:
    ann, shop = person(), Shop()
    code = claimed(days(5), ann)
    shop.sell(code, person=ann)
    assert expiry.notice(later(4)) == 0 and expire(later(9)) == 0
    assert told() == []


def test_before_it_ends_its_holder_is_told_once() -> None:
    ann = person()
    code = claimed(days(10), ann)
    assert expiry.notice(later(5)) == 0
    assert expiry.notice(later(8)) == 1
    assert expiry.notice(later(9)) == 0
    assert told() == [("Coupon Expiring", ann, code)]
    expire(later(12))
    assert [name for name, *_ in told()] == ["Coupon Expiring", "Coupon Expired"]


def test_one_that_was_short_from_the_start_needs_no_reminder() -> None:
    claimed(days(2), person())
    assert expiry.notice(later(0.5)) == 0


def test_2n_cost_no_more_queries_than_n() -> None:
    offered, counts = days(10), []
    for _ in range(2):
        for who in persons(4):
            claimed(offered, who)
    for limit in (2, 4):
        with CaptureQueriesContext(connection) as seen:
            assert expiry.notice(later(8), limit=limit) == limit
        counts.append(len(seen))
    assert counts[0] == counts[1]
    counts.clear()
    with time_machine.travel(later(12), tick=False):
        for limit in (2, 4):
            with CaptureQueriesContext(connection) as seen:
                assert campaigns.expire_due(limit=limit) == limit
            counts.append(len(seen))
    assert counts[0] == counts[1]
    assert len(told()) == 12
