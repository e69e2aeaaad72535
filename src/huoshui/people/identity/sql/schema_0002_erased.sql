-- Who was erased, and what must not bring him back: keyed hashes of keyed hashes, which nobody can try numbers against.
create table erased_person (
    person_id bigint primary key,
    case_id bigint not null,
    erased_at timestamptz not null default now()
);
create table erased_identifier (
    mark text primary key,
    case_id bigint not null,
    erased_at timestamptz not null default now()
);
