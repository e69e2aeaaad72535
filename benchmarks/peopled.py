"""A base of very many people as facts have told of them, in a home: for what reads all that was ever said.

Of `humans`: each is told of with a card and a phone at once and buys twice by the card; every fifth comes with a second card
under the same phone, every fourth is known by an openid first and by the phone later, every fiftieth lends the phone to the one
before. Whoever is told of apart first is a person of his own, and linked.
"""

from __future__ import annotations

from benchmarks.scratch import Home

SECOND_CARD, OPENID, LENT = 5, 4, 50

_TABLES = ("person", "identifier", "link", "person_cluster", "fact_identifier")

# Facts of human n: 10n registers, 10n+1 and 10n+2 buy, 10n+3 the second card, 10n+4 and 10n+5 the openid, 10n+6 lent.
# Persons: n himself, 10,000,000 + n by the second card, 20,000,000 + n by the openid.
_FILL = (
    """
    insert into fact_identifier (fact_id, kind, key)
    select 10 * n, 'card_no', 'C' || n from generate_series(1, {humans}) n
    union all select 10 * n, 'phone', md5(n::text) from generate_series(1, {humans}) n
    union all select 10 * n + 1, 'card_no', 'C' || n from generate_series(1, {humans}) n
    union all select 10 * n + 2, 'card_no', 'C' || n from generate_series(1, {humans}) n
    union all select 10 * n + 3, 'card_no', 'D' || n from generate_series({second}, {humans}, {second}) n
    union all select 10 * n + 3, 'phone', md5(n::text) from generate_series({second}, {humans}, {second}) n
    union all select 10 * n + 4, 'openid', 'o' || n from generate_series({openid}, {humans}, {openid}) n
    union all select 10 * n + 5, 'openid', 'o' || n from generate_series({openid}, {humans}, {openid}) n
    union all select 10 * n + 5, 'phone', md5(n::text) from generate_series({openid}, {humans}, {openid}) n
    union all select 10 * n + 6, 'phone', md5(n::text) from generate_series({lent}, {humans}, {lent}) n
    union all select 10 * n + 6, 'card_no', 'C' || n - 1 from generate_series({lent}, {humans}, {lent}) n
    """,
    """
    insert into person (id, born_fact_id)
    select n, 10 * n from generate_series(1, {humans}) n
    union all select 10000000 + n, 10 * n + 3 from generate_series({second}, {humans}, {second}) n
    union all select 20000000 + n, 10 * n + 4 from generate_series({openid}, {humans}, {openid}) n
    """,
    """
    insert into identifier (kind, key, person_id, fact_id)
    select 'card_no', 'C' || n, n, 10 * n from generate_series(1, {humans}) n
    union all select 'phone', md5(n::text), n, 10 * n from generate_series(1, {humans}) n
    union all select 'card_no', 'D' || n, 10000000 + n, 10 * n + 3 from generate_series({second}, {humans}, {second}) n
    union all select 'openid', 'o' || n, 20000000 + n, 10 * n + 4 from generate_series({openid}, {humans}, {openid}) n
    """,
    """
    insert into link (person_a, person_b, rule, actor, fact_id)
    select n, 10000000 + n, 'same_fact', 'system:0', 10 * n + 3 from generate_series({second}, {humans}, {second}) n
    union all
    select n, 20000000 + n, 'same_fact', 'system:0', 10 * n + 5 from generate_series({openid}, {humans}, {openid}) n
    union all select n - 1, n, 'same_fact', 'system:0', 10 * n + 6 from generate_series({lent}, {humans}, {lent}) n
    """,
    # Who lends stands with the one before; their other ids too
    """
    insert into person_cluster
    select p, c from (
        select p, case when human % {lent} = 0 then human - 1 else human end as c
        from (select id as p, id % 10000000 as human from person) x) y
    where p <> c
    """,
)


def fill(home: Home, humans: int) -> dict[str, int]:
    """Returns how many persons, and links, there are. Indexes are made afterwards."""
    home.migrate()
    sizes = {"humans": humans, "second": SECOND_CARD, "openid": OPENID, "lent": LENT}
    with home.filling(_TABLES) as connection:
        for text in _FILL:
            connection.execute(text.format(**sizes).encode())
    with home.connect() as connection:
        connection.execute(f"vacuum analyze {', '.join(_TABLES)}".encode())
    persons, links = home.row("select (select count(*) from person), (select count(*) from link)")
    return {"persons": persons, "links": links}
