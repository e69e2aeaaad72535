-- Double entry in one table: a transfer takes from one account and gives to another. Nothing is updated or deleted but
-- the balances, which `audit` recomputes.

create table account (
    id bigint generated always as identity primary key,
    unit text not null,
    owner_kind text not null,
    owner_id bigint not null,
    bucket text not null default '',
    balance bigint,  -- null: a system account (issuer, expired) carries none, so that it is never a hot row
    floor bigint,    -- null: may go below zero
    unique (unit, owner_kind, owner_id, bucket),
    check (floor is null or balance >= floor)
);
create index account_owner on account (owner_kind, owner_id);

-- Its key says what caused it and which part of the split it is, so that nothing can be posted twice. Accounts are never
-- deleted (no role may) and post has just locked both, so foreign keys would only look them up again.
create table transfer (
    fact_id bigint not null,
    reason text not null,
    part int not null,
    unit text not null,
    from_account_id bigint not null,
    to_account_id bigint not null,
    amount bigint not null check (amount > 0),
    posted_at timestamptz not null default now(),
    primary key (fact_id, reason, part),
    check (from_account_id <> to_account_id)
);
create index transfer_from on transfer (from_account_id, fact_id);
create index transfer_to on transfer (to_account_id, fact_id);

-- The document line is the movement of its goods: a settled fact's own lines go out, those of the facts it replaces come
-- back. The past moves nothing, and a sale at no known store has no shelf.
create view goods_moved with (security_invoker = true) as
select s.xid, o.org_unit_id, l.sku_id, l.refunded_milli - l.quantity_milli as moved_milli
from settlement s join fact_order o on o.fact_id = s.fact_id join fact_line l on l.fact_id = s.fact_id
where s.state = 'settled' and not s.is_history and o.org_unit_id is not null
union all
select s.xid, o.org_unit_id, l.sku_id, l.quantity_milli - l.refunded_milli
from settlement s cross join unnest(s.replaces) as replaced
join fact_order o on o.fact_id = replaced join fact_line l on l.fact_id = replaced
where s.state = 'settled' and not s.is_history and o.org_unit_id is not null;

-- The sum of those movements up to a watermark (ADR 0009): what is on hand is this and what has moved since.
create table stock (
    org_unit_id int not null,
    sku_id int not null,
    on_hand_milli bigint not null default 0,
    reserved_milli bigint not null default 0,
    floor_milli bigint,  -- null: open stock, sales without receipts may take it below zero
    primary key (org_unit_id, sku_id),
    check (floor_milli is null or on_hand_milli >= floor_milli)
) with (fillfactor = 70);
