-- The rules by which identifiers name people. Version 1 is what is delivered and has no row; the newest row is live. Never
-- changed, never deleted: to go back is to put an old body live as a new version.
create table identity_rules (
    version int primary key check (version > 1),
    body jsonb not null,
    reason text not null,
    actor text not null,
    made_at timestamptz not null default now()
);

-- Being edited: one for the house, until it goes live or is thrown away.
create table identity_rules_draft (
    id int primary key default 1 check (id = 1),
    body jsonb not null,
    actor text not null,
    changed_at timestamptz not null default now()
);

-- What a set of rules would do, or does as it goes live. `version` null: only tried.
create table identity_rehearsal (
    id bigint generated always as identity primary key,
    version int references identity_rules,
    body jsonb not null,
    base_version int not null,
    state text not null default 'waiting' check (state in ('waiting', 'running', 'done', 'failed')),
    report jsonb,
    done int not null default 0,
    actor text not null,
    asked_at timestamptz not null default now(),
    ended_at timestamptz
);

-- A link that the rules took back, not somebody who knows better: other rules may make it again.
alter table link add column undone_by_version int;

-- Guarded because it joined more than its rule allows, not because somebody said so: other rules may let it name people again.
alter table identifier add column is_guarded_by_rule boolean not null default false;
update identifier set is_guarded_by_rule = true where is_guarded;
