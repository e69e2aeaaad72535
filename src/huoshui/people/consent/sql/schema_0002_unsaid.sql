-- Of whom an import that is undone had told something: what holds of them now is told to the lake anew.
create table consent_unsaid (
    person_id bigint not null,
    purpose text not null,
    at timestamptz not null,
    xid xid8 not null default pg_current_xact_id()
);
create index consent_unsaid_xid on consent_unsaid (xid);
