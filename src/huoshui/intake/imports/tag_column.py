"""The column of tags in a list of members, or the answers of a survey that its user marked as such: which words are in it,
what each means, and saying it of the people.

Nothing is made of a word that nobody has spoken for: an import of which one is not known waits for a person's choice, which is
kept for the source's next list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import duckdb
from django.db import transaction

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.errors import Refused
from huoshui.core.facts.types import Source
from huoshui.insight.api import tags
from huoshui.intake.imports.lists import key_of
from huoshui.intake.imports.models import ImportRun

Q = sql.load("huoshui.intake.imports")

MOST_WORDS = 300
_MOST_WORD = 60
_SHOWN = 5
_PIECE = 2_000
_PIECES = "list_filter(list_transform(string_split_regex(tags, '[、,，;；|｜┋]'), lambda w: trim(w)), lambda w: w <> '')"


class TagWordsUnknown(Refused):
    """名单的标签列里有系统不认识的词，请先选好怎么处理，再导入。"""

    code = "tag_words_unknown"


class TooManyTagWords(Refused):
    """标签列里的词太多，看起来不是标签。请在「表头对应」里取消这一列。"""

    code = "tag_words_too_many"


class Word(NamedTuple):
    """`does`: what was chosen for it, '' where nobody has. `meaning`: the tag it comes to, as far as there is one."""

    word: str
    rows: int
    does: str
    meaning: tags.Meaning | None
    may_make: bool

    @property
    def is_open(self) -> bool:
        return not self.does and self.meaning is None


def look(run: ImportRun, staged: duckdb.DuckDBPyConnection) -> None:
    """Note the words that the files of a run say. Raises TooManyTagWords."""
    found = _words(staged)
    with transaction.atomic(durable=True):
        sql.run(Q.forget_tag_words, run_id=run.id)
        sql.run(Q.put_tag_words, run_id=run.id, words=list(found), rows=list(found.values()))


def refuse_open(run: ImportRun, actor: Actor) -> None:
    """Raises TagWordsUnknown while a word waits for somebody's choice."""
    waiting = [w.word for w in words_of(run, actor) if w.is_open]
    if waiting:
        said = "、".join(waiting[:_SHOWN]) + (f" 等 {len(waiting)} 个" if len(waiting) > _SHOWN else "")
        raise TagWordsUnknown(f"名单的标签列里有系统不认识的词：{said}。请先选好怎么处理，再导入。")


def words_of(run: ImportRun, actor: Actor) -> list[Word]:
    """The most frequent first."""
    rows = sql.fetch(Q.tag_words, run_id=run.id, source_name=run.source_name)
    if not rows:
        return []
    known = {tag.id: tag for tag in tags.to_give(actor)}
    understood = tags.meanings_of([row.word for row in rows], actor=actor)
    found = []
    for row in rows:
        does, meaning = row.does or "", understood.get(row.word)
        if does == "map":
            # Archived or switched off since: it has to be said anew
            tag = known.get(row.tag_id)
            meaning = tags.Meaning(tag.id, tag.name, row.value) if tag else None
            does = does if tag else ""
        elif does == "make" and meaning is not None:
            does = ""  # It was made, by this list or by hand
        found.append(Word(row.word, row.rows, does, meaning, tags.makeable(row.word)))
    return found


def take(run: ImportRun, staged: duckdb.DuckDBPyConnection, source: Source, actor: Actor) -> dict[str, int]:
    """Say of the people what their rows say, in one transaction; may be run again. Counts for the run."""
    if "tags" not in _columns(staged):
        return {}
    with transaction.atomic(durable=True):
        meant = _meant(run, actor)
        said: dict[int, tuple[list[int], list[str]]] = {}
        for person_id, word in _said(staged, source):
            if meaning := meant.get(word):
                persons, values = said.setdefault(meaning.tag_id, ([], []))
                persons.append(person_id)
                values.append(meaning.value)
        taken = [
            tags.take_import(tag_id, person_ids=persons, values=values, origin=origin(run.id), actor=actor)
            for tag_id, (persons, values) in said.items()
        ]
    return {"tags_given": sum(t.begun for t in taken), "tags_refused": sum(t.refused for t in taken)}


def origin(run_id: int) -> str:
    return f"import:{run_id}"


def _meant(run: ImportRun, actor: Actor) -> dict[str, tags.Meaning]:
    found = {}
    for word in words_of(run, actor):
        if word.is_open:
            raise TagWordsUnknown
        if word.does == "leave":
            continue
        if word.meaning is not None:
            found[word.word] = word.meaning
        else:
            made = tags.make_of(word.word, origin=run.source_name, actor=actor)
            found[word.word] = tags.Meaning(made, word.word, tags.YES)
    return found


def _words(staged: duckdb.DuckDBPyConnection) -> Counter[str]:
    if "tags" not in _columns(staged):
        return Counter()
    rows = staged.execute(
        f"select word, count(*) from (select unnest(list_distinct({_PIECES})) as word from people where tags is not null)"
        f" group by word limit {MOST_WORDS + 1}"
    ).fetchall()
    if len(rows) > MOST_WORDS or any(len(word) > _MOST_WORD for word, _ in rows):
        raise TooManyTagWords
    return Counter(dict(rows))


def _columns(staged: duckdb.DuckDBPyConnection) -> set[str]:
    found = staged.execute("select column_name from information_schema.columns where table_name = 'people'")
    return {name for (name,) in found.fetchall()}


def _said(staged: duckdb.DuckDBPyConnection, source: Source) -> Iterator[tuple[int, str]]:
    """(person, word), a later row of a customer after an earlier one."""
    rows = staged.execute(
        f"select client_key, {_PIECES} from people where tags is not null order by file_no, row_no"
    )
    while piece := rows.fetchmany(_PIECE):
        keys = [key_of(key) for key, _words in piece]
        found = {r.place: r.person_id for r in sql.fetch(Q.told_persons, source_id=source.id, keys=keys)}
        for place, (_key, words) in enumerate(piece, start=1):
            if place in found:
                yield from ((found[place], word) for word in words)
