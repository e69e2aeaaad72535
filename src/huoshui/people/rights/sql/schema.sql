-- What people ask of us by law: each a case with a clock, and a trail of who did what.
create table rights_case (
    id bigint generated always as identity primary key,
    kind text not null check (kind in ('copy', 'port', 'explain', 'correct', 'restrict', 'erase')),
    person_id bigint not null,
    person_ids bigint[] not null default '{}',   -- who it turned out to be: all born ids of the cluster, once it is carried out
    said text not null default '',               -- in her words
    via text not null default '',                -- how she asked
    proof text not null default '',              -- how we know that it is she
    state text not null default 'open' check (state in ('open', 'doing', 'done', 'refused')),
    asked_at timestamptz not null,
    due_on date not null,
    asked_by text not null,
    decided_by text,
    decided_at timestamptz,
    reason text not null default '',             -- why refused
    step text not null default '',               -- how far an erasure has come
    outcome jsonb not null default '{}',
    check ((state in ('done', 'refused')) = (decided_at is not null)),
    check (state <> 'refused' or reason <> '')
);
create unique index rights_case_once on rights_case (person_id, kind) where state in ('open', 'doing');
create index rights_case_open on rights_case (due_on, id) where state in ('open', 'doing');
create index rights_case_person on rights_case (person_id);

create table rights_event (
    id bigint generated always as identity primary key,
    case_id bigint not null references rights_case,
    at timestamptz not null default now(),
    actor text not null,
    what text not null,
    detail text not null default ''
);
create index rights_event_case on rights_event (case_id, id);
