"""Something that goes on in a thread of its own while a block lasts."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

_PATIENCE = 60.0


class Background:
    """Runs `_run` beside the block; `_run` is to look at `_ended`, which is set when the block is left."""

    def __init__(self, name: str) -> None:
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _end(self) -> None:
        self._ended.set()
        self._thread.join(_PATIENCE)

    def _run(self) -> None:
        raise NotImplementedError
