-- What people wrote of typical customers, and the types that were found.

create table portrait_typical (
    segment_id bigint not null,
    person_id bigint not null,          -- canonical when it was written
    called text not null check (called <> ''),
    treatment text not null default '',
    actor text not null,
    actor_name text not null,
    said_at timestamptz not null,
    primary key (segment_id, person_id)
);
create index portrait_typical_person on portrait_typical (person_id);

-- The newest row is the one in use; the others tell what a type meant then.
create table portrait_model (
    id bigint generated always as identity primary key,
    model jsonb not null,
    called jsonb not null default '{}',     -- a name given by a person, by the type's key
    actor text not null,
    actor_name text not null,
    made_at timestamptz not null
);
