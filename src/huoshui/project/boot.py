"""From nothing to a configured Django: home, keys, database, roles, migrations."""

from __future__ import annotations

import gc
import logging
import os
import time
from pathlib import Path
from threading import Thread
from typing import Literal

import django

from huoshui.core.crypto import ensure_keys
from huoshui.core.postgres.api import status
from huoshui.core.postgres.config import database_urls, grant, refuse_superuser
from huoshui.core.postgres.roles import refuse_unfit_server

Role = Literal["web", "river"]

_LOOK_EVERY = 1.0  # seconds; a look costs a millisecond


def home() -> Path:
    return Path(os.environ.get("HUOSHUI_HOME", ".huoshui")).resolve()


def boot(role: Role, *, with_owner: bool = False) -> None:
    """Start or join the database, and set Django up to work as `role`. A second call changes nothing."""
    if os.environ.get("HUOSHUI_ROLE") == role and os.environ.get("HUOSHUI_BOOTED") == str(os.getpid()):
        return
    place = home()
    ensure_keys(place / "secrets" / "keys.json")
    urls = database_urls(place, os.environ)
    os.environ["HUOSHUI_ROLE"] = role
    os.environ["HUOSHUI_DATABASE_URL"] = urls.web if role == "web" else urls.river
    os.environ["HUOSHUI_DIRECT_URL"] = urls.direct
    os.environ["HUOSHUI_POOLED"] = "1" if urls.is_pooled else ""
    if with_owner:
        os.environ["HUOSHUI_OWNER_URL"] = urls.owner
    else:
        os.environ.pop("HUOSHUI_OWNER_URL", None)
    os.environ["DJANGO_SETTINGS_MODULE"] = "huoshui.project.settings"
    django.setup()
    from django.db import connection

    refuse_unfit_server(connection)
    refuse_superuser(connection)
    # A batch makes tens of thousands of values that live no longer than it; to look through them while they live finds nothing
    gc.set_threshold(100_000, 20, 20)
    os.environ["HUOSHUI_BOOTED"] = str(os.getpid())


def migrate() -> None:
    """Bring the schema up to date as its owner, and hand the other roles their rights. Needs `with_owner`."""
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", database="owner", verbosity=0, interactive=False)
    grant(database_urls(home(), os.environ))
    connections["owner"].close()


def migrate_if_needed() -> None:
    if not is_migrated():
        migrate()


def rejoin() -> None:
    """Start the database again if it is gone; its place and passwords stay."""
    database_urls(home(), os.environ)


def keep_database_up() -> None:
    """From now on, start the embedded database again whenever it is gone: whoever serves is its supervisor."""
    if not os.environ.get("DATABASE_URL"):
        Thread(target=_keep_up, name="database", daemon=True).start()


def _keep_up() -> None:
    while True:
        time.sleep(_LOOK_EVERY)
        _start_if_gone()


def _start_if_gone() -> None:
    try:
        if not status(home()).running:
            rejoin()
    except Exception as error:  # it is tried again in a moment; the thread must not end over it
        logging.getLogger(__name__).warning("the database does not come back: %s", error)


def is_migrated() -> bool:
    """Whether no migration is pending, asked as the owner."""
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connections["owner"])
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())
