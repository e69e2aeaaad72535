"""Two hundred bodies that wish us ill: nothing falls over, and every answer says where and why."""

from __future__ import annotations

import json
import logging

import pytest

from huoshui.core import sql
from huoshui.intake.river.api import sweep
from huoshui.intake.tracking import api as tracking
from huoshui.web.track.tests.conftest import Site
from huoshui.web.track.tests.hostile import bodies

BODIES = 200
GOOD = {"type": "track", "event": "Good", "userId": "good"}


@pytest.mark.parametrize("seed", [1, 2])
def test_hostile_bodies_are_answered_with_code_and_place(
    site: Site, seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    statuses: dict[int, int] = {}
    with caplog.at_level(logging.ERROR):
        for body, headers in bodies(BODIES // 2, seed=seed):
            response = site.post("batch", body, **headers)  # type: ignore[arg-type]  # headers are text
            told = json.loads(response.content)
            statuses[response.status_code] = statuses.get(response.status_code, 0) + 1
            if response.status_code == 200:
                assert all(v["code"] and v["message"] for v in told["verdicts"] if v["status"] == "rejected")
                wrong = [v for v in told["verdicts"] if v["status"] == "rejected" and "pointer" not in v]
                assert not wrong, wrong
            else:
                assert 400 <= response.status_code < 500, (body[:300], told)
                assert told["code"] and told["message"]
    assert not caplog.records
    assert statuses[200] > 20 and statuses[400] > 10  # they are not all refused at the door
    assert site.verdicts(GOOD)[0]["status"] == "accepted"
    sweep()
    left = sql.fetch_one(
        sql.Statement("left", "select count(*) as n from settlement where state = 'received'")
    )
    assert left.n == 0


def test_what_was_set_aside_of_them_can_be_opened(site: Site) -> None:
    for body, headers in bodies(BODIES // 4, seed=3):
        site.post("batch", body, **headers)  # type: ignore[arg-type]  # headers are text
    found = tracking.set_aside(limit=500)
    assert found
    assert all(tracking.open_one(one.id).text is not None for one in found)
