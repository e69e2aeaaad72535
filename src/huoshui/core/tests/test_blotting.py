"""Words out of files, where they stand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoshui.core.blotting import blot, pattern

WORDS = ("13911110001", "林要走", "Lin@Example.com")


def blotted(file: Path, *, whole_line: bool) -> int:
    found = pattern(WORDS)
    assert found
    return blot(file, found, whole_line=whole_line)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16-le"])
def test_a_line_goes_and_its_fields_and_neighbours_stay(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes("卡号,姓名\nA1,林要走\nA2,王留下\n".encode(encoding))
    size = file.stat().st_size
    assert blotted(file, whole_line=True) == 1
    assert file.stat().st_size == size
    left = file.read_bytes()
    assert "林要走".encode(encoding) not in left and "A2,王留下".encode(encoding) in left


def test_a_word_goes_and_its_line_stays(tmp_path: Path) -> None:
    file = tmp_path / "a.log"
    file.write_text("error near +8613911110001 here, lin@example.com\n")
    assert blotted(file, whole_line=False) == 1
    assert file.read_text() == "error near +8613911110001 here, ***************\n"


def test_a_longer_number_is_another(tmp_path: Path) -> None:
    file = tmp_path / "a.log"
    text = "139111100011 X13911110001 13911110001_2\n"
    file.write_text(text)
    assert blotted(file, whole_line=True) == 0
    assert file.read_text() == text


def test_whoever_appends_meanwhile_loses_nothing(tmp_path: Path) -> None:
    file = tmp_path / "a.log"
    file.write_text("13911110001\n")
    with file.open("a") as other:
        blotted(file, whole_line=True)
        other.write("still here\n")
    assert file.read_text() == "***********\nstill here\n"


def test_no_words_no_pattern() -> None:
    assert pattern([]) is None


@given(
    st.lists(st.text("ab1_林要 +@.", min_size=1, max_size=5), min_size=1, max_size=6),
    st.lists(st.text("ab1_林要 +@.*", max_size=14), max_size=4),
    st.sampled_from(["utf-8", "gb18030", "utf-16-le"]),
)
def test_it_finds_what_every_word_tried_at_every_place_would(
    words: list[str], parts: list[str], encoding: str
) -> None:
    text = "".join(part + word for part, word in zip([*parts, ""], [*words, ""], strict=False)).encode(
        encoding
    )
    spelt = {
        form.encode(e)
        for word in words
        for form in (word, word.lower())
        for e in ("utf-8", "gb18030", "utf-16-le")
    }
    every = b"|".join(re.escape(form) for form in sorted(spelt, key=len, reverse=True) if len(form) > 1)
    found = pattern(words)
    if not every:
        assert found is None
        return
    slow = re.compile(rb"(?<![0-9A-Za-z_])(?:" + every + rb")(?![0-9A-Za-z_])")
    assert found
    assert found.search(text) == bool(slow.search(text))
    assert found.starred(text) == slow.sub(lambda m: b"*" * len(m.group()), text)


def test_a_hundred_times_the_words_cost_no_hundred_times_the_looking() -> None:
    """Counted in places that are looked at, not in seconds."""
    line = "2026-11-26 INFO 订单 88812 顾客 赵六 电话 13800002222\n".encode()
    few, many = (pattern([f"139{n:08d}" for n in range(count)]) for count in (10, 1_000))
    assert few and many
    assert len(many._starts(line)) == len(few._starts(line)) == 0
    assert not many.search(line) and many.search(b"tel 13900000999;")
