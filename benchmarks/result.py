"""What a proof comes back with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Result:
    """`figures` are what was measured; `passed` is what follows from them; `notes` are for whoever reads them."""

    figures: Mapping[str, Any]
    passed: bool
    notes: tuple[str, ...] = ()


@dataclass
class Claims:
    """Named statements that must all be true, each kept with what was expected and what was found."""

    made: dict[str, dict[str, Any]] = field(default_factory=dict)

    def equal(self, name: str, found: Any, expected: Any) -> None:
        self._add(name, found == expected, expected, found)

    def at_most(self, name: str, found: float, limit: float) -> None:
        self._add(name, found <= limit, f"<= {limit}", found)

    def at_least(self, name: str, found: float, limit: float) -> None:
        self._add(name, found >= limit, f">= {limit}", found)

    @property
    def hold(self) -> bool:
        return bool(self.made) and all(claim["holds"] for claim in self.made.values())

    @property
    def broken(self) -> list[str]:
        return [name for name, claim in self.made.items() if not claim["holds"]]

    def _add(self, name: str, holds: bool, expected: Any, found: Any) -> None:
        self.made[name] = {"holds": holds, "expected": expected, "found": found}
