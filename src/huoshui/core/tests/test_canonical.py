"""The text of a value is that of `json.dumps`, to the letter: what was hashed with one is found with the other."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from huoshui.core import canonical

FLOATS = st.floats(allow_nan=False, allow_infinity=False)
PLAIN = (
    st.none() | st.booleans() | st.integers() | st.text() | st.decimals(-(10**9), 10**9, places=3).map(float)
)


def values(plain: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        plain, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
    )


def slow(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


@given(values(PLAIN))
@example([2**63, 2**64, -(2**70), -0.0, 1e15, 0.001])
@example({"\U0001f41f": 1, "￿": 2, "a": 'x\\"\b\f\n\x7f\u2028', "é": "e5 1e5 0.00001"})
@example("\ud800")
def test_it_is_that_of_the_slow_way(value: Any) -> None:
    assert canonical.text(value) == slow(value)


@given(values(PLAIN | FLOATS))
@example([1e16, 1e-5, 1.5e300, 5e-324])
def test_whatever_it_says_is_read_back(value: Any) -> None:
    assert json.loads(canonical.text(value)) == value
