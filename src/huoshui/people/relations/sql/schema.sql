-- Who brought whom, who lives or works with whom, who serves whom. Persons by the ids they were born with, which never change;
-- who is one with whom is looked up by whoever reads (ADR 0024). A relation ends and is never taken out, but for an erasure.

create sequence relation_seq as bigint;

-- `from_person_id` brought or serves `to_person_id`; of kinds without a direction the smaller id comes first.
-- `until = since`: it never held, because the fact that told of it counts no more.
create table person_relation (
    id bigint generated always as identity primary key,
    kind text not null check (kind in ('brought', 'household', 'colleague', 'serves', 'partner')),
    from_person_id bigint not null,
    to_person_id bigint not null,
    since timestamptz not null,
    until timestamptz,
    origin text not null check (origin in ('hand', 'fact', 'import')),
    evidence_fact_id bigint,
    actor text not null,
    reason text not null default '',
    ended_by text,
    ended_reason text not null default '',
    made_at timestamptz not null default now(),
    seq bigint not null default nextval('relation_seq'),
    xid xid8 not null default pg_current_xact_id(),
    check (from_person_id <> to_person_id),
    check (until is null or until >= since),
    check ((origin = 'hand') = (evidence_fact_id is null))
);
create index relation_from on person_relation (from_person_id, kind);
create index relation_to on person_relation (to_person_id, kind);
create index relation_xid on person_relation (xid);
-- A fact tells of one relation, however often it is read.
create unique index relation_evidence on person_relation (evidence_fact_id) where evidence_fact_id is not null;

-- Facts that name somebody we do not know yet. What they say stands in the facts alone.
create table relation_mention (
    fact_id bigint primary key,
    to_person_id bigint not null
);

-- Perhaps a household: two who share an address or a phone. A guess that somebody looks at; it joins nobody.
create table relation_proposal (
    id bigint generated always as identity primary key,
    person_a bigint not null,
    person_b bigint not null,
    ground text not null check (ground in ('address', 'phone')),
    state text not null default 'open' check (state in ('open', 'accepted', 'refused')),
    made_at timestamptz not null default now(),
    decided_by text,
    decided_at timestamptz,
    check (person_a < person_b),
    unique (person_a, person_b, ground)
);
create index relation_proposal_open on relation_proposal (id) where state = 'open';
create index relation_proposal_a on relation_proposal (person_a);
create index relation_proposal_b on relation_proposal (person_b);
