"""In the home of `HUOSHUI_HOME`, in a process of its own. Started by `benchmarks.erased`.

`upload KIND FILE`: as the console takes a file in, which keeps it. `settle`: readers up to date. `keys`: reads values, one a
line, from its input and prints the keyed hash of each.
"""

from __future__ import annotations

import sys
from pathlib import Path

from huoshui.project import boot


def main() -> None:
    boot.boot("river", with_owner=True)
    boot.migrate_if_needed()
    match sys.argv[1:]:
        case ["upload", kind, file]:
            _upload(kind, Path(file))
        case ["settle"]:
            from huoshui.intake.river.api import after_settling

            after_settling()
        case ["keys"]:
            from huoshui.core.crypto import lookup_key

            for line in sys.stdin:
                print(lookup_key(line.rstrip("\n")))
        case unknown:
            raise SystemExit(f"what is {unknown}?")


def _upload(kind: str, file: Path) -> None:
    from django.db import transaction

    from huoshui.brand import api as brand
    from huoshui.core.actor import SYSTEM
    from huoshui.intake.imports import api as imports

    with transaction.atomic():
        brand.ensure_headquarters("总部")
    with file.open("rb") as content:
        run_id = imports.upload(SYSTEM, [(file.name, content)], kind=kind)
    imports.execute(run_id, actor=SYSTEM)
    assert imports.run_for(SYSTEM, run_id).state == "done", imports.run_for(SYSTEM, run_id).message


if __name__ == "__main__":
    main()
