-- Imports that are taken back (ADR 0017): who asked for it, why, what was found before and what became of it.
create table import_undo (
    run_id bigint primary key,
    state text not null check (state in ('asked', 'queued', 'running', 'done', 'failed')),
    reason text not null,
    actor text not null,
    actor_name text not null default '',
    asked_at timestamptz not null default now(),
    approval_id bigint,                    -- waits, or has waited, for a second person
    phase text not null default '',
    message text not null default '',
    before jsonb not null default '{}',    -- what it was going to do
    counts jsonb not null default '{}',    -- what it did
    ended_at timestamptz
);

-- Stock-takes that an import made: documents of our own, not facts of its source.
create table import_document (
    fact_id bigint primary key,
    run_id bigint not null,
    key text not null,                     -- as the file makes it; counted again after it was taken back, it is another
    undone_by bigint
);
create index import_document_run on import_document (run_id);
create index import_document_key on import_document (key);
