-- Managed stock: places whose floor a sale may not break (ADR 0009), goods that move by documents of their own, and goods
-- that are kept for somebody.

-- How a store treats what it has not got: 'open' lets sales take its stock below zero, 'strict' refuses an ask for what is not
-- there. `sku_id` 0 is the whole store; a row of a product goes before it.
create table goods_policy (
    org_unit_id int not null,
    sku_id int not null default 0,
    policy text not null check (policy in ('open', 'strict')),
    floor_milli bigint not null default 0 check (floor_milli <= 0),
    set_at timestamptz not null default now(),
    primary key (org_unit_id, sku_id)
);
create index goods_policy_strict on goods_policy (org_unit_id) where policy = 'strict';

-- What reports took that was not there: the row stays at its floor, the missing part stands beside it, and the next goods that
-- come in fill it first. The lines sum to `on_hand_milli - shortage_milli`.
alter table stock add column shortage_milli bigint not null default 0 check (shortage_milli >= 0);
alter table stock add check (shortage_milli = 0 or floor_milli is not null and on_hand_milli = floor_milli);
alter table stock add check (reserved_milli >= 0);
create index stock_short on stock (org_unit_id, sku_id) where shortage_milli > 0 or on_hand_milli < 0;

-- Goods that move by a document of our own: received, counted, sent. Each is a fact; its lines are its movements.
create table goods_document (
    fact_id bigint primary key,
    key text not null,                    -- the client's: the same again is the same document
    kind text not null check (kind in ('receipt', 'count', 'adjustment', 'damage', 'dispatch', 'arrival', 'handover')),
    org_unit_id int not null,
    other_org_unit_id int,                -- dispatch: where to; arrival: where from; handover: who sells
    closes_fact_id bigint unique,         -- arrival: the dispatch that has come
    reason text not null default '',      -- why, or from whom
    occurred_at timestamptz not null,
    actor text not null,
    unique (org_unit_id, key)
);
create index goods_document_place on goods_document (org_unit_id, fact_id);
create index goods_document_sent on goods_document (other_org_unit_id, fact_id) where kind = 'dispatch';

create table goods_document_line (
    fact_id bigint not null,
    line_no int not null,
    org_unit_id int not null,
    sku_id int not null,
    said_milli bigint not null,           -- as written on the document: received, counted, sent
    moved_milli bigint not null,          -- what it did to the shelf
    primary key (fact_id, line_no)
);
create index goods_document_line_place on goods_document_line (org_unit_id, sku_id, fact_id);

-- Movements that are in the row of stock already, so that folding leaves them out: those that settled while their place was
-- managed, and those that had to be there before it could be.
create table goods_posted (
    fact_id bigint not null,
    org_unit_id int not null,
    sku_id int not null,
    moved_milli bigint not null,
    primary key (fact_id, org_unit_id, sku_id)
);

-- Goods kept for an order. `stock.reserved_milli` is the sum of those held.
create table goods_reservation (
    order_key text not null,
    org_unit_id int not null,             -- whose shelf
    sku_id int not null,
    quantity_milli bigint not null check (quantity_milli > 0),
    left_milli bigint not null check (left_milli between 0 and quantity_milli),  -- not yet sold
    seller_org_unit_id int not null,      -- who sells it
    price bigint,                         -- what the seller owes the shelf's owner for 1 (1000 thousandths); null: nothing
    until_at timestamptz not null,
    state text not null default 'held' check (state in ('held', 'fulfilled', 'released', 'expired')),
    made_at timestamptz not null default now(),
    ended_at timestamptz,
    primary key (order_key, org_unit_id, sku_id),
    check (state = 'held' or left_milli = 0)
);
create index goods_reservation_until on goods_reservation (until_at) where state = 'held';
create index goods_reservation_place on goods_reservation (org_unit_id, sku_id) where state = 'held';

-- Every movement of goods, line by line: a settled fact's own lines go out, those of the facts it replaces come back, those
-- of documents do what they say. The past moves nothing, and a sale at no known store has no shelf.
create view goods_movement with (security_invoker = true) as
select s.fact_id, l.line_no, s.xid, o.org_unit_id, l.sku_id, l.refunded_milli - l.quantity_milli as moved_milli
from settlement s join fact_order o on o.fact_id = s.fact_id join fact_line l on l.fact_id = s.fact_id
where s.state = 'settled' and not s.is_history and o.org_unit_id is not null
union all
select s.fact_id, null::int, s.xid, o.org_unit_id, l.sku_id, l.quantity_milli - l.refunded_milli
from settlement s cross join unnest(s.replaces) as replaced
join fact_order o on o.fact_id = replaced join fact_line l on l.fact_id = replaced
where s.state = 'settled' and not s.is_history and o.org_unit_id is not null
union all
select s.fact_id, l.line_no, s.xid, l.org_unit_id, l.sku_id, l.moved_milli
from settlement s join goods_document_line l on l.fact_id = s.fact_id
where s.state = 'settled';

-- Those of them that folding brings into the rows of stock.
create or replace view goods_moved with (security_invoker = true) as
select xid, org_unit_id, sku_id, moved_milli from goods_movement
union all
select s.xid, p.org_unit_id, p.sku_id, -p.moved_milli
from settlement s join goods_posted p on p.fact_id = s.fact_id;

-- Whether settling must look at shelves at all. From here to the end of the transaction no policy changes: whoever sets one
-- waits for us, and what it finds is what we have left. (A function, since a statement does not see what was committed while
-- it waited.)
create function goods_guard() returns boolean language plpgsql as $$
begin
    perform pg_advisory_xact_lock_shared(hashtext('goods policy'));
    return exists (select from goods_policy where policy = 'strict')
        or exists (select from goods_reservation where state = 'held');
end $$;

-- Lines of these products at these org units (null: of all) that have settled and are in no row yet. It goes through what has
-- settled since the last folding, seconds ago, by index only: left alone, the planner takes that for a third of all there is
-- and reads every order.
create function goods_pending(at_units int[], of_skus int[])
returns table (org_unit_id int, sku_id int, moved_milli bigint)
language plpgsql stable set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
begin
    return query
    select m.org_unit_id, m.sku_id, m.moved_milli
    from settlement s
    cross join lateral (
        select g.org_unit_id, g.sku_id, g.moved_milli from goods_movement g
        where g.fact_id = s.fact_id and g.org_unit_id = any(at_units) and (of_skus is null or g.sku_id = any(of_skus))
        offset 0) m
    where s.xid >= coalesce((select w.xid from watermark w where w.reader = 'stock'), '0'::xid8)
        and not exists (
            select from goods_posted p
            where p.fact_id = s.fact_id and p.org_unit_id = m.org_unit_id and p.sku_id = m.sku_id);
end $$;
