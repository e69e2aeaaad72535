"""Hear what has settled since and say whose customers they are, in a process of its own. Prints JSON, for `bench_bonds`."""

from __future__ import annotations

import json
from time import process_time

from benchmarks.processes import cpu_seconds
from huoshui.project import boot


def main() -> None:
    boot.boot("river")
    from huoshui.core import sql
    from huoshui.trade.bonds import api as bonds

    touches = sql.Statement("touches", "select count(*) as touches from bond_touch")
    server = sql.raw().info.backend_pid
    cpu, server_cpu = process_time(), cpu_seconds(server)
    changed = bonds.read()
    print(
        json.dumps(
            {
                "changed": changed,
                "touches": sql.fetch_one(touches).touches,
                "worker": round(process_time() - cpu, 3),
                "its PostgreSQL backend": round(cpu_seconds(server) - server_cpu, 3),
            }
        )
    )


if __name__ == "__main__":
    main()
