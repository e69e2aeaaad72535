-- The reasons a guide may tap. Off the guides' page, what was told under one keeps its name.
create table visit_reason (
    code text primary key,
    label text not null,
    place int generated always as identity unique,
    is_listed boolean not null default true,
    is_about_stock boolean not null default false     -- a product that was not there: leads to the store's stock
);

-- One row: after how many hours what was not bought counts as left, and within how many days buying is coming back.
create table visit_patience (
    id smallint primary key default 1 check (id = 1),
    basket_hours int not null default 4 check (basket_hours between 1 and 168),
    scan_hours int not null default 24 check (scan_hours between 1 and 168),
    return_days int not null default 14 check (return_days between 1 and 90)
);

-- A visit that ended without a sale, as somebody at the store told it. Taken back, it stays with what took it back.
create table visit (
    id bigint generated always as identity primary key,
    source_id int not null,
    client_key text not null,
    digest uuid not null,              -- of what was told under the key
    org_unit_id int not null,
    reason text not null,
    person_id bigint,
    note text not null default '',
    staff_code text not null default '',
    actor text not null,
    ended_at timestamptz not null,
    day date not null,                 -- the brand's
    hour smallint not null,
    told_at timestamptz not null,
    fact_id bigint,
    taken_back_by bigint,              -- the fact that does
    bought_at timestamptz,             -- the first order of this person within the days that count as coming back
    bought_fact_id bigint,
    unique (source_id, client_key)
);
create index visit_day on visit (day, org_unit_id) where taken_back_by is null;
create index visit_fact on visit (fact_id);
create index visit_person on visit (person_id, ended_at) where person_id is not null;

create table visit_product (
    visit_id bigint not null,
    sku_id int not null,
    primary key (visit_id, sku_id)
);

-- What somebody put into a basket online, or scanned, without a pause longer than the brand's patience.
create table basket (
    id bigint generated always as identity primary key,
    kind text not null check (kind in ('basket', 'scan')),
    source_id int not null,
    cart text not null default '',     -- the shop's own number of it
    person_id bigint,                  -- null: erased
    org_unit_id int,
    began_at timestamptz not null,
    last_at timestamptz not null,
    day date not null,                 -- of last_at
    hour smallint not null,
    state text not null default 'open' check (state in ('open', 'left', 'bought')),
    amount bigint not null default 0,
    fact_id bigint,                    -- says that it was left
    taken_back_by bigint,              -- says that it was bought after all
    bought_at timestamptz,             -- in time, or coming back
    bought_fact_id bigint
);
create index basket_open on basket (last_at) where state = 'open';
create index basket_day on basket (day, org_unit_id) where state = 'left';
create index basket_person on basket (person_id, last_at);
create index basket_cart on basket (source_id, cart) where cart <> '';

-- The facts it is made of. Each counts once.
create table basket_sign (
    fact_id bigint primary key,
    basket_id bigint not null,
    occurred_at timestamptz not null
);
create index basket_sign_basket on basket_sign (basket_id);

create table basket_product (
    basket_id bigint not null,
    code text not null,
    sku_id int,
    name text not null default '',
    quantity_milli bigint not null,
    amount bigint not null,
    primary key (basket_id, code)
);

-- Who walked in, by counter and span: the same span told again by the same counter is a correction.
create table footfall (
    source_id int not null,
    org_unit_id int not null,
    counter text not null default '',
    began_at timestamptz not null,
    ended_at timestamptz not null,
    day date not null,
    hour smallint,                     -- null: longer than an hour
    came int not null check (came >= 0),
    gone int not null default 0,
    fact_id bigint not null,
    primary key (source_id, org_unit_id, counter, began_at, ended_at)
);
create index footfall_day on footfall (day, org_unit_id);

insert into visit_reason (code, label, is_about_stock) values
    ('price', '价格', false),
    ('taste', '口味', false),
    ('out_of_stock', '没货', true),
    ('comparing', '再比比', false),
    ('just_looking', '先看看', false);
insert into visit_patience (id) values (1);
