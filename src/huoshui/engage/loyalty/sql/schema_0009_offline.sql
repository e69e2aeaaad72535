-- What tills that nobody could ask may take from one order and from one customer's day. Null, or no row: as much as they say.
create table offline_cap (
    kind text primary key check (kind in ('points', 'coupons')),   -- points, or the money that coupons took off
    per_order bigint check (per_order >= 0),
    per_day bigint check (per_day >= 0),
    set_by text not null,
    set_at timestamptz not null default now()
);

-- What each took on a day, while there was a cap on it: under the id he had then, and a human's ids are added up.
create table offline_taken (
    kind text not null,
    person_id bigint not null,
    day date not null,
    amount bigint not null,
    primary key (kind, person_id, day)
);
