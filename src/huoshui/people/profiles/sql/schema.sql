-- Named attributes of a person: the latest value of each source, with its time and the fact that said it.
create table attribute (
    person_id bigint not null,
    name text not null,
    source_id int not null,
    value text not null,
    fact_id bigint not null,
    said_at timestamptz not null,
    xid xid8 not null default pg_current_xact_id(),
    primary key (person_id, name, source_id)
);
create index attribute_xid on attribute (xid);
