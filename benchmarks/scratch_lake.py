"""A lake in a folder, with a catalog in a database of its own that is gone when the process ends."""

from __future__ import annotations

import os
import resource
from pathlib import Path
from typing import Any

import django
from django.conf import settings


def configure(folder: Path, *, engine: str = "duckdb", memory: str = "2200MB") -> None:
    from huoshui.core.postgres.api import OWNER
    from huoshui.core.postgres.config import django_database
    from huoshui.core.postgres.testing import test_server

    server = test_server()
    name = f"scratch_lake_{os.getpid()}"
    apps = ["core", "brand.org", "brand.catalog", "brand.staff", "brand.stock", "lake"]
    settings.configure(
        INSTALLED_APPS=[
            "django.contrib.contenttypes",
            "django.contrib.auth",
            "django.contrib.sessions",
            *(f"huoshui.{app}" for app in apps),
        ],
        DATABASES={"default": django_database(server.url(OWNER, "postgres"), "owner")},
        USE_TZ=True,
        HUOSHUI_HOME=folder,
        HUOSHUI_LAKE=str(folder / "lake"),
        HUOSHUI_LAKE_MEMORY=memory,
        HUOSHUI_ENGINE=engine,
        HUOSHUI_ZONE="Asia/Shanghai",
        HUOSHUI_DATABASE_URL=server.url(OWNER, name),
    )
    django.setup()
    _new_database(name)


def _new_database(name: str) -> None:
    import atexit

    from django.core.management import call_command
    from django.db import connection

    def run_there(statement: str) -> None:
        connection.close()
        connection.settings_dict["NAME"] = "postgres"
        with connection.cursor() as cursor:
            cursor.execute(statement)
        connection.close()

    run_there(f"create database {name}")
    atexit.register(run_there, f"drop database {name} with (force)")
    connection.settings_dict["NAME"] = name
    call_command("migrate", verbosity=0)


def register(folder: Path) -> None:
    """Name the tables that lie there in the catalog, each by its latest metadata."""
    from huoshui.lake import tables

    known = tables.catalog()
    known.create_namespace_if_not_exists(tables.NAMESPACE)
    for name in tables.COLUMNS:
        latest = max((folder / "lake" / name / "metadata").glob("*.metadata.json"))
        known.register_table((tables.NAMESPACE, name), str(latest.resolve()))


def sizes() -> dict[str, Any]:
    from huoshui.lake import tables
    from huoshui.lake.files import current_files

    shown = {}
    for name in tables.COLUMNS:
        files = current_files(tables.ensure(name))
        shown[name] = {
            "rows": sum(file.record_count for file in files),
            "files": len(files),
            "megabytes": round(sum(file.file_size_in_bytes for file in files) / 1e6, 1),
        }
    return {"tables": shown, "peak_mb": peak_mb()}


def peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
