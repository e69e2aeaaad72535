-- Rules that give more than the base rule. A version never changes: another one takes its place, since orders name the one
-- they earned by. Empty lists mean all.
create table earn_bonus (
    id bigint generated always as identity primary key,
    code text not null,
    version int not null,
    name text not null,
    state text not null default 'live' check (state in ('live', 'ended')),
    percent int not null default 100 check (percent >= 100),  -- 200: twice what the base rule gives
    extra bigint not null default 0 check (extra >= 0),       -- points for the order
    min_amount bigint not null default 0,                     -- of the goods it is about
    ranks int[] not null default '{}',
    sku_ids int[] not null default '{}',
    categories text[] not null default '{}',
    brands text[] not null default '{}',
    org_unit_ids int[] not null default '{}',
    from_day date not null default '0001-01-01',
    until_day date not null default '9999-12-31',
    weekdays int[] not null default '{}',                     -- 1 Monday … 7 Sunday
    birthday text check (birthday in ('day', 'week', 'month')),
    is_first_purchase boolean not null default false,
    cap_order bigint,
    cap_day bigint,                                           -- per person, of this rule
    cap_month bigint,
    made_by text not null,
    made_at timestamptz not null default now(),
    ended_at timestamptz,
    unique (code, version),
    check ((percent > 100) <> (extra > 0)),
    check (from_day <= until_day)
);
create unique index earn_bonus_live on earn_bonus (code) where state = 'live';

-- By which of them an order earns, as decided at its sale: refunds and revisions follow it. No row where the base rule
-- alone applied.
create table earn_order (
    order_id bigint not null,
    bonus_id bigint not null,
    person_id bigint not null,
    business_day date not null,
    percent int not null,
    extra bigint not null,
    at_money bigint not null,  -- money of its goods at the sale, of which `extra` is given in proportion
    cap bigint,                -- what the caps left to this order
    points bigint not null,    -- as it stands now
    primary key (order_id, bonus_id)
);
create index earn_order_person on earn_order (person_id, business_day);

-- The goods that each of them counts.
create table earn_line (
    order_id bigint not null,
    bonus_id bigint not null,
    sku_id int not null,
    primary key (order_id, bonus_id, sku_id)
);
