"""Contact values: sealed, found again by a keyed hash, under keys that are made once."""

from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from huoshui.core import crypto


@pytest.fixture
def other_keys(tmp_path: Path, settings: Settings) -> Path:
    """Another installation's keys, in force."""
    path = tmp_path / "secrets" / "keys.json"
    crypto.ensure_keys(path)
    settings.HUOSHUI_KEYS = path
    return path


@given(st.text())
def test_what_is_sealed_is_unsealed(value: str) -> None:
    assert crypto.unseal(crypto.seal(value)) == value


def test_a_sealed_value_tells_nothing_and_is_never_the_same_twice() -> None:
    one, other = crypto.seal("+8613912345678"), crypto.seal("+8613912345678")
    assert one != other
    assert b"13912345678" not in one


@pytest.mark.parametrize("place", [0, 15, 59, 61, 75, -1])
def test_a_changed_byte_is_refused(place: int) -> None:
    sealed = bytearray(crypto.seal("+8613912345678"))
    sealed[place] ^= 1
    with pytest.raises(InvalidTag):
        crypto.unseal(bytes(sealed))


def test_lookup_keys_are_stable_and_apart() -> None:
    keys = [crypto.lookup_key(value) for value in ("+8613912345678", "+8613912345679", "")]
    assert keys == [crypto.lookup_key(value) for value in ("+8613912345678", "+8613912345679", "")]
    assert len(set(keys)) == 3
    assert all(len(key) == 32 and int(key, 16) >= 0 for key in keys)


def test_another_installation_reads_and_finds_nothing(settings: Settings, tmp_path: Path) -> None:
    ours, sealed = crypto.lookup_key("+8613912345678"), crypto.seal("+8613912345678")
    path = tmp_path / "keys.json"
    crypto.ensure_keys(path)
    settings.HUOSHUI_KEYS = path
    assert crypto.lookup_key("+8613912345678") != ours
    with pytest.raises(InvalidTag):
        crypto.unseal(sealed)
    assert crypto.unseal(crypto.seal("a@b.cn")) == "a@b.cn"


def test_a_value_survives_a_new_process(other_keys: Path) -> None:
    sealed, key = crypto.seal("+8613912345678"), crypto.lookup_key("+8613912345678")
    crypto._keys.cache_clear()  # as a new process starts
    crypto._looked.clear()
    crypto._process_data_key.cache_clear()
    assert (crypto.unseal(sealed), crypto.lookup_key("+8613912345678")) == ("+8613912345678", key)


def test_keys_are_made_once_and_kept_private(other_keys: Path) -> None:
    before = other_keys.read_bytes()
    crypto.ensure_keys(other_keys)
    assert other_keys.read_bytes() == before
    assert stat.S_IMODE(other_keys.stat().st_mode) == 0o600
    assert set(json.loads(before)) == {"master", "lookup", "django"}


def test_of_many_who_race_for_the_keys_all_get_the_same(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "keys.json"
    together = Barrier(8)

    def start(_: int) -> bytes:
        together.wait()
        crypto.ensure_keys(path)
        return path.read_bytes()

    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(start, range(8)))
    assert len(found) == 1
    assert [f.name for f in path.parent.iterdir()] == ["keys.json"]
