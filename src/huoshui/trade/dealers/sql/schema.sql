-- Dealers as firms, and what they buy of the brand, pay it, and hold: sell-in, beside the sell-out of their stores.

create table dealer (
    id int generated always as identity primary key,
    code text not null unique,
    name text not null,
    org_unit_id int,                       -- its place in the tree; null while only a document has named it
    region text not null default '',
    level text not null default '',
    contact text not null default '',
    phone_sealed bytea,
    phone_tail4 text,
    city text not null default '',
    address text not null default '',
    contract_from date,
    contract_to date,
    updated_at timestamptz not null default now()
);
create index dealer_name on dealer (name);
create index dealer_org_unit on dealer (org_unit_id) where org_unit_id is not null;

-- A line of what a dealer bought; what it sent back is negative.
create table dealer_purchase (
    id bigint generated always as identity primary key,
    source_id int not null,
    line_key text not null,                -- the line's own within its source
    dealer_id int not null references dealer,
    doc_no text not null,
    day date not null,
    sku_id int,
    quantity_milli bigint not null,
    amount bigint not null,
    note text not null default '',
    run_id bigint,                         -- the import that told it last
    told_at timestamptz not null default now(),
    unique (source_id, line_key)
);
create index dealer_purchase_dealer on dealer_purchase (dealer_id, day);
create index dealer_purchase_run on dealer_purchase (run_id);

create table dealer_payment (
    id bigint generated always as identity primary key,
    source_id int not null,
    line_key text not null,
    dealer_id int not null references dealer,
    doc_no text not null,
    day date not null,
    amount bigint not null,
    method text not null default '',
    note text not null default '',
    run_id bigint,
    told_at timestamptz not null default now(),
    unique (source_id, line_key)
);
create index dealer_payment_dealer on dealer_payment (dealer_id, day);
create index dealer_payment_run on dealer_payment (run_id);

-- What a dealer said was on its shelves at the end of a day.
create table dealer_stock (
    dealer_id int not null references dealer,
    day date not null,
    sku_id int not null,
    quantity_milli bigint not null,
    amount bigint,
    source_id int not null,
    run_id bigint,
    told_at timestamptz not null default now(),
    primary key (dealer_id, day, sku_id)
);
create index dealer_stock_run on dealer_stock (run_id);
