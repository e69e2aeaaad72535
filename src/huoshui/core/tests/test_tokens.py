from __future__ import annotations

from collections.abc import Sequence
from time import monotonic

import pytest

from huoshui.core import tokens
from huoshui.core.tokens import Form, Fresh, Living, Recognised

FORM = Form("hs", 24)


class House:
    """Keys that live here, and what was asked of it."""

    def __init__(self) -> None:
        self.keys: dict[str, Living[str]] = {}
        self.asked: list[list[str]] = []
        self.noted: list[str] = []
        self.recognised = Recognised(FORM, self._living, self.noted.extend)

    def add(self, holder: str, *, is_use_unnoted: bool = False) -> Fresh:
        fresh = FORM.fresh()
        self.keys[fresh.prefix] = Living(fresh.secret_hash, holder, is_use_unnoted)
        return fresh

    def _living(self, prefixes: Sequence[str]) -> dict[str, Living[str]]:
        self.asked.append(list(prefixes))
        return {prefix: self.keys[prefix] for prefix in prefixes if prefix in self.keys}


@pytest.fixture
def house() -> House:
    return House()


def test_a_key_is_looked_up_once_and_again_when_what_is_known_is_old(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = house.add("till", is_use_unnoted=True)
    assert [house.recognised.holder_of(fresh.token) for _ in range(3)] == ["till"] * 3
    assert house.asked == [[fresh.prefix]] and house.noted == ["till"]
    del house.keys[fresh.prefix]
    assert house.recognised.holder_of(fresh.token) == "till"
    later = monotonic() + tokens.KNOWN_SECONDS
    monkeypatch.setattr(tokens, "monotonic", lambda: later)
    assert house.recognised.holder_of(fresh.token) is None


def test_who_was_not_let_in_is_not_remembered(house: House) -> None:
    fresh = house.add("till")
    living = house.keys.pop(fresh.prefix)
    assert house.recognised.holder_of(fresh.token) is None
    house.keys[fresh.prefix] = living
    assert house.recognised.holder_of(fresh.token) == "till"


def test_the_secret_decides(house: House) -> None:
    one, other = house.add("one"), house.add("other")
    secret = other.token.rpartition("_")[2]
    for wrong in (f"hs_{one.prefix}_{secret}", f"hsw{one.token[2:]}", one.token[:-1], "", "\ud800"):
        assert house.recognised.holder_of(wrong) is None
    assert house.noted == []


def test_what_is_forgotten_is_looked_up(house: House) -> None:
    fresh = house.add("till")
    assert house.recognised.holder_of(fresh.token)
    house.keys.clear()
    house.recognised.forget()
    assert house.recognised.holder_of(fresh.token) is None
