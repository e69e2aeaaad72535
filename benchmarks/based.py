"""A base of very many identifiers in a home: two of each person, every fifth person linked with the next.

Nothing that joins very many: an identifier is guarded once it has joined five, so that no base has such.
"""

from __future__ import annotations

from benchmarks.scratch import Home

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
    home.migrate()
    with home.filling(_TABLES) as connection:
        for text in _FILL:
            connection.execute(text.format(persons=persons).encode())
    with home.connect() as connection:
        connection.execute(f"vacuum analyze {', '.join(_TABLES)}".encode())
        connection.execute("checkpoint")
