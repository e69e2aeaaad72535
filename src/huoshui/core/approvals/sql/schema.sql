-- What one person asked for and may not do alone: it waits for another one's word. `said` is what is to be done, as its room
-- understands it.
create table approval (
    id bigint generated always as identity primary key,
    kind text not null,
    key text not null,                    -- the asker's own: asked twice it waits once
    object_kind text not null,
    object_id bigint not null,
    said jsonb not null,
    reason text not null check (reason <> ''),
    -- 'approved' while it is being carried out, where that takes a transaction of its own
    state text not null default 'waiting' check (state in ('waiting', 'approved', 'done', 'rejected')),
    asked_by text not null,
    asked_at timestamptz not null default now(),
    decided_by text,
    decided_at timestamptz,
    fact_id bigint,
    unique (kind, key),
    check (decided_by is null or decided_by <> asked_by),
    check ((state = 'done') = (fact_id is not null)),
    check (state in ('waiting', 'done') or decided_by is not null)
);
create index approval_open on approval (kind, id) where state in ('waiting', 'approved');

-- How much one of a role may do alone; no row: as its room has it, null: any amount.
create table approval_limit (
    kind text not null,
    role text not null,
    alone_upto bigint check (alone_upto >= 0),
    set_at timestamptz not null default now(),
    set_by text not null,
    primary key (kind, role)
);
