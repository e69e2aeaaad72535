-- What was set aside is mended and told again, or said to be dropped. It stays, with who did it.
alter table device_aside
    add column state text not null default 'open' check (state in ('open', 'replayed', 'dropped')),
    add column fact_id bigint,
    add column closed_by text,
    add column closed_at timestamptz;
create index device_aside_open on device_aside (device_id, received_at desc) where state = 'open';
