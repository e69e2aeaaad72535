-- Addresses at which people see and change for themselves what they allow: one person's each, for a while. The address holds
-- the handle and its signature, and nothing of whose it is.
create table rights_link (
    id bigint generated always as identity primary key,
    handle text not null unique,
    person_id bigint not null,
    made_by text not null,
    made_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz,
    opened_at timestamptz,               -- for the first time
    counted_from timestamptz,            -- since when `taps` are counted
    taps int not null default 0
);
create index rights_link_person on rights_link (person_id);
