-- Tags: what may be said of a person, in versions; and what is said of whom, in dated rows of which none is overwritten (ADR 0029).

create table tag (
    id bigint generated always as identity primary key,
    key text not null check (key ~ '^[a-z][a-z0-9_]{0,39}$'),
    name text not null check (name <> ''),
    category text not null default '',      -- a path joined by '/'
    kind text not null check (kind in ('flag', 'one', 'several', 'number')),
    is_sensitive boolean not null default false,
    lifetime_days int check (lifetime_days > 0),    -- of what hands, imports and models say
    tells_facts boolean not null default true,
    state text not null check (state in ('on', 'off', 'archived')),
    owner text not null,
    owner_name text not null,
    pack text not null default '',
    version_no int not null default 1,
    is_stale boolean not null default true,     -- to be counted again
    inferred_version int not null default 0,
    inferred_at timestamptz,
    error text not null default '',
    created_at timestamptz not null default now(),
    check (not (is_sensitive and tells_facts))  -- a fact is on the timeline, and a timeline on a guide's screen
);
create unique index tag_key on tag (key) where state <> 'archived';
create unique index tag_name on tag (name) where state <> 'archived';

create table tag_version (
    tag_id bigint not null references tag,
    version_no int not null,
    definition jsonb not null,
    says_zh text not null,
    says_en text not null,
    told jsonb not null default '{}',   -- value -> [Chinese, English]: by what it is given
    actor text not null,
    actor_name text not null,
    reason text not null default '',
    saved_at timestamptz not null default now(),
    primary key (tag_id, version_no)
);

-- Which kept segment tells one value of a tag. Of a tag that is off there is none in use.
create table tag_rule (
    segment_id bigint primary key,
    tag_id bigint not null references tag,
    value text not null,
    is_used boolean not null default true
);
create unique index tag_rule_value on tag_rule (tag_id, value) where is_used;

create table tag_given (
    id bigint generated always as identity primary key,
    tag_id bigint not null references tag,
    person_id bigint not null,      -- as it was recorded; who that is now, people know
    value text not null,
    number float8,
    since timestamptz not null,
    until timestamptz,
    expires_at timestamptz,
    source text not null check (source in ('hand', 'import', 'model', 'inference', 'rule')),
    version_no int not null,        -- of the tag, when it was said
    origin text not null default '',    -- which import, which model
    spell_id bigint unique,
    score float8,
    why jsonb not null default '[]',
    actor text not null,
    actor_name text not null default '',
    reason text not null default '',
    ended_why text not null default '',
    ended_by text not null default '',
    ended_reason text not null default '',
    is_told_in boolean not null,
    is_told_out boolean not null,
    xid xid8 not null default pg_current_xact_id(),
    check (until is null or until >= since),
    check ((until is null) = (ended_why = '')),
    check (source <> 'hand' or reason <> '')
);
create index tag_given_now on tag_given (tag_id, person_id) where until is null;
-- Of rules the memberships kept for them see to it.
create unique index tag_given_open on tag_given (tag_id, person_id, value, source, origin) where until is null and source <> 'rule';
create index tag_given_person on tag_given (person_id);
create index tag_given_since on tag_given (tag_id, since desc, id desc);
create index tag_given_until on tag_given (tag_id, until desc, id desc) where until is not null;
create index tag_given_expires on tag_given (expires_at) where until is null and expires_at is not null;
create index tag_given_untold on tag_given (id) where not is_told_in or (until is not null and not is_told_out);
create index tag_given_xid on tag_given (xid);

-- How many wear it: everyone counted once, by who they are now.
create table tag_count (
    tag_id bigint not null references tag,
    value text not null,            -- '' is any
    people bigint not null,
    primary key (tag_id, value)
);

create table tag_day (
    tag_id bigint not null references tag,
    day date not null,
    people bigint not null,
    primary key (tag_id, day)
);

-- What is being taken in, within the transaction that does it.
create unlogged table tag_staged (
    tag_id bigint not null,
    person_id bigint not null,
    value text not null,
    number float8,
    score float8,
    why jsonb not null,
    primary key (tag_id, person_id, value)
);

-- Which of the brand's categories a pack means by one of its concepts; the latest word holds.
create table tag_concept (
    id bigint generated always as identity primary key,
    concept text not null,
    level text not null,
    categories jsonb not null,
    actor text not null,
    actor_name text not null,
    set_at timestamptz not null default now()
);
create index tag_concept_latest on tag_concept (concept, id desc);
