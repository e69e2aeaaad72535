"""A lane in a process of its own: settles the batches that come by its standard input until that is closed."""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

import django
from django.conf import settings


def main() -> None:
    asked = sys.stdin.buffer
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever is printed here must not be taken for an answer
    told, number, actor = pickle.load(asked)
    settings.configure(**told)
    django.setup()
    from huoshui.core.priority import take_backend_along
    from huoshui.intake.river.api import settle

    take_backend_along()
    _serve(asked, answers, lambda fact_ids: settle(fact_ids, actor=actor, lane=number))


def _serve(asked: BinaryIO, answers: BinaryIO, work: Callable[[list[int]], Any]) -> None:
    while True:
        try:
            fact_ids = pickle.load(asked)
        except EOFError:
            return
        try:
            work(fact_ids)
            answer = pickle.dumps(None)
        except Exception as error:
            answer = _as_told(error)
        answers.write(answer)
        answers.flush()


def _as_told(error: Exception) -> bytes:
    """The error itself; where it does not survive the way, its words."""
    try:
        told = pickle.dumps(error)
        pickle.loads(told)
    except Exception:
        return pickle.dumps(RuntimeError(f"{type(error).__name__}: {error}"))
    return told


if __name__ == "__main__":
    main()
