"""Answers told one per row: question by question, gathered into what one respondent said."""

from __future__ import annotations

import json
from typing import Final

import duckdb

from huoshui.intake.files.problems import quoted
from huoshui.intake.files.rows import Layout

_WHO: Final = ("card_no", "member_no", "phone", "email", "unionid", "openid", "name", "answered_at")


def is_long(layout: Layout) -> bool:
    return layout.kind.name == "survey" and {"question", "answer"} <= layout.fields


def fold(connection: duckdb.DuckDBPyConnection, layout: Layout, taken: str) -> int:
    """Table `people`: a row per respondent; of a question answered twice the later answer. Returns rows said twice."""
    questions = [
        row[0]
        for row in connection.execute(
            f"select distinct question from entries where bad = 0 and question is not null and {taken} order by 1"
        ).fetchall()
    ]
    tags = "string_agg(tags, '、' order by answered_at, file_no, row_no)"
    told = ", tags" if "tags" in layout.fields else ""
    structure = quoted(json.dumps(dict.fromkeys(questions, "VARCHAR"), ensure_ascii=False))
    who = ", ".join(f"max({name}) as {name}" for name in _WHO)
    attributes = f"from_json(to_json(map_from_entries(said)), {structure})" if questions else "null::varchar"
    connection.execute(
        f"""create table people as
        with answers as (
            select * from entries where bad = 0 and client_key is not null and {taken}
            qualify question is null or row_number() over (
                partition by client_key, question order by answered_at desc, file_no desc, row_no desc) = 1),
        folded as (
            select client_key, min(file_no) as file_no, min(row_no) as row_no, {who}, {tags} as tags,
                list(row(question, answer) order by question) filter (question is not null and answer is not null) as said
            from answers group by client_key)
        select file_no, row_no, {", ".join(_WHO)}, tags, {attributes} as attributes,
            md5(concat_ws(chr(31), client_key, answered_at::varchar, said::varchar{told})) as content_hash, client_key
        from folded order by file_no, row_no"""
    )
    row = connection.execute(
        f"""select count(*) - count(distinct (client_key, question)) from entries
        where bad = 0 and client_key is not null and question is not null and {taken}"""
    ).fetchone()
    assert row is not None
    return int(row[0])
