"""Which endpoint an address means."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Generic, NamedTuple, TypeVar

E = TypeVar("E")

_PARAMETER = re.compile(r"\{(\w+)\}")


def parameters_in(path: str) -> list[str]:
    return _PARAMETER.findall(path)


class Found(NamedTuple, Generic[E]):
    methods: Mapping[str, E]
    parameters: Mapping[str, str]


class Routes(Generic[E]):
    """Endpoints by path and method. A path without parameters goes before one with, which go as they were declared."""

    def __init__(self) -> None:
        self._methods: dict[str, dict[str, E]] = {}
        self._patterns: dict[str, re.Pattern[str]] = {}

    def add(self, method: str, path: str, endpoint: E) -> None:
        self._methods.setdefault(path, {})[method] = endpoint
        if parameters_in(path):
            self._patterns[path] = re.compile(_PARAMETER.sub(r"(?P<\1>[^/]+)", path))

    def find(self, path: str) -> Found[E] | None:
        if path in self._methods and path not in self._patterns:
            return Found(self._methods[path], {})
        for declared, pattern in self._patterns.items():
            if match := pattern.fullmatch(path):
                return Found(self._methods[declared], match.groupdict())
        return None

    def __iter__(self) -> Iterator[tuple[str, str, E]]:
        """(path, method, endpoint), each as declared."""
        for path, methods in self._methods.items():
            for method, endpoint in methods.items():
                yield path, method, endpoint
