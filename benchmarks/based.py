"""A base of very many identifiers in a home: two of each person, every fifth person linked with the next.

Nothing that joins very many: an identifier is guarded once it has joined five, so that no base has such.
"""

from __future__ import annotations

import subprocess
import sys

from benchmarks import machine
from benchmarks.scratch import Home

_MIGRATE = "from huoshui.project import boot; boot.boot('river', with_owner=True); boot.migrate_if_needed()"
_TABLES = ("person", "identifier", "link", "person_cluster")

# Phones are as long as sealed ones.
_FILL = (
    "insert into person (id, born_fact_id) select n, 0 from generate_series(1, {persons}) n",
    """
    insert into identifier (kind, key, sealed, tail4, person_id, fact_id)
    select 'phone', md5(n::text), decode(repeat(md5(n::text), 6), 'hex'), lpad((n::bigint * 7919 % 10000)::text, 4, '0'), n, 0
    from generate_series(1, {persons}) n
    union all
    select 'card_no', 'C' || n, null, null, n, 0 from generate_series(1, {persons}) n
    """,
    """
    insert into link (person_a, person_b, rule, actor)
    select n, n + 1, 'same_fact', 'system:0' from generate_series(1, {persons} - 1, 5) n
    """,
    "insert into person_cluster select person_b, person_a from link",
    "select setval(pg_get_serial_sequence('person', 'id'), {persons})",
)


def fill(home: Home, persons: int) -> None:
    """`persons` with two identifiers each. Indexes are made afterwards: a hundred times as many pages would be written."""
    subprocess.run([sys.executable, "-c", _MIGRATE], env=home.environment, cwd=machine.REPOSITORY, check=True)
    with home.connect() as connection:
        connection.execute("set maintenance_work_mem = '1GB'")
        connection.execute("set synchronous_commit = off")
        indexes = connection.execute(
            """
            select indexname, indexdef from pg_indexes where schemaname = 'public' and tablename = any(%s)
                and indexname not in (select conname from pg_constraint)
            """,
            (list(_TABLES),),
        ).fetchall()
        for name, _ in indexes:
            connection.execute(f"drop index {name}".encode())
        for text in _FILL:
            connection.execute(text.format(persons=persons).encode())
        for _, definition in indexes:
            connection.execute(definition.encode())
        connection.execute(f"vacuum analyze {', '.join(_TABLES)}".encode())
        connection.execute("checkpoint")
