-- Messages that have been counted, by the hash of their id. The primary key decides who was first.
create table tracked_message (
    message uuid primary key,
    source_id int not null,
    taken_on date not null
);
-- Forgotten by the day, in the order in which they came: a few pages of index for millions of rows.
create index tracked_message_taken on tracked_message using brin (taken_on);

-- What could not be taken in, as it came, for mending and replay. The same again is counted, not kept twice.
create table tracked_aside (
    id bigint generated always as identity primary key,
    source_id int not null,
    digest uuid not null,
    kind text not null,
    name text not null default '',
    message_id text not null default '',
    code text not null,
    detail jsonb not null default '{}',
    pointer text not null default '',
    body bytea not null,
    frame jsonb not null,              -- how it came: time of receipt, sentAt, what the key may do
    times int not null default 1,
    state text not null default 'open' check (state in ('open', 'replayed', 'dropped')),
    fact_id bigint,
    received_at timestamptz not null default now(),
    settled_by text,
    settled_at timestamptz,
    unique (source_id, digest)
);
create index tracked_aside_open on tracked_aside (state, id);

-- Facts and properties as they were seen, declared or not. The property '' counts the facts themselves.
create table seen_property (
    source_id int not null,
    fact text not null,
    property text not null,
    times bigint not null,
    sample_type text not null default '',
    first_at timestamptz not null,
    last_at timestamptz not null,
    primary key (source_id, fact, property)
);
