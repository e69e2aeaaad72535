"""What a user says of the words in a list's column of tags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from django.db import transaction

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import Refused
from huoshui.insight.api import tags
from huoshui.intake.imports.actions import waiting_run
from huoshui.intake.imports.reads import find_run_for
from huoshui.intake.imports.tag_column import Word, words_of

Q = sql.load("huoshui.intake.imports")

Does = Literal["map", "make", "leave"]


def tag_words(actor: Actor, run_id: int) -> list[Word]:
    """Of a run that has been looked at: the words its files say, and what they come to. Raises NotFound."""
    return words_of(find_run_for(actor, run_id), actor)


def choose_tags(actor: Actor, run_id: int, choices: Mapping[str, tuple[Does, int, str]]) -> None:
    """Word → what to do with it, and of which tag and value. Kept for the source. Raises NotFound, Refused."""
    with transaction.atomic():
        run = waiting_run(actor, run_id, is_held_too=True)
        known = {w.word: w for w in words_of(run, actor)}
        for word, (does, tag_id, value) in choices.items():
            if word not in known or (does == "make" and not known[word].may_make):
                raise Refused("这个词不能这样处理，请刷新页面再选。")
            if does == "map":
                value = tags.check_value(tag_id, value, actor=actor)
            sql.run(
                Q.say_tag_word,
                source_name=run.source_name,
                word=word,
                does=does,
                tag_id=tag_id if does == "map" else None,
                value=value if does == "map" else "",
                actor=str(actor),
            )
        record(actor, "import.tag_words_said", "import_run", run_id, words=len(choices))
