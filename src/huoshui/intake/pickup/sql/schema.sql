-- Where tables are fetched from by the clock, and how each is read.
create table pickup (
    id int generated always as identity primary key,
    name text not null,
    kind text not null check (kind in ('folder', 'sftp', 's3', 'sql')),
    place jsonb not null,                   -- host, user, path …; never a password
    host_key text not null default '',      -- of an SFTP server, as it was when first met
    what jsonb not null,                    -- pattern, when a file is whole, where it goes; or query, cursor, overlap
    every_minutes int check (every_minutes between 1 and 10080),
    daily_at time check ((every_minutes is null) <> (daily_at is null)),
    source_name text not null,
    form text not null,                     -- 'auto', a kind of table, or a platform's format
    mode text not null check (mode in ('live', 'history')),
    tolerance int not null check (tolerance between 0 and 1000),   -- rows set aside of each thousand
    is_enabled boolean not null default false,
    is_removed boolean not null default false,
    cursor jsonb,                           -- how far a query has come: told by what was imported, not by what was read
    digest text not null default '',        -- of the rows imported last
    next_at timestamptz not null,
    failures int not null default 0,
    fault text not null default '',
    said text not null default '',          -- what the last look came to, where it came to nothing good
    looked_at timestamptz,
    trial_asked_at timestamptz,
    trial bytea,                            -- what the last trial saw, sealed: it shows rows
    created_at timestamptz not null default now(),
    actor text not null
);
create unique index pickup_name on pickup (name) where not is_removed;
create index pickup_due on pickup (next_at) where is_enabled;

-- Passwords and private keys. The web adds, workers read: see grants.sql of core. The newest of a pickup is in use.
create table pickup_secret (
    id bigint generated always as identity primary key,
    pickup_id int not null references pickup on delete cascade,
    sealed bytea not null
);
create index pickup_secret_of on pickup_secret (pickup_id, id);
comment on table pickup_secret is 'web writes only';

-- What was seen in a place, each telling once: a file as it then was, or one reading of a query.
create table pickup_item (
    id bigint generated always as identity primary key,
    pickup_id int not null references pickup,
    path text not null,
    mark text not null,                     -- tells a file apart from what it was before it changed
    size bigint not null default 0,
    state text not null check (state in
        ('seen', 'fetching', 'trying', 'importing', 'waiting', 'done', 'known', 'skipped', 'gone', 'refused')),
    content_hash text not null default '',
    run_id bigint,                          -- the import
    rows bigint not null default 0,
    problems bigint not null default 0,
    reason text not null default '',
    said text not null default '',
    cursor jsonb,
    has_more boolean not null default false,
    put_away text not null default '',      -- where the file was moved to; '-' where it could not be
    seen_at timestamptz not null,
    settled_at timestamptz,
    unique (pickup_id, path, mark)
);
create index pickup_item_open on pickup_item (pickup_id) where state in ('seen', 'fetching', 'trying', 'importing', 'waiting');
create index pickup_item_waiting on pickup_item (id) where state = 'waiting';
create index pickup_item_newest on pickup_item (pickup_id, id desc);
