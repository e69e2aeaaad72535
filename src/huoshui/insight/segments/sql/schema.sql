-- Saved segments: what was asked, in versions; who is in and was in, as spells; and when who is to be looked at again.

create table segment (
    id bigint generated always as identity primary key,
    name text not null check (name <> ''),
    state text not null default 'on' check (state in ('on', 'paused', 'archived')),
    owner text not null,
    owner_name text not null,
    version_no int not null default 1,
    is_incremental boolean not null,
    judged_version int not null default 0,  -- of which version the present members are
    read_xid xid8 not null default '0',     -- what settled below it has been judged
    judged_at timestamptz,                  -- when everyone was last judged
    refreshed_at timestamptz,               -- when anyone was
    seconds float8 not null default 0,      -- how long everyone took
    people bigint not null default 0,
    error text not null default '',
    created_at timestamptz not null default now()
);
create unique index segment_name on segment (name) where state <> 'archived';

create table segment_version (
    segment_id bigint not null references segment,
    version_no int not null,
    rule jsonb not null,
    rule_text text not null,
    sentence_zh text not null,
    sentence_en text not null,
    actor text not null,
    actor_name text not null,
    reason text not null default '',
    saved_at timestamptz not null default now(),
    client_key text,        -- of a program that saved it; the same key again is the same version
    content_hash text,
    primary key (segment_id, version_no)
);
create unique index segment_version_key on segment_version (actor, client_key) where client_key is not null;

-- One membership from entry to exit; open while the person is in. `person_id` was canonical then.
create table segment_spell (
    id bigint generated always as identity primary key,
    segment_id bigint not null references segment,
    person_id bigint not null,
    since timestamptz not null,
    until timestamptz,
    left_why text not null default '' check (left_why in ('', 'rule', 'merged', 'consent', 'changed', 'archived')),
    version_no int not null,
    is_told_in boolean not null default false,
    is_told_out boolean not null default false,
    xid xid8 not null default pg_current_xact_id(),
    check (until is null or until >= since)
);
create unique index segment_spell_open on segment_spell (segment_id, person_id) where until is null;
create index segment_spell_person on segment_spell (person_id);
create index segment_spell_since on segment_spell (segment_id, since desc, id desc);
create index segment_spell_until on segment_spell (segment_id, until desc, id desc) where until is not null;
create index segment_spell_untold on segment_spell (id) where not is_told_in or (until is not null and not is_told_out);
create index segment_spell_xid on segment_spell (xid);

-- The earliest instant at which time alone may change the answer: of members, and of those who are none.
create table segment_recheck (
    segment_id bigint not null references segment,
    person_id bigint not null,
    recheck_at timestamptz not null,
    primary key (segment_id, person_id)
);
create index segment_recheck_due on segment_recheck (segment_id, recheck_at);
create index segment_recheck_person on segment_recheck (person_id);

-- The answer at hand, within the transaction that takes it in.
create unlogged table segment_judged (
    segment_id bigint not null,
    person_id bigint not null,
    is_member boolean not null,
    recheck_at timestamptz,
    primary key (segment_id, person_id)
);

create table segment_day (
    segment_id bigint not null references segment,
    day date not null,
    people bigint not null,
    entered bigint not null default 0,
    gone bigint not null default 0,
    primary key (segment_id, day)
);

-- A count somebody waits for; whoever asked may call it off from another process.
create table segment_count (
    token text primary key,
    actor text not null,
    turn int not null default 1,     -- whoever asks again no longer waits for what was asked before
    begun_at timestamptz not null default now(),
    is_called_off boolean not null default false
);
