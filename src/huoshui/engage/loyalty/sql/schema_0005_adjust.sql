-- Points given or taken by hand. What goes beyond what one may do alone waits for another person's word.
create table points_adjustment (
    id bigint generated always as identity primary key,
    person_id bigint not null,
    points bigint not null check (points <> 0),
    reason text not null check (reason <> ''),
    state text not null default 'waiting' check (state in ('waiting', 'done', 'rejected')),
    asked_by text not null,
    asked_at timestamptz not null default now(),
    decided_by text,
    decided_at timestamptz,
    fact_id bigint,
    check (decided_by is null or decided_by <> asked_by),
    check ((state = 'done') = (fact_id is not null))
);
create index points_adjustment_waiting on points_adjustment (id) where state = 'waiting';
create index points_adjustment_person on points_adjustment (person_id);
