-- Who may be one human, as found by comparing; what people said of it; and by which model it was found.

create table match_model (
    id bigint generated always as identity primary key,
    made_at timestamptz not null,
    how text not null check (how in ('pairs', 'em', 'house')),
    pairs int not null,
    persons int not null,
    one_in float8 not null,
    m jsonb not null,
    u jsonb not null,
    actor text not null
);

create table match_run (
    id bigint generated always as identity primary key,
    model_id bigint not null references match_model,
    at timestamptz not null,
    persons int not null,
    candidates bigint not null,
    proposed int not null,
    linked int not null,
    withdrawn int not null,
    held jsonb not null,
    actor text not null
);

-- One row a pair, for good where somebody has decided. Steps: [comparison, level, bits]; no value of anybody's is in it.
create table match_proposal (
    id bigint generated always as identity primary key,
    person_a bigint not null,
    person_b bigint not null,
    run_id bigint not null references match_run,
    probability float8 not null,
    steps jsonb not null,
    links_itself boolean not null,
    state text not null default 'open' check (state in ('open', 'later', 'same', 'different')),
    proposed_at timestamptz not null,
    decided_at timestamptz,
    decided_by text not null default '',
    reason text not null default '',
    link_id bigint,
    is_automatic boolean not null default false,
    unique (person_a, person_b),
    check (person_a < person_b)
);
create index match_proposal_queue on match_proposal (state desc, probability desc, id) where state in ('open', 'later');
create index match_proposal_b on match_proposal (person_b);
create index match_proposal_decided on match_proposal (probability) where state in ('same', 'different');

-- At most one row, without which nothing links itself: from which probability on pairs become one unseen.
create table match_setting (
    is_only boolean primary key default true check (is_only),
    links_at float8 check (links_at between 0.9 and 1)
);
