from __future__ import annotations

import pytest
from django.db import transaction

from huoshui.core.remember import Remembered, forget


class Town:
    """Who lives where, and who was asked for."""

    def __init__(self) -> None:
        self.lives = {"a": 1, "b": 2}
        self.asked: list[list[str]] = []

    def find(self, keys: list[str]) -> dict[str, int]:
        self.asked.append(keys)
        return {key: self.lives[key] for key in keys if key in self.lives}


@pytest.mark.django_db(transaction=True)
class TestRemembered:
    def test_what_was_there_is_asked_for_once_and_what_was_not_each_time(self) -> None:
        town = Town()
        known = Remembered(town.find, seconds=None)
        assert known.of(["a", "x"]) == {"a": 1}
        assert known.of(["a", "x"]) == {"a": 1}
        assert town.asked == [["a", "x"], ["x"]]
        town.lives["x"] = 3
        assert known.of(["x"]) == {"x": 3}

    def test_a_change_is_noticed_when_the_time_is_over(self, monkeypatch: pytest.MonkeyPatch) -> None:
        town, now = Town(), [100.0]
        monkeypatch.setattr("huoshui.core.remember.monotonic", lambda: now[0])
        known = Remembered(town.find, seconds=1)
        known.of(["a"])
        town.lives["a"] = 9
        now[0] += 0.9
        assert known.of(["a"]) == {"a": 1}
        now[0] += 0.2
        assert known.of(["a"]) == {"a": 9}

    def test_what_a_transaction_made_is_forgotten_with_it(self) -> None:
        town = Town()
        known = Remembered(town.find, seconds=None)
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            known.of(["a"])
            raise ZeroDivisionError
        known.of(["a"])
        with transaction.atomic():
            known.of(["b"])
        known.of(["b"])
        assert town.asked == [["a"], ["a"], ["b"]]

    def test_what_is_not_worth_it_is_asked_for_each_time(self) -> None:
        town = Town()
        known = Remembered(town.find, seconds=None, worth=lambda n: n > 1)
        for _ in range(2):
            assert known.of(["a", "b"]) == {"a": 1, "b": 2}
        assert town.asked == [["a", "b"], ["a"]]

    def test_what_an_import_asks_for_is_not_kept(self) -> None:
        town = Town()
        town.lives = {str(n): n for n in range(2_000)}
        known = Remembered(town.find, seconds=None)
        for _ in range(2):
            assert len(known.of(list(town.lives))) == 2_000
        assert [len(keys) for keys in town.asked] == [2_000, 2_000]

    def test_all_may_be_forgotten(self) -> None:
        town = Town()
        known = Remembered(town.find, seconds=None)
        known.of(["a"])
        forget()
        known.of(["a"])
        assert len(town.asked) == 2
