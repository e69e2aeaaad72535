-- What people said of how they may be served: nothing here is ever changed, so that what held at any moment can be shown.
create table consent_entry (
    id bigint generated always as identity primary key,
    person_id bigint not null,           -- as born; whoever was one with him when it was said has a row of his own
    purpose text not null,
    channel text not null default '',    -- '': whichever
    is_given boolean not null,
    basis text not null default 'self' check (basis in ('self', 'guardian')),
    notice_version text not null default '',
    proof text not null default '',
    place text not null default '',
    said_at timestamptz not null,
    is_dated boolean not null,           -- false: a list says so and does not tell since when
    fact_id bigint not null,
    source_id int not null,
    actor text not null,
    recorded_at timestamptz not null default now(),
    xid xid8 not null default pg_current_xact_id(),
    unique (fact_id, person_id, purpose, channel)
);
create index consent_entry_person on consent_entry (person_id, purpose, channel);
create index consent_entry_refused on consent_entry (purpose, person_id) where not is_given;
create index consent_entry_xid on consent_entry (xid);

-- When nobody is to be disturbed, and how often at most; a row takes the place of what the house does by itself.
create table send_rule (
    purpose text not null,
    channel text not null,               -- '': over all channels together
    quiet_from time,
    quiet_until time,
    days int check (days > 0),
    most int check (most > 0),
    changed_by text not null,
    changed_at timestamptz not null default now(),
    primary key (purpose, channel),
    check ((quiet_from is null) = (quiet_until is null)),
    check ((days is null) = (most is null))
);

-- What was sent to whom, for the limits above. `key` is the sender's own, so that a retry counts once.
create table contact_sent (
    key text primary key,
    person_id bigint not null,
    purpose text not null,
    channel text not null,
    sent_at timestamptz not null
);
create index contact_sent_person on contact_sent (person_id, sent_at desc);
