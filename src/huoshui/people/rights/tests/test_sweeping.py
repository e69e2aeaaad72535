"""Raw words of people who never agreed: kept for a week, in case she does, and then without what is sensitive."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest

from huoshui.core import clock, sql
from huoshui.core.tests.ground import statements
from huoshui.people.identity.tests.meeting import meet, new
from huoshui.people.profiles.catalogue import without_sensitive
from huoshui.people.rights import sweeping
from huoshui.people.rights.tests.test_sensitive import RAW, consent, kept, say

pytestmark = pytest.mark.django_db

_AGED = sql.Statement(
    "aged",
    "update fact set received_at = now() - %(days)s * interval '1 day'"
    " where id = %(id)s or received_at > now() - interval '1 hour'",
)
CLEAN = (without_sensitive(RAW), ["city"])
WHOLE = (RAW, ["city", "过敏史"])
WAITS = (RAW, ["city"])  # what it said of its person went at once


@pytest.fixture(autouse=True)
def turned_on(settings: Any) -> None:
    settings.HUOSHUI_SENSITIVE_ATTRIBUTES = True
    sql.run(sql.Statement("aged", "update fact set received_at = now() - interval '30 days'"))
    sweeping.take_unconsented()  # what other tests left


def told(card: tuple[str, str], *, days: float, name: str = "Identify") -> int:
    fact_id = say(card, name)
    sql.run(_AGED, id=fact_id, days=days)
    return fact_id


def test_a_week_later_who_never_agreed_is_cleaned_and_who_did_is_not() -> None:
    hers, others = new(), new()
    consent(meet(hers))
    first, theirs = told(hers, days=9), told(others, days=9)
    exam, fresh, after = told(others, days=8, name="疾病登记"), told(others, days=6), told(others, days=9)
    assert sweeping.take_unconsented() == {"动态原文里的敏感内容": 2, "敏感资料": 0}
    assert kept(first) == WHOLE
    assert kept(theirs) == CLEAN and kept(exam) == (None, ["city"])
    assert kept(fresh) == kept(after) == WAITS, "one after the other: what came behind a fresh one waits, too"
    assert set(sweeping.take_unconsented().values()) == {0}
    consent(meet(others))
    later = clock.now() + timedelta(days=2)
    with patch.object(clock, "now", lambda: later):
        assert set(sweeping.take_unconsented().values()) == {0}
    assert kept(fresh) == WAITS, "she agreed within the week"


def test_where_the_house_keeps_none_nobodys_is_kept(settings: Any) -> None:
    card = new()
    consent(meet(card))
    fact_id = told(card, days=8)
    settings.HUOSHUI_SENSITIVE_ATTRIBUTES = False
    assert sweeping.take_unconsented() == {"动态原文里的敏感内容": 1, "敏感资料": 1}
    assert kept(fact_id) == CLEAN


def test_slice_by_slice_and_no_question_more_for_more_facts(monkeypatch: pytest.MonkeyPatch) -> None:
    def cost(facts: int) -> int:
        ids = [told(new(), days=8) for _ in range(facts)]
        asked = statements(sweeping.take_unconsented)
        assert all(kept(one) == CLEAN for one in ids)
        return asked

    assert cost(2) == cost(6)
    monkeypatch.setattr(sweeping, "_FACTS", 2)
    ids = [told(new(), days=8) for _ in range(5)]
    assert sweeping.take_unconsented()["动态原文里的敏感内容"] == 5
    assert all(kept(one) == CLEAN for one in ids)
