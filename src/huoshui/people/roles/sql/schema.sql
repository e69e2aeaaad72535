-- What a person is to the brand, from when until when, by which rule and which facts. Derived: `rebuild` makes it again (ADR 0024).
create table person_role (
    person_id bigint not null,          -- canonical when it was worked out; whoever becomes another's loses his rows
    name text not null,
    since timestamptz not null,
    until timestamptz,
    rule_version int not null,
    why jsonb not null,
    xid xid8 not null default pg_current_xact_id(),
    primary key (person_id, name, since),
    check (until is null or until > since)
);
create index person_role_now on person_role (name, person_id) where until is null;

-- Roles that change with time alone: when to look again.
create table role_recheck (
    person_id bigint primary key,
    at timestamptz not null
);
create index role_recheck_at on role_recheck (at);

-- What the lake reads: whoever began or ceased to wear a role.
create table role_change (
    id bigint generated always as identity primary key,
    person_id bigint not null,
    name text not null,
    since timestamptz,                  -- null: no longer
    at timestamptz not null default now(),
    xid xid8 not null default pg_current_xact_id()
);
create index role_change_xid on role_change (xid);

-- Rules are data: a change is a new version, which is told of the whole past. Without a row the house's rule holds (version 0).
create table role_rule (
    version int generated always as identity primary key,
    name text not null,
    params jsonb not null,
    actor text not null,
    reason text not null,
    set_at timestamptz not null default now()
);
create index role_rule_name on role_rule (name, version desc);

-- What nobody can see from facts: that a customer works here, or is a professional. Ended, never taken out.
create table role_declared (
    id bigint generated always as identity primary key,
    person_id bigint not null,          -- as born
    name text not null check (name in ('staff', 'pro')),
    detail text not null,               -- staff: the number; pro: the profession
    staff_id int,
    since timestamptz not null,
    until timestamptz,
    actor text not null,
    reason text not null,
    ended_by text,
    ended_reason text not null default '',
    xid xid8 not null default pg_current_xact_id(),
    check (until is null or until >= since),
    check ((name = 'staff') = (staff_id is not null))
);
create index role_declared_person on role_declared (person_id);
create index role_declared_xid on role_declared (xid);
