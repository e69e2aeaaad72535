"""The engine the settings name."""

from __future__ import annotations

from django.conf import settings

from huoshui.core.spark import is_master
from huoshui.lake import tables
from huoshui.lake.engines.base import (
    CalledOff,
    Engine,
    EngineMissing,
    LakeTables,
    LakeUnreadable,
    UnknownEngine,
)

__all__ = ["CalledOff", "Engine", "EngineMissing", "LakeTables", "LakeUnreadable", "UnknownEngine", "engine"]

_engines: dict[tuple[str, str, str], Engine] = {}


def engine() -> Engine:
    """One for the process, and for each lake the settings ever named."""
    name = str(settings.HUOSHUI_ENGINE)
    key = (name, str(settings.HUOSHUI_DATABASE_URL), tables.warehouse())
    if key not in _engines:
        _engines[key] = _make(name)
    return _engines[key]


def _make(name: str) -> Engine:
    if name == "duckdb":
        from huoshui.lake.engines.duck import DuckEngine

        return DuckEngine()
    if name == "chdb":
        from huoshui.lake.engines.chdb import ChdbEngine

        return ChdbEngine()
    if is_master(name):
        from huoshui.lake.engines.spark import SparkEngine

        return SparkEngine(name)
    raise UnknownEngine
