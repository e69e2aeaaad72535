"""Keys: shown once, two for one source, gone when revoked."""

from __future__ import annotations

from time import monotonic

import pytest

from huoshui.core import clock, tokens
from huoshui.core.actor import SYSTEM
from huoshui.core.errors import NotFound, Refused
from huoshui.web.api.keys import add_key, caller_of, list_keys, revoke_key
from huoshui.web.api.limits import Buckets
from huoshui.web.api.models import ApiKey
from huoshui.web.api.tests.client import sale
from huoshui.web.api.tests.conftest import Call
from huoshui.web.api.tests.stand_ins import Tills


def test_the_secret_is_kept_nowhere(stores: list[str]) -> None:
    made = add_key(name="pos", scopes=["sell"], actor=SYSTEM)
    secret = made.token.rpartition("_")[2]
    kept = ApiKey.objects.values().get()

    assert secret not in str(kept)
    assert made.token.startswith("hs_")
    caller = caller_of(made.token)
    assert caller is not None
    assert (caller.name, caller.scopes, caller.store_codes) == ("pos", frozenset({"sell"}), frozenset())


def test_two_living_keys_speak_for_one_source_and_no_third(stores: list[str]) -> None:
    first, second = (add_key(name="pos", scopes=["sell"], actor=SYSTEM) for _ in range(2))
    one, two = caller_of(first.token), caller_of(second.token)
    assert one and two
    assert one.source_id == two.source_id

    with pytest.raises(Refused):
        add_key(name="pos", scopes=["sell"], actor=SYSTEM)
    assert len(list_keys()) == 2

    revoke_key(first.prefix, actor=SYSTEM)
    assert caller_of(first.token) is None
    assert caller_of(second.token) == two
    add_key(name="pos", scopes=["sell"], actor=SYSTEM)


def test_a_key_that_another_process_revoked_is_out_within_a_second(
    call: Call, tills: Tills, monkeypatch: pytest.MonkeyPatch
) -> None:
    till = call("sell")
    assert till.post("/sales", sale()).status == 201
    ApiKey.objects.update(revoked_at=clock.now())  # as `huoshui keys revoke` does, without telling us
    tills.asked.clear()

    assert tokens.KNOWN_SECONDS <= 1
    within_bound = till.post("/sales", sale(order_key="A2"), key="k2")
    later = monotonic() + 1
    monkeypatch.setattr(tokens, "monotonic", lambda: later)
    after = till.post("/sales", sale(order_key="A3"), key="k3")

    assert within_bound.status == 201, "else this test would prove nothing of the bound"
    assert (after.status, after.code) == (401, "unauthorized")
    assert len(tills.asked) == 1


def test_the_wrong_secret_of_a_known_key_lets_nobody_in(call: Call) -> None:
    till = call("sell")
    assert till.post("/sales", sale()).status == 201
    till.headers["Authorization"] = f"Bearer {till.token[:-8]}00000000"

    assert till.post("/sales", sale(), key="k2").status == 401


@pytest.mark.parametrize(
    ("name", "scopes", "rate", "codes"),
    [
        ("", ["sell"], 60, []),
        ("a b", ["sell"], 60, []),
        ("pos", [], 60, []),
        ("pos", ["rule"], 60, []),
        ("pos", ["sell"], 0, []),
        ("pos", ["sell"], 60, ["S9"]),
        ("pos", ["sell"], 60, ["HQ"]),
    ],
)
def test_a_key_for_nothing_is_refused(
    stores: list[str], name: str, scopes: list[str], rate: int, codes: list[str]
) -> None:
    with pytest.raises(Refused):
        add_key(name=name, scopes=scopes, rate_per_minute=rate, store_codes=codes, actor=SYSTEM)
    assert list_keys() == []


@pytest.mark.parametrize("token", ["", "x", "hs_", "hs_0123456789ab_" + "a" * 40, "hs_\x00" + "a" * 51])
def test_what_is_no_key_lets_nobody_in(stores: list[str], token: str) -> None:
    add_key(name="pos", scopes=["sell"], actor=SYSTEM)
    assert caller_of(token) is None


def test_a_right_prefix_with_another_secret_lets_nobody_in(stores: list[str]) -> None:
    made = add_key(name="pos", scopes=["sell"], actor=SYSTEM)
    last = "a" if made.token[-1] != "a" else "b"

    assert caller_of(made.token[:-1] + last) is None


def test_the_last_use_is_seen(stores: list[str]) -> None:
    made = add_key(name="pos", scopes=["sell"], actor=SYSTEM)
    assert list_keys()[0].last_used_at is None

    caller_of(made.token)

    assert list_keys()[0].last_used_at is not None


def test_a_key_is_revoked_once(stores: list[str]) -> None:
    made = add_key(name="pos", scopes=["sell"], actor=SYSTEM)
    revoke_key(made.prefix, actor=SYSTEM)
    with pytest.raises(NotFound):
        revoke_key(made.prefix, actor=SYSTEM)


def test_a_bucket_empties_fills_and_is_each_keys_own() -> None:
    buckets = Buckets()

    assert [buckets.take(1, 60, at=0.0) for _ in range(11)] == [0] * 10 + [1]
    assert buckets.take(2, 60, at=0.0) == 0
    assert buckets.take(1, 60, at=0.9) == 1
    assert buckets.take(1, 60, at=1.1) == 0
    assert buckets.take(1, 60, at=1.2) == 1
    assert [buckets.take(1, 60, at=999.0) for _ in range(11)] == [0] * 10 + [1]
    assert Buckets().take(1, 1, at=0.0) == 0


def test_too_fast_is_429_and_says_when(call: Call) -> None:
    till = call(rate=6)
    for number in range(10):
        assert till.post("/sales", sale(order_key=f"A{number}"), key=f"k{number}").status == 201

    slow = till.post("/sales", sale(), key="k99")

    assert (slow.status, slow.code) == (429, "rate_limited")
    assert 1 <= int(slow.headers["Retry-After"]) <= 10
