-- Who served, of sales whose till does not name anybody (ADR 0048). One claim for a sale; whoever comes second says so beside it.
alter table commission_order add column claim_fact_id bigint;

create table commission_claim (
    order_id bigint primary key,        -- the order's first fact
    guide_id int not null,
    fact_id bigint not null,
    claimed_at timestamptz not null
);

-- Open as long as nobody has decided whose the order is since.
create table commission_claim_dispute (
    id bigint generated always as identity primary key,
    order_id bigint not null,
    employer_id int not null,           -- who decides: the dealer of the store, 0 head office
    guide_id int not null,
    against_id int not null,            -- whom the till or an earlier claim names
    fact_id bigint not null,
    said_at timestamptz not null,
    unique (order_id, guide_id)
);
create index commission_claim_dispute_employer on commission_claim_dispute (employer_id, said_at);
