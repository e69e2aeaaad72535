-- What a device does from one message to the next; its row is the lock under which its readings are taken in.
create table device_state (
    device_id int primary key,
    last_seen_at timestamptz,
    offset_ms bigint not null default 0,   -- its clock − ours, as last told
    offset_at timestamptz,
    taken bigint not null default 0,
    repeated bigint not null default 0,
    aside bigint not null default 0,
    dropped bigint not null default 0,     -- above its rate, not kept
    dropped_at timestamptz
);

-- Messages that were counted, for ever. The primary key decides who was first.
create table device_message (
    device_id int not null,
    message uuid not null,
    primary key (device_id, message)
);

-- What could not be taken in, as it came, sealed. The same again is counted, not kept twice.
create table device_aside (
    id bigint generated always as identity primary key,
    device_id int not null,
    digest uuid not null,
    message_id text not null default '',
    code text not null,
    detail jsonb not null default '{}',
    pointer text not null default '',
    body bytea not null,
    times int not null default 1,
    received_at timestamptz not null,
    unique (device_id, digest)
);

-- Whose readings a device's are, and since when. `member`: which of a household, as the scale tells them apart.
create table device_person (
    id bigint generated always as identity primary key,
    device_id int not null,
    member text not null default '',
    person_id bigint not null,
    since timestamptz not null,
    until timestamptz,
    consent_at timestamptz not null,       -- body figures are sensitive: kept only with a consent of their own
    given_by text not null
);
create unique index device_person_now on device_person (device_id, member) where until is null;
create index device_person_of on device_person (person_id);

create table body_reading (
    fact_id bigint not null,
    metric text not null,
    value double precision not null,
    at timestamptz not null,
    device_id int not null,
    person_id bigint,                      -- null until the river has said who it is
    is_noticed boolean not null default false,
    primary key (fact_id, metric)
);
create index body_reading_of on body_reading (person_id, metric, at);
create index body_reading_new on body_reading (fact_id) where not is_noticed;

create table visitor_count (
    device_id int not null,
    from_at timestamptz not null,
    to_at timestamptz not null,
    org_unit_id int not null,
    ins int not null,
    outs int not null,
    fact_id bigint not null,
    primary key (device_id, from_at)
);
create index visitor_count_of on visitor_count (org_unit_id, from_at);

create table sample_code (
    code text primary key,
    sample_id int not null,
    state text not null default 'made' check (state in ('made', 'claimed', 'out')),
    device_id int,
    message uuid,                          -- the claim that holds it: the same claim told again may give again
    claim_fact_id bigint,
    out_fact_id bigint,
    out_at timestamptz,
    is_followed boolean not null default false
);
create index sample_code_of on sample_code (sample_id, state);
create index sample_code_due on sample_code (out_at) where state = 'out' and not is_followed;

-- What a guide should know of: a rule that holds, a sample a week ago. The fact of it is on the person's timeline.
create table device_notice (
    fact_id bigint primary key,
    kind text not null check (kind in ('trend', 'silence', 'sample')),
    rule_id int,
    person_id bigint not null,
    at timestamptz not null,
    is_for_guides boolean not null,
    said jsonb not null,
    state text not null default 'open' check (state in ('open', 'done', 'over')),
    done_by text,
    done_at timestamptz
);
create index device_notice_open on device_notice (at) where state = 'open';
create index device_notice_of on device_notice (person_id, rule_id);

insert into trend_rule (name, kind, metric, direction, amount, days, least_readings, advice, is_for_guides) values
    ('体脂率两周升 2 个点', 'change', 'body_fat_percent', 'up', 2, 14, 3, '问问最近的饮食和作息，约她来店复测', false),
    ('体重一个月降 3 公斤', 'change', 'weight_kg', 'down', 3, 30, 4, '恭喜她，问问还想改善什么', false),
    ('常用的秤两周没上', 'silence', '', '', 0, 14, 8, '问问秤用得怎么样，是不是没电或没连上', true);
