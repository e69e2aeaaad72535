"""Bytes to text, strictly."""

from __future__ import annotations

from pathlib import Path

import pytest

from huoshui.intake.files import decode as module
from huoshui.intake.files.decode import decode

TEXT = "销售单号,商品名称\n" + "".join(f"A{n},夏威夷果㐀𠀀—{n}\n" for n in range(500))


@pytest.fixture(params=[4 << 20, 7, 64])
def chunk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Characters and marks fall across the edges of small chunks."""
    monkeypatch.setattr(module, "_CHUNK", request.param)
    return int(request.param)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-be"])
def test_every_encoding_reads_the_same(tmp_path: Path, chunk: int, encoding: str) -> None:
    path = tmp_path / "数据.csv"
    path.write_bytes(b"\xfe\xff" * (encoding == "utf-16-be") + TEXT.encode(encoding))

    found = decode(path, tmp_path)

    assert found.path.read_text(encoding="utf-8-sig") == TEXT
    assert found.lines == 501
    assert (found.path == path) == encoding.startswith("utf-8")


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a\nb\n", 2),
        ("a\nb", 2),
        ("a\r\nb\r\n\r\n\r\n", 2),
        ("a\rb\r", 2),
        ("a\n\nb\n\n", 3),
        ("a", 1),
        ("a\r\nb", 2),
    ],
)
def test_lines_are_counted_up_to_the_last_that_says_something(
    tmp_path: Path, chunk: int, text: str, lines: int
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode())

    assert decode(path, tmp_path).lines == lines


def test_utf8_is_tried_first_though_its_bytes_may_pass_as_gb18030(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("每日坚果".encode())
    assert path.read_bytes().decode("gb18030")

    assert decode(path, tmp_path).path.read_text(encoding="utf-8") == "每日坚果"
