-- Programs set schedules too: under keys of their own, and by the rights of their source.

create table segment_ask (
    actor text not null,
    client_key text not null,
    content_hash text not null,
    outcome_id bigint,
    asked_at timestamptz not null default now(),
    primary key (actor, client_key)
);

-- staff_id is the number of whoever planned, of this kind
alter table segment_export_plan add column planner_kind text not null default 'staff';
