-- An order as it stands now: one row per order of a source, whatever number of facts told of it.
create table sale (
    id bigint primary key,                 -- the order's first fact
    source_id int not null,
    order_key text not null,
    person_id bigint,                      -- as born; the cluster is people's business
    org_unit_id int,
    occurred_at timestamptz not null,
    business_day date not null,
    channel text not null,
    status text not null,
    amount bigint not null,                -- paid, before refunds
    refunded bigint not null,
    discount bigint not null,
    coupon_discount bigint not null,
    line_count int not null,
    fact_ids bigint[] not null,            -- the facts whose lines make up the order now
    unique (source_id, order_key)
);
create index sale_person on sale (person_id, occurred_at desc);

-- Facts that changed an order after its first one.
create table sale_change (
    fact_id bigint primary key,
    sale_id bigint not null references sale,
    kind text not null check (kind in ('revision', 'supplement', 'refund')),
    changed_at timestamptz not null default now()
);
create index sale_change_sale on sale_change (sale_id);
