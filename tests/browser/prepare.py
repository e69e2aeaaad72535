"""Run in a process of its own: the demo's logins, and the first files in through the door of `huoshui import`.

`python -m tests.browser.prepare DIRECTORY`, with HUOSHUI_HOME set. One process instead of five saves the tests
half a minute of starting Python.
"""

from __future__ import annotations

import sys
from pathlib import Path

from django.db import transaction

from huoshui.project import boot
from huoshui.project.commands.data import run_import
from huoshui.project.commands.output import Bar, bars
from huoshui.project.logins import LOGINS
from tests.browser import shop


def main(directory: Path) -> None:
    boot.boot("river", with_owner=True)
    boot.migrate_if_needed()
    _make_logins()
    files = shop.write(directory)
    with bars() as progress:
        for kind, file in (
            ("stores", files.stores),
            ("products", files.products),
            ("people", files.people),
            ("sales", files.sales),
        ):
            run = run_import([file], kind=kind, mode="live", bar=Bar(progress, kind), readers=kind == "sales")
            assert run["state"] == "done" and not run["problems"], run


def _make_logins() -> None:
    # Their rooms have models, which can be imported only once Django is set up
    from huoshui.brand import api as brand
    from huoshui.core.actor import SYSTEM
    from huoshui.web.console.i18n import compile_catalogues

    compile_catalogues()
    with transaction.atomic():
        brand.ensure_headquarters("总部")
        for role, name, password, roles in LOGINS:
            brand.ensure_login(username=name, password=password, name=role, roles=roles, actor=SYSTEM)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
