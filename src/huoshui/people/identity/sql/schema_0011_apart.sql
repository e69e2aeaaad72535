-- What somebody has parted is little beside all links, and is looked for whenever a record may join two clusters.
create index link_parted on link (person_a, person_b) where unlinked_at is not null and undone_by_version is null;

-- Pairs of whom a human was asked: once, however often their accounts stand on one record.
create table identity_asked (
    code text not null,
    person_a bigint not null,
    person_b bigint not null,
    fact_id bigint not null,
    asked_at timestamptz not null default now(),
    primary key (code, person_a, person_b),
    check (person_a < person_b)
);
create index identity_asked_other on identity_asked (person_b);
