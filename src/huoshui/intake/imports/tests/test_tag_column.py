"""The column of tags in a list of members: nothing is said or made of a word nobody spoke for, and all of it can be undone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from huoshui.core import sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.errors import NotFound
from huoshui.core.tests.ground import clean_tables, statements, wait_for_readers
from huoshui.insight.api import tags
from huoshui.intake.imports import api as imports
from huoshui.intake.imports.tests.shop import run, shop, write

__all__ = ["clean_tables", "shop"]

BOSS = Actor("staff", 1, "老板", frozenset({"boss"}))
HEAD = "会员卡号,姓名,{column}\n"
ROWS = "C1,王小丽,常客、孕期\nC2,李敏,母婴阶段：备孕;新品控\nC1,王小丽,新品控\nC3,张三,\n"


@pytest.fixture
def stage(shop: Path) -> int:
    define("regular", "常客", "flag")
    return define("stage", "母婴阶段", "one", "备孕", "孕期")


def define(key: str, name: str, kind: str, *values: str) -> int:
    told = tags.Definition(values=values)
    with transaction.atomic():
        return tags.define(key=key, name=name, kind=kind, definition=told, actor=SYSTEM).tag_id


def worn() -> set[tuple[str, int]]:
    """(value, how many) of each tag now."""
    statement = sql.Statement(
        "worn",
        "select t.name || ':' || g.value as said, count(*) as n from tag_given g join tag t on t.id = g.tag_id"
        " where g.until is null group by 1",
    )
    return {(row.said, row.n) for row in sql.fetch(statement)}


def again(view: imports.RunView, **choices: Any) -> imports.RunView:
    if choices:
        imports.choose_tags(BOSS, view.id, choices)
    imports.execute(view.id, actor=BOSS)
    return imports.run_for(BOSS, view.id)


def everybody() -> int:
    return int(sql.fetch_one(sql.Statement("n", "select count(*) as n from settlement")).n)


@pytest.mark.parametrize("column", ["标签", "客户标签", "tags"])
def test_a_word_nobody_knows_stops_the_list_before_anything_is_taken_in(
    stage: int, shop: Path, column: str
) -> None:
    view = run("people", HEAD.format(column=column) + ROWS, shop)
    assert (view.state, everybody(), worn()) == ("failed", 0, set())
    assert "新品控" in view.message and "常客" not in view.message
    words = {
        w.word: (w.rows, w.is_open, w.meaning and w.meaning.value) for w in imports.tag_words(BOSS, view.id)
    }
    assert words == {
        "新品控": (2, True, None),
        "常客": (1, False, "是"),
        "孕期": (1, False, "孕期"),
        "母婴阶段：备孕": (1, False, "备孕"),
    }
    with pytest.raises(NotFound):
        imports.choose_tags(Actor("staff", 2, "店员", frozenset({"guide"})), view.id, {})


def test_made_mapped_or_left_out_as_somebody_says_and_remembered(stage: int, shop: Path) -> None:
    view = run("people", HEAD.format(column="标签") + ROWS, shop)
    done = again(view, 新品控=("make", 0, ""))
    assert (done.state, done.counts["tags_given"]) == ("done", 5)
    assert worn() == {("常客:是", 1), ("母婴阶段:孕期", 1), ("母婴阶段:备孕", 1), ("新品控:是", 2)}
    told = sql.fetch(sql.Statement("o", "select distinct origin, source, actor from tag_given"))
    assert [tuple(row) for row in told] == [(f"import:{view.id}", "import", "staff:1")]
    # The same list again, as its own run: known by now, and nothing said twice
    same = run("people", HEAD.format(column="标签") + ROWS, shop)
    assert (same.state, same.counts["tags_given"]) == ("done", 0)
    other = run("people", "会员卡号,标签\nC3,怕辣\n", shop)
    assert again(other, 怕辣=("map", stage, "备孕")).counts["tags_given"] == 1
    left = run("people", "会员卡号,标签\nC3,随便写的\n", shop)
    assert again(left, 随便写的=("leave", 0, "")).counts["tags_given"] == 0
    assert run("people", "会员卡号,标签\nC4,怕辣、随便写的\n", shop).counts["tags_given"] == 1, (
        "as it was said"
    )
    assert ("母婴阶段:备孕", 3) in worn() and len(tags.listed(SYSTEM)) == 3


def test_undone_with_the_import_and_what_stood_before_stands_again(stage: int, shop: Path) -> None:
    first = run("people", "会员卡号,标签\nC1,孕期\n", shop)
    second = run("people", "会员卡号,标签\nC1,备孕、常客\n", shop)
    assert worn() == {("母婴阶段:备孕", 1), ("常客:是", 1)}
    assert imports.rehearse_undo(BOSS, second.id).tags == 2
    imports.undo(BOSS, second.id, reason="弄错了文件")
    imports.execute_undo(second.id)
    assert worn() == {("母婴阶段:孕期", 1)}
    imports.execute_undo(second.id)
    assert worn() == {("母婴阶段:孕期", 1)}
    imports.undo(BOSS, first.id, reason="也错了")
    imports.execute_undo(first.id)
    assert worn() == set()


def test_health_is_said_of_who_consented_alone(stage: int, shop: Path) -> None:
    with transaction.atomic():
        made = tags.define(
            key="sugar",
            name="控糖",
            kind="flag",
            definition=tags.Definition(),
            is_sensitive=True,
            actor=SYSTEM,
        )
    off = run("people", "会员卡号,标签\nC1,控糖\n", shop)
    assert off.state == "failed", "it is off, so nobody knows the word"
    with transaction.atomic():
        tags.set_state(made.tag_id, "on", actor=SYSTEM)
    done = again(off)
    assert (done.state, done.counts["tags_given"], done.counts["tags_refused"]) == ("done", 0, 1)


def test_a_trial_shows_the_words_and_says_nothing(stage: int, shop: Path) -> None:
    file = write(shop, "people.csv", HEAD.format(column="标签") + ROWS)
    run_id = imports.add_run([file], kind="people", is_dry_run=True, actor=BOSS)
    imports.execute(run_id, actor=BOSS)
    assert imports.run_for(BOSS, run_id).state == "done"
    assert [w.word for w in imports.tag_words(BOSS, run_id) if w.is_open] == ["新品控"]
    assert (everybody(), worn()) == (0, set())


def test_a_list_of_twice_as_many_asks_no_more(stage: int, shop: Path) -> None:
    def listed(n: int, first: int) -> str:
        return "会员卡号,标签\n" + "".join(f"K{first + i},常客\n" for i in range(n))

    run("people", listed(3, 0), shop)
    few = statements(lambda: run("people", listed(20, 100), shop))
    many = statements(lambda: run("people", listed(40, 200), shop))
    wait_for_readers()
    assert many <= few + 2, "but for what other threads ask meanwhile"
    assert ("常客:是", 63) in worn()


def test_a_column_that_is_no_tags_is_refused(stage: int, shop: Path) -> None:
    text = "会员卡号,标签\n" + "".join(f"K{n},随手{n}\n" for n in range(301))
    view = run("people", text, shop)
    assert view.state == "failed" and "表头对应" in view.message and everybody() == 0


SURVEY = (
    "提交答卷时间,1、您的手机号码,2、您在哪个阶段？,3、最在意什么（多选）\n"
    "2026-03-08 10:00:00,13912345678,孕期,怕辣┋价格\n2026-03-08 11:00:00,13912345679,备孕,价格\n"
)
MARKED = {
    "answered_at": "提交答卷时间",
    "phone": "1、您的手机号码",
    "tags": ["2、您在哪个阶段？", "3、最在意什么（多选）"],
}
INTERVIEW = (
    "访谈时间,手机号,问题,回答,访谈标签\n2026-03-08 10:00,13912345678,为什么买,送礼,常客\n"
    "2026-03-08 10:00,13912345678,下次买什么,绿茶,常客、孕期\n2026-03-09 10:00,13912345679,为什么买,尝鲜,\n"
)


def answers(name: str) -> set[str]:
    found = sql.fetch(sql.Statement("a", "select value from attribute where name = %(name)s"), name=name)
    return {row.value for row in found}


def test_answers_marked_as_tags_are_both_and_say_from_which_survey(stage: int, shop: Path) -> None:
    unmarked = run("survey", SURVEY, shop, source_name="新品问卷")
    assert (unmarked.state, worn()) == ("done", set()), "an answer nobody marked is no tag"
    view = run("survey", SURVEY, shop, source_name="新品问卷", mapping=MARKED)
    assert view.state == "failed" and "怕辣" in view.message and "价格" in view.message
    done = again(view, 怕辣=("make", 0, ""), 价格=("leave", 0, ""))
    assert (done.state, done.counts["tags_given"]) == ("done", 3)
    assert worn() == {("母婴阶段:孕期", 1), ("母婴阶段:备孕", 1), ("怕辣:是", 1)}
    told = sql.fetch(sql.Statement("o", "select distinct origin, source from tag_given"))
    assert [tuple(row) for row in told] == [(f"import:{view.id}", "import")]
    assert answers("2、您在哪个阶段？") == {"孕期", "备孕"}
    assert answers("3、最在意什么（多选）") == {"怕辣┋价格", "价格"}
    imports.undo(BOSS, view.id, reason="标错了列")
    imports.execute_undo(view.id)
    assert worn() == set()
    assert answers("2、您在哪个阶段？") == {"孕期", "备孕"}, "as they were told before"


def test_an_interview_says_tags_beside_its_answers(stage: int, shop: Path) -> None:
    view = run("survey", INTERVIEW, shop, source_name="访谈")
    assert (view.state, view.counts["new"], view.counts["tags_given"]) == ("done", 2, 2)
    assert worn() == {("常客:是", 1), ("母婴阶段:孕期", 1)}
    assert answers("为什么买") == {"送礼", "尝鲜"}
    assert {w.word: w.rows for w in imports.tag_words(BOSS, view.id)} == {"常客": 1, "孕期": 1}


def test_any_answer_of_an_interview_may_be_marked(stage: int, shop: Path) -> None:
    mapping = {
        "answered_at": "访谈时间",
        "phone": "手机号",
        "question": "问题",
        "answer": "回答",
        "tags": ["回答"],
    }
    view = run("survey", INTERVIEW.replace("绿茶", "孕期"), shop, source_name="访谈", mapping=mapping)
    done = again(view, 送礼=("make", 0, ""), 尝鲜=("leave", 0, ""))
    assert (done.state, worn()) == ("done", {("送礼:是", 1), ("母婴阶段:孕期", 1)})
    assert answers("下次买什么") == {"孕期"}
