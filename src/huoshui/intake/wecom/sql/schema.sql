-- What the callback is read with: company, token, EncodingAESKey. The web answers WeCom, so the web reads it; the one before the
-- newest is tried too, for what was on its way when it changed.
create table wecom_door (
    id bigint generated always as identity primary key,
    sealed bytea not null
);

-- What WeCom is asked with. The web adds, workers read: see grants.sql of core. The newest is in use.
create table wecom_secret (
    id bigint generated always as identity primary key,
    sealed bytea not null
);
comment on table wecom_secret is 'web writes only';

-- The token in use, sealed, and until when. `mark` tells whether it was fetched with the secret of now.
create table wecom_token (
    id int primary key default 1 check (id = 1),
    sealed bytea not null,
    mark text not null,
    until_at timestamptz not null
);
comment on table wecom_token is 'web writes only';

-- At most one row: how the house stands with WeCom.
create table wecom_standing (
    is_only boolean primary key default true check (is_only),
    set_at timestamptz,
    trial_asked_at timestamptz,
    tried_at timestamptz,
    trial text not null default '',
    said text not null default '',
    verified_at timestamptz,
    heard_at timestamptz,
    strangers bigint not null default 0   -- who added somebody by no code of ours
);
-- One customer's code of one of the staff. `state` is what WeCom gives back; `mark` is a keyed hash of whoever came by it first.
create table wecom_way (
    id bigint generated always as identity primary key,
    person_id bigint not null,
    staff_id int not null,
    dealer_id int,                        -- whose customer she was then, for the wall
    store_id int,
    state text not null unique check (length(state) <= 30),
    status text not null default 'asked' check (status in ('asked', 'ready', 'failed')),
    fault text not null default '',
    said text not null default '',
    config_id text not null default '',
    image text not null default '',       -- as a page shows it, while it may be scanned
    made_at timestamptz not null,
    until_at timestamptz not null,
    mark text not null default '',
    outcome text not null default '' check (outcome in ('', 'linked', 'known', 'review', 'late', 'nobody')),
    used_at timestamptz
);
create index wecom_way_person on wecom_way (person_id, staff_id, id desc);
create index wecom_way_kept on wecom_way (until_at) where config_id <> '';

-- A dealer sees codes of its own customers, a store of its own; nothing said, nothing seen (ADR 0036).
alter table wecom_way enable row level security;
alter table wecom_way force row level security;
create policy scope on wecom_way
    using (
        coalesce(current_setting('huoshui.scope', true), '') = 'brand'
        or dealer_id = any(string_to_array(nullif(current_setting('huoshui.org_unit_ids', true), ''), ',')::int[])
        or store_id = any(string_to_array(nullif(current_setting('huoshui.org_unit_ids', true), ''), ',')::int[]))
    with check (
        coalesce(current_setting('huoshui.scope', true), '') = 'brand'
        or dealer_id = any(string_to_array(nullif(current_setting('huoshui.org_unit_ids', true), ''), ',')::int[])
        or store_id = any(string_to_array(nullif(current_setting('huoshui.org_unit_ids', true), ''), ',')::int[]));
