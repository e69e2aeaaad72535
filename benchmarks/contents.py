"""What a home holds, in a form that can be compared."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.scratch import Home

# A run is a new run, and a reader that comes by notes when
OF_THE_RUN = frozenset({"import_run", "watermark"})

_TABLES = """
select table_schema || '.' || table_name
from information_schema.tables
where table_type = 'BASE TABLE' and table_schema in ('public', 'lake')
    and table_name not in (select inhrelid::regclass::text from pg_inherits)
order by 1
"""

# What makes the fact itself: neither ids nor times of arrival, which every import gives anew
_FACTS = {
    "facts": """
        select s.name, f.name, f.client_key, f.content_hash,
            case when o.fact_id is not null then f.occurred_at end, st.state, st.is_history
        from fact f join source s on s.id = f.source_id join settlement st on st.fact_id = f.id
        left join fact_order o on o.fact_id = f.id
        where s.name <> 'huoshui'""",
    "derived": """
        select f.name, p.key, f.depth, f.occurred_at
        from fact f join source s on s.id = f.source_id join settlement st on st.fact_id = f.id
        left join lateral (select min(i.key) as key from identifier i where i.person_id = st.person_id) p on true
        where s.name = 'huoshui'""",
    "identifiers": """
        select f.client_key, i.kind, i.scope, i.key, i.tail4 from fact_identifier i join fact f on f.id = i.fact_id""",
    "traits": "select f.client_key, t.name, t.value from fact_trait t join fact f on f.id = t.fact_id",
    "orders": """
        select o.name, o.order_key, o.parent_key, o.occurred_at, o.business_day, u.code, o.channel, o.status,
            o.amount, o.discount, o.coupon_discount, o.refunded, o.line_count
        from fact_order o left join org_unit u on u.id = o.org_unit_id""",
    "lines": """
        select o.order_key, l.line_no, l.line_key, k.code, l.quantity_milli, l.amount, l.discount, l.coupon_discount,
            l.refunded, l.refunded_milli, l.flags
        from fact_line l join fact_order o on o.fact_id = l.fact_id join sku k on k.id = l.sku_id""",
    "points": """
        select f.client_key, t.reason, t.part, t.amount from transfer t join fact f on f.id = t.fact_id""",
    "stock": """
        select u.code, k.code, s.on_hand_milli from stock s
        join org_unit u on u.id = s.org_unit_id join sku k on k.id = s.sku_id""",
}


def counts(home: Home) -> dict[str, int]:
    """Rows of every table but those that tell of the run itself."""
    return {
        name: int(home.row(f"select count(*) from {name}")[0])
        for (name,) in home.rows(_TABLES)
        if name.partition(".")[2] not in OF_THE_RUN
    }


def digests(home: Home) -> dict[str, str]:
    """Rows and a digest of each kind of content; the order in which rows came does not matter."""
    found = {}
    for name, query in _FACTS.items():
        rows, digest = home.row(
            f"""select count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text || '/' ||
                coalesce(sum(hashtextextended(t::text, 7)::numeric), 0)::text
            from ({query}) t"""
        )
        found[name] = f"{rows} {digest}"
    return found


def lake_rows(home: Home) -> dict[str, int]:
    return {table["name"]: table["rows"] for table in home.told("lake", "status", "--json")["tables"]}


def differences(before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, list[object]]:
    return {
        name: [before.get(name), after.get(name)]
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    }
