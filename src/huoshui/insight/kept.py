"""What takes long to learn, learned once a day of days that have ended, and read by every process from then on.

It lies in the house's own folder, written whole or not at all. What is kept is of the whole brand; it is learned anew when the
day changes, and when the lake has grown or shrunk by a twentieth (old years imported, an import undone). Nothing of it outlives
an erasure: it names people, and what they bought is in it.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import tempfile
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from math import log
from pathlib import Path
from time import time
from typing import Any

from django.conf import settings

from huoshui.core import clock
from huoshui.core.subscribers import Erased

# Of another form than what was kept before, it must not be read for it.
_FORM = 1
_DAYS, _MOST = 2, 8
_GROWTH = log(1.05)
_in_hand: OrderedDict[str, Any] = OrderedDict()


def stamp(lines: int) -> tuple[Hashable, ...]:
    """The day, and how large the lake is, roughly."""
    return (_FORM, clock.today(), round(log(max(lines, 1)) / _GROWTH))


def kept(key: Hashable, make: Callable[[], Any]) -> Any:
    """What was kept under this key, or is made now. Of two who ask at once both may make it; the same comes of both."""
    path = _folder() / f"{hashlib.sha256(repr(key).encode()).hexdigest()[:32]}.kept"
    name = str(path)
    if name in _in_hand and not path.exists():
        _in_hand.pop(name)  # another process was told to forget it
    if name not in _in_hand:
        found = _read(path)
        if found is None:
            found = make()
            _write(path, found)
        _in_hand[name] = found
    _in_hand.move_to_end(name)
    while len(_in_hand) > _MOST:
        _in_hand.popitem(last=False)
    return _in_hand[name]


def forget(_erased: Erased) -> Mapping[str, int]:
    """All of it; whoever asks next has it learned anew."""
    _in_hand.clear()
    files = list(_folder().glob("*.kept")) if _folder().exists() else []
    for file in files:
        file.unlink(missing_ok=True)
    return {"每天算好的结果": len(files)}


def _folder() -> Path:
    return Path(settings.HUOSHUI_HOME) / "kept"


def _read(path: Path) -> Any:
    """None where there is none, or what is there was written by another version of us."""
    try:
        return pickle.loads(path.read_bytes())  # our own file, in our own folder
    except (FileNotFoundError, EOFError, pickle.UnpicklingError, AttributeError, ImportError, TypeError):
        return None


def _write(path: Path, found: Any) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".new")
    with os.fdopen(handle, "wb") as file:
        pickle.dump(found, file, protocol=pickle.HIGHEST_PROTOCOL)
    Path(name).replace(path)
    for old in path.parent.iterdir():
        if old.stat().st_mtime < time() - _DAYS * 86_400:
            old.unlink(missing_ok=True)
