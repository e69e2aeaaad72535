-- Bases that were bought or come from a partner (ADR 0017): where each import comes from, and how far it has been let.
create table import_quarantine (
    run_id bigint primary key,
    relation text not null check (relation in ('acquired', 'partner')),
    from_whom text not null check (from_whom <> ''),
    obtained_on date not null,
    contract text not null check (contract <> ''),
    legal_basis text not null check (legal_basis in ('consent', 'separate_consent', 'transfer', 'contract', 'duty')),
    notice_version text not null check (notice_version <> ''),
    state text not null default 'marked' check (state in ('marked', 'held', 'asked', 'released', 'rejected')),
    actor text not null,
    actor_name text not null default '',
    marked_at timestamptz not null default now(),
    counts jsonb not null default '{}',    -- what the file holds, and how much of it is known already
    approval_id bigint,                    -- waits, or has waited, for a second person
    reason text not null default '',       -- why it was let in, or not
    decided_by text not null default '',
    decided_at timestamptz
);

-- Sources of which every import is quarantined.
create table import_quarantined_source (
    name_key text primary key,             -- the name without case and blanks
    run_id bigint not null                 -- the import that says where the source comes from
);
