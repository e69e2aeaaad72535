"""The pure parts: numbers, expectation, rhythm, ribbon, retelling, catalogues."""

from __future__ import annotations

import gettext as std_gettext
import re
import shutil
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.utils import translation

from huoshui.web.console import numbers
from huoshui.web.console.collect import LANGUAGES, gathered
from huoshui.web.console.i18n import LOCALE, compile_catalogues
from huoshui.web.console.retell import patterns, retell
from huoshui.web.console.rhythm import Bought, lanes, pace, visits
from huoshui.web.console.ribbon import GAP, WIDTH, ribbon


@pytest.mark.parametrize(
    ("minor", "zh", "en"),
    [
        (0, "¥0", "¥0"),
        (9_200, "¥92.0", "¥92.0"),
        (816_800, "¥8,168", "¥8,168"),
        (1_823_600, "¥1.82 万", "¥18.2K"),
        (41_300_000, "¥41.3 万", "¥413K"),
        (2_180_000_000, "¥2,180 万", "¥21.8M"),
        (20_300_000_000, "¥2.03 亿", "¥203M"),
        (-1_240, "−¥12.4", "−¥12.4"),
        (None, "—", "—"),
    ],
)
def test_money(minor: int | None, zh: str, en: str) -> None:
    with translation.override("zh-hans"):
        assert str(numbers.money(minor)).replace("\u00a0", " ") == zh
    with translation.override("en"):
        assert str(numbers.money(minor)) == en


def test_money_in_traditional_chinese() -> None:
    with translation.override("zh-hant"):
        assert str(numbers.money(41_300_000)).replace("\u00a0", " ") == "¥41.3 萬"


def test_small_figures_are_exact() -> None:
    assert numbers.exact(-1240) == "−¥12.40"
    assert numbers.quantity(1000) == "1" and numbers.quantity(250) == "0.25"
    assert str(numbers.count(999_999)) == "999,999"
    assert numbers.percent(-0.081, signed=True) == "−8.1%"


def test_a_day_is_named_with_its_year_only_when_that_is_another() -> None:
    with translation.override("zh-hans"):
        near = date(2017, 1, 1)
        assert numbers.day(date(2017, 10, 9), near=near).replace("\u00a0", " ") == "10 月 9 日"
        assert numbers.day(date(2016, 10, 9), near=near).replace("\u00a0", " ") == "2016 年 10 月 9 日"


def test_an_instant_falls_on_the_day_of_the_brand() -> None:
    assert numbers.day_of(datetime(2017, 12, 30, 17, tzinfo=UTC)) == date(2017, 12, 31)


def test_a_pace_needs_enough_visits() -> None:
    start = date(2017, 1, 1)
    weekly = [start + timedelta(weeks=n) for n in range(10)]
    own = pace(weekly)
    assert own and (own.usual, own.longest_usual) == (7, 7)
    assert pace(weekly[:3]) is None
    assert pace([start] * 20) is None


def test_what_is_due_and_what_is_over() -> None:
    start = date(2017, 1, 1)
    monthly = [Bought(start + timedelta(days=30 * n), "茶", 1000) for n in range(5)]
    last = monthly[-1].day
    (tea,) = lanes(monthly, last + timedelta(days=40))
    assert tea.due == last + timedelta(days=30)
    (over,) = lanes(monthly, last + timedelta(days=91))
    assert over.due is None


def test_lanes_are_what_a_person_spends_most_on() -> None:
    day = date(2017, 1, 1)
    bought = [Bought(day, name, amount) for name, amount in zip("abcdefg", range(7, 0, -1), strict=True)]
    assert [lane.name for lane in lanes(bought, day)] == list("abcde")


def test_a_visit_is_one_store_within_two_hours() -> None:
    at = datetime(2017, 1, 1, 12, tzinfo=UTC)
    moments = [
        (at, "A"),
        (at - timedelta(hours=1), "A"),
        (at - timedelta(hours=3), "A"),
        (at - timedelta(hours=3), "B"),
    ]
    assert visits(moments) == [[0, 1], [2], [3]]


def test_the_ribbon_fills_its_width_and_keeps_the_shares() -> None:
    bands = ribbon([("w5", 0.25, 0.5), ("w4", 0.75, 0.5)])
    room = WIDTH - 2 * GAP
    assert [b.people.width for b in bands] == [round(room * 0.25, 1), round(room * 0.75, 1)]
    assert bands[-1].sales.x + bands[-1].sales.width == pytest.approx(WIDTH - GAP / 2, abs=0.2)


def test_the_ribbon_survives_losses_and_nothing() -> None:
    bands = ribbon([("w5", 0.0, -0.1), ("w4", 0.0, 0.0)])
    assert all(b.sales.width == 0 for b in bands)


def test_a_sentence_of_another_room_is_told_again() -> None:
    said = "同一笔记录里同时出现了两边的账号（手机号 5527）"
    with translation.override("en"):
        assert retell(said) == "One record carried the accounts of both (Phone number 5527)"
        assert retell("没有填手机号") == "Phone number is empty"
        assert retell("谁也没见过的一句话 {x}") == "谁也没见过的一句话 {x}"
        assert retell("") == ""
    with translation.override("zh-hant"):
        assert retell("认出顾客") == "認出顧客"
    with translation.override("zh-hans"):
        assert retell(said) == said


def test_retelling_reads_no_format_out_of_what_it_was_told() -> None:
    with translation.override("en"):
        assert retell("{0.__class__}送来，单号 {key}") == "From {0.__class__}, number {key}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_is_translated_and_none_is_left_over(language: str) -> None:
    with (LOCALE / language / "LC_MESSAGES" / "django.po").open("rb") as po:
        catalogue = read_po(po, locale=language)
    words = {message.id for message in gathered() if message.id}
    kept = {message.id: message.string for message in catalogue if message.id}
    assert words == set(kept), "run python -m huoshui.web.console.collect"
    bare = [key for key, said in kept.items() if not (all(said) if isinstance(said, tuple) else said)]
    assert not bare
    assert set(patterns()) <= {key for key in kept if isinstance(key, str)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_keeps_the_slots_of_its_sentence(language: str) -> None:
    slot = re.compile(r"%\(\w+\)s|\{\w+\}")
    with (LOCALE / language / "LC_MESSAGES" / "django.po").open("rb") as po:
        messages = [message for message in read_po(po, locale=language) if message.id]
    for message in messages:
        (first, *_), said = _forms(message.id), _forms(message.string)
        assert all(set(slot.findall(form)) == set(slot.findall(first)) for form in said), first


def test_traditional_chinese_is_chinese_and_english_is_not() -> None:
    han = re.compile(r"[\u4e00-\u9fff]")
    for language in LANGUAGES:
        with (LOCALE / language / "LC_MESSAGES" / "django.po").open("rb") as po:
            for message in read_po(po, locale=language):
                for said in _forms(message.string) if message.id else []:
                    both = bool(han.search(_forms(message.id)[0])), bool(han.search(said))
                    assert both == (both[0], both[0] and language == "zh_Hant"), message.id


def _forms(text: str | Sequence[str] | None) -> list[str]:
    return [text or ""] if text is None or isinstance(text, str) else list(text)


def test_catalogues_are_compiled_once(tmp_path: Path) -> None:
    shutil.copytree(LOCALE, tmp_path / "locale", ignore=shutil.ignore_patterns("*.mo"))
    written = compile_catalogues(tmp_path / "locale")
    assert [path.parents[1].name for path in written] == ["en", "zh_Hant"]
    assert compile_catalogues(tmp_path / "locale") == []
    with written[0].open("rb") as mo:
        assert std_gettext.GNUTranslations(mo).gettext("今日") == "Today"
