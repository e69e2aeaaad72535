-- What sources told again and was counted once.
create table tracked_repeated (
    source_id int primary key,
    times bigint not null,
    last_at timestamptz not null
);
