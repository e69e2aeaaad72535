-- Brands whose points can be changed into ours and ours into theirs.
create table partner (
    id bigint generated always as identity primary key,
    code text not null unique check (code ~ '^[a-z0-9-]+$'),
    name text not null,
    ours int not null check (ours > 0),       -- so many of our points are
    theirs int not null check (theirs > 0),   -- so many of theirs
    direction text not null default 'both' check (direction in ('in', 'out', 'both')),
    monthly_cap bigint not null check (monthly_cap >= 0),       -- of our points, both ways together
    prepaid_limit bigint not null default 0 check (prepaid_limit >= 0),  -- of our points they may bring beyond what we owe them
    fen_per_100 bigint not null check (fen_per_100 >= 0),       -- what they and we settle 100 of our points at
    state text not null default 'live' check (state in ('live', 'ended')),
    made_by text not null,
    made_at timestamptz not null default now()
);
