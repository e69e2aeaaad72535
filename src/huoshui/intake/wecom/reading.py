"""The XML that WeCom calls back with: one flat element. Whatever declares a document type is refused before anything of it is
read, so that no entity is ever defined (XXE, billion laughs). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from xml.parsers import expat

from huoshui.intake.wecom.types import Added, Tampered

LARGEST: Final = 64 << 10
"""Bytes of a callback's body. Theirs have some hundreds."""

_ADDED: Final = frozenset({"add_external_contact", "add_half_external_contact"})
_NAME: Final = re.compile(r"[!-~]{1,128}")


def fields(text: bytes) -> dict[str, str]:
    """The elements below the root, by name. Raises Tampered."""
    if len(text) > LARGEST:
        raise Tampered
    reader = _Reader()
    try:
        reader.parser.Parse(text, True)
    except (expat.ExpatError, ValueError) as error:
        raise Tampered from error
    return reader.found


class _Reader:
    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self._path: list[str] = []
        self._text: list[str] = []
        self.parser = expat.ParserCreate(encoding="utf-8")
        self.parser.StartDoctypeDeclHandler = _refuse
        self.parser.EntityDeclHandler = _refuse
        self.parser.ExternalEntityRefHandler = _refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text.append

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._path.append(name)
        self._text.clear()
        if len(self._path) > 8:
            raise Tampered

    def _end(self, name: str) -> None:
        if len(self._path) == 2:
            self.found.setdefault(name, "".join(self._text).strip())
        self._path.pop()
        self._text.clear()


def _refuse(*told: Any) -> int:
    raise Tampered


def added(told: Mapping[str, str]) -> Added | None:
    """That somebody added one of the staff; None for everything else that WeCom tells. `WelcomeCode` is not used: no message is
    sent by it. Raises Tampered for what cannot be."""
    if told.get("Event") != "change_external_contact" or told.get("ChangeType") not in _ADDED:
        return None
    user_id, external = told.get("UserID", ""), told.get("ExternalUserID", "")
    time = told.get("CreateTime", "")
    if not _NAME.fullmatch(external) or not (time.isascii() and time.isdigit() and len(time) <= 11):
        raise Tampered
    return Added(user_id[:64], external, told.get("State", "")[:64], datetime.fromtimestamp(int(time), UTC))
