"""What a key may say, and what only the house does (ADR 0054). The attacks of whoever has a page's public write key."""

from __future__ import annotations

import pytest

from huoshui.core.actor import SYSTEM
from huoshui.core.errors import Refused
from huoshui.core.facts import names
from huoshui.intake.imports import api as imports
from huoshui.web.track.tests.conftest import Open, Site

pytestmark = pytest.mark.django_db(transaction=True)


def _told(*said: str) -> list[dict[str, str]]:
    return [{"type": "track", "event": name, "anonymousId": "z"} for name in said]


def test_nobody_borrows_a_name_of_the_house(site: Site) -> None:
    alike = ("bond  transferred", "ＢＯＮＤ Transferred", "Bo\u200bnd\u3000Transferred", " Tier Reached ")
    ours = sorted(names.OURS)
    found = site.verdicts(*_told(*ours, *alike))
    assert {(v["status"], v["code"]) for v in found} == {("rejected", "name_reserved")}
    assert "Bond Transferred" in found[ours.index("Bond Transferred")]["message"]
    ordinary = ("Bond_Transferred", "Coupon Viewed", "Points Viewed", "Code Scanned", "Member Joined")
    assert {v["status"] for v in site.verdicts(*_told(*ordinary))} == {"accepted"}


@pytest.mark.parametrize("name", ["huoshui", " Guide"])
def test_no_table_takes_the_name_of_a_source_of_ours(name: str) -> None:
    with pytest.raises(Refused, match="来源名"):
        imports.add_run([], source_name=name, actor=SYSTEM)


def test_of_persons_only_a_key_for_people_tells(open_site: Open) -> None:
    said = _told(*sorted(names.OF_PERSONS))
    refused = open_site("page", scopes=("events",)).verdicts(*said)
    assert {(v["code"], v["pointer"][-6:]) for v in refused} == {("key_may_not", "/event")}
    assert {v["status"] for v in open_site("shop", scopes=("people",)).verdicts(*said)} == {"accepted"}
