"""Two hundred hostile files: none hangs, none kills, and each answer names the place and how to mend it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from types import FrameType

import pytest

from huoshui.intake.files.errors import FileRefused
from huoshui.intake.files.tests.bench import Bench, ask
from huoshui.intake.files.tests.hostile_files import COUNT, SOUND, Hostile, make

FILES = make()
SECONDS = 60


@pytest.fixture(autouse=True)
def no_hang() -> Iterator[None]:
    def ring(number: int, frame: FrameType | None) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def test_the_same_seed_makes_the_same_files() -> None:
    assert len(FILES) == COUNT
    assert [f.name for f in make()] == [f.name for f in FILES]
    assert len({f.name for f in FILES}) == COUNT
    assert len({f.content for f in FILES}) > COUNT - 5


@pytest.mark.parametrize("hostile", FILES, ids=lambda f: f.name)
def test_each_is_answered(bench: Bench, hostile: Hostile) -> None:
    path = bench.write(hostile.content, f"文件{hostile.suffix}")
    if hostile.refusal:
        with pytest.raises(FileRefused) as refused:
            bench.stage(path)
        assert hostile.refusal in str(refused.value)
        return
    staged = bench.stage(path)
    found = ask(
        staged, "select row_no, coalesce(column_name, ''), code, reason, remedy from problems where not kept"
    )
    assert hostile.row in {row for row, *_ in found}
    [(_, column, code, reason, remedy)] = [each for each in found if each[0] == hostile.row]
    assert column == hostile.column
    assert code in ({hostile.code} if hostile.code != "date" else {"bad_date", "no_such_day"})
    assert reason and remedy
    assert {each[0] for each in found} == {hostile.row}, "the others are well"


def test_quotes_that_stand_anywhere(bench: Bench) -> None:
    """What DuckDB says of such a line may be cut within a character, and is no text then."""
    sound = SOUND[0]
    header, *rows = [",".join(row) + ",每日坚果礼盒" for row in [sound.header, *sound.rows(30)]]
    mess = ('"' + rows[1] + "\n" + "\n".join(rows) * 60) * 20
    assert bench.text("\n".join([header, rows[0], mess, *rows[2:]]) + "\n").problems > 0
