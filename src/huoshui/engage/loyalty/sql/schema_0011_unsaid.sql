-- Of whom an undone import had told all there was to a tier: the lake hears that he has none.
create table tier_unsaid (
    person_id bigint not null,
    at timestamptz not null,
    by_fact_id bigint not null,
    xid xid8 not null default pg_current_xact_id()
);
create index tier_unsaid_xid on tier_unsaid (xid);
