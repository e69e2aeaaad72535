-- When a segment is judged whole, where its rule needs everyone; and files of it that are made by the clock.

alter table segment add column beat_minutes int check (beat_minutes between 5 and 1440);
alter table segment add column beat_hour smallint check (beat_hour between 0 and 23);
alter table segment add check (beat_minutes is null or beat_hour is null);

create table segment_export_plan (
    segment_id bigint primary key references segment,
    hour smallint not null check (hour between 0 and 23),
    weekday smallint check (weekday between 1 and 7),   -- null: each day
    staff_id bigint not null,       -- by whose rights
    staff_name text not null,
    set_at timestamptz not null,
    last_at timestamptz,
    error text not null default ''
);

create table segment_export_file (
    id bigint generated always as identity primary key,
    segment_id bigint not null references segment,
    made_at timestamptz not null,
    rows bigint not null,
    place text not null unique,     -- below HUOSHUI_HOME/exports
    staff_name text not null
);
create index segment_export_file_of on segment_export_file (segment_id, id desc);
