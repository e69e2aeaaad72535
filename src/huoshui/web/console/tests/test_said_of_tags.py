"""What a timeline and a page say of tags and of who made them."""

from __future__ import annotations

import json

import pytest

from huoshui.core.actor import SYSTEM
from huoshui.web.console import words
from huoshui.web.console.contexts import doings, parties


@pytest.mark.parametrize(
    ("value", "said"), [("是", "周末购物"), ("", "周末购物"), (None, "周末购物"), ("狗", "周末购物 狗")]
)
def test_a_tag_on_the_timeline_is_named_with_its_value_unless_it_is_yes(value: str | None, said: str) -> None:
    for name in ("Tag Given", "Tag Taken"):
        assert doings._about(name, json.dumps({"tag": "周末购物", "value": value})) == said


def test_no_fact_of_a_tag_stands_raw_on_the_timeline() -> None:
    assert {"Tag Given", "Tag Taken"} <= set(words.DOINGS)


def test_the_product_itself_is_no_name_of_a_person() -> None:
    assert parties.by_name(SYSTEM.name) == "系统"
    assert parties.by_name("林小满") == "林小满"
