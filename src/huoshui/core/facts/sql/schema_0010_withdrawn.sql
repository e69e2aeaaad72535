-- What an import told and that has been taken back (ADR 0017). A fact never changes: that it counts no more is said beside it.

-- Facts that readers of what happened pass over: those of an import that is undone, those that undid them, and those of others
-- that had to be told again. `by_fact_id` is null until it is done. `retold_id`: the fact that now stands for it.
create table fact_withdrawn (
    fact_id bigint primary key,
    run_id bigint not null,
    is_retold boolean not null default false,
    by_fact_id bigint,
    retold_id bigint
);
create index fact_withdrawn_run on fact_withdrawn (run_id, fact_id) where by_fact_id is null;
create index fact_withdrawn_all on fact_withdrawn (run_id, fact_id);

-- Of facts that several imports told: the others. The first one's number stands in the fact.
create table fact_told_by (
    fact_id bigint not null,
    run_id bigint not null,
    primary key (fact_id, run_id)
);
create index fact_told_by_run on fact_told_by (run_id);

create table run_withdrawn (
    run_id bigint primary key,
    at timestamptz not null default now()
);

-- How often what a source said under a key has been taken back. Said once more, it is another telling, not the one we know.
create table fact_unsaid (
    source_id int not null,
    client_key text not null,
    content_hash uuid not null,
    times int not null,
    primary key (source_id, client_key, content_hash)
);
