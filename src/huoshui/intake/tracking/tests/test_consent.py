"""What sites tell of consent, and events set aside that name somebody erased."""

from __future__ import annotations

from huoshui.core import clock, sql
from huoshui.core.subscribers import Erased
from huoshui.intake.river.api import sweep
from huoshui.intake.tracking import erasing
from huoshui.intake.tracking.tests.test_river import Doors, doors
from huoshui.people import api as people

__all__ = ["doors"]

_ASIDE = sql.Statement("aside", "select count(*) as n from tracked_aside")


def test_consent_of_somebody_known_goes_through_the_river(doors: Doors) -> None:
    door = doors()
    phone = {"phone": "13912345678"}
    door.identified(userId="u1", traits=phone)
    sweep()
    door.tracked("Consent Given", userId="u1", properties={"purpose": "marketing", "channel": "sms"})
    person = people.find("phone", "13912345678")
    assert person is not None
    noon = clock.now().replace(hour=4)

    def code() -> str:
        return people.may_send([person], channel="sms", purpose="marketing", at=noon)[person].code

    sweep()
    assert code() == ""
    wish = {"consent": {"categoryPreferences": {"Advertising": False}}}
    door.tracked("Segment Consent Preference Updated", userId="u1", context=wish)
    sweep()
    assert code() == "withdrawn"


def test_an_event_set_aside_that_names_the_erased_goes(doors: Doors) -> None:
    door = doors()
    for phone in ("13911110001", "13911110002"):
        door.tracked("X" * 500, userId="", properties={"phone": phone})
    before = sql.fetch_one(_ASIDE).n
    assert before == 2
    erasing.erase(Erased((), frozenset({"13911110001"})))
    assert sql.fetch_one(_ASIDE).n == 1
