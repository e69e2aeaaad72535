-- How long each class of data is kept (ADR 0031). A row only for what somebody has changed or counted: the rest is as delivered, off.
create table retention_rule (
    name text primary key,
    days int not null check (days > 0),
    is_on boolean not null default false,
    changed_by text not null default '',
    changed_at timestamptz,
    counted jsonb not null default '{}',   -- what would go, by a word for people
    counted_days int,                      -- for how many days that was counted: nothing is turned on unseen
    counted_at timestamptz,
    check (not is_on or changed_by <> '')
);

-- What went, when, by whom: rows are never changed once they have ended.
create table retention_run (
    id bigint generated always as identity primary key,
    actor text not null,
    started_at timestamptz not null default now(),
    ended_at timestamptz,
    taken jsonb not null default '{}',     -- class → word → how many
    failed jsonb not null default '{}'     -- class → what stood in the way; it is tried again the next night
);
