-- What tills told again in the same words, and was counted once.
create table till_repeated (
    source_id int primary key,
    times bigint not null,
    last_at timestamptz not null
);
