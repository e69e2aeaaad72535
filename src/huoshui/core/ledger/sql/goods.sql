-- name: goods_guard
select goods_guard() as is_needed

-- name: lock_policies
-- Alone: every settle shares this lock.
select pg_advisory_xact_lock(hashtext('goods policy'))

-- name: moves_of
-- What these facts move, by fact and place, where the place is managed or holds goods for the fact's order. Most facts of a
-- batch do neither, which their store and order number tell before their lines are looked at. Goods are kept for an order of
-- a source ('source/number'), or of whatever source ('0/number').
select m.fact_id, m.org_unit_id, m.sku_id, m.line_no, m.moved_milli, p.floor_milli, n.order_key
from (
    select given.fact_id, given.place, o.source_id || '/' || o.order_key as order_key, '0/' || o.order_key as any_key
    from unnest(%(fact_ids)s::bigint[]) with ordinality as given (fact_id, place)
    left join lateral (
        select fact_id, source_id, org_unit_id, order_key from fact_order where fact_id = given.fact_id offset 0) o on true
    left join lateral (select replaces from settlement where fact_id = given.fact_id offset 0) s on true
    where o.fact_id is null or s.replaces is not null
        or exists (select from goods_policy where org_unit_id = o.org_unit_id and policy = 'strict')
        or exists (
            select from goods_reservation
            where order_key in (o.source_id || '/' || o.order_key, '0/' || o.order_key) and state = 'held')
    offset 0) n
cross join lateral (
    select fact_id, org_unit_id, sku_id, min(line_no) as line_no, sum(moved_milli)::bigint as moved_milli
    from goods_movement where fact_id = n.fact_id group by 1, 2, 3 offset 0) m
left join lateral (
    select case when policy = 'strict' then floor_milli end as floor_milli from goods_policy
    where org_unit_id = m.org_unit_id and sku_id in (m.sku_id, 0) order by sku_id desc limit 1) p on true
where m.moved_milli <> 0 and (p.floor_milli is not null or exists (
    select from goods_reservation r
    where r.order_key in (n.order_key, n.any_key) and r.org_unit_id = m.org_unit_id and r.sku_id = m.sku_id
        and r.state = 'held'))
order by n.place, m.org_unit_id, m.sku_id

-- name: lock_shelves
-- One after another as they are given, which is key order, so that two transactions never wait for each other in a ring.
select k.org_unit_id, k.sku_id, k.on_hand_milli, k.reserved_milli, k.shortage_milli, k.floor_milli
from unnest(%(org_unit_ids)s::int[], %(sku_ids)s::int[]) as n (org_unit_id, sku_id)
cross join lateral (
    select * from stock where org_unit_id = n.org_unit_id and sku_id = n.sku_id offset 0 for no key update) k

-- name: open_shelves
-- Rows of places that nothing has moved at, with the floor their policy gives them.
insert into stock (org_unit_id, sku_id, floor_milli)
select n.org_unit_id, n.sku_id, p.floor_milli
from unnest(%(org_unit_ids)s::int[], %(sku_ids)s::int[]) as n (org_unit_id, sku_id)
left join lateral (
    select case when policy = 'strict' then floor_milli end as floor_milli from goods_policy
    where org_unit_id = n.org_unit_id and sku_id in (n.sku_id, 0) order by sku_id desc limit 1) p on true
order by 1, 2
on conflict (org_unit_id, sku_id) do nothing

-- name: put_shelves
-- They are there: a conflict finds each by its key, where a join might compare every row with every other.
insert into stock (org_unit_id, sku_id, on_hand_milli, reserved_milli, shortage_milli, floor_milli)
select * from unnest(%(org_unit_ids)s::int[], %(sku_ids)s::int[], %(on_hand)s::bigint[], %(reserved)s::bigint[],
    %(shortage)s::bigint[], %(floors)s::bigint[])
on conflict (org_unit_id, sku_id) do update set on_hand_milli = excluded.on_hand_milli,
    reserved_milli = excluded.reserved_milli, shortage_milli = excluded.shortage_milli

-- name: add_posted
insert into goods_posted (fact_id, org_unit_id, sku_id, moved_milli)
select * from unnest(%(fact_ids)s::bigint[], %(org_unit_ids)s::int[], %(sku_ids)s::int[], %(moved)s::bigint[])

-- name: holds_of_orders
-- What is kept for these orders ('source/number'), what is for whatever source first. Their shelves are locked, under which
-- alone reservations change.
select n.order_key, r.org_unit_id, r.sku_id, r.left_milli, r.order_key as kept_as
from unnest(%(order_keys)s::text[]) as n (order_key)
cross join lateral (
    select * from goods_reservation
    where order_key in (n.order_key, '0' || substr(n.order_key, position('/' in n.order_key))) and state = 'held'
    offset 0) r
order by r.order_key = n.order_key

-- name: use_holds
update goods_reservation r set left_milli = n.left_milli,
    state = case when n.left_milli = 0 then 'fulfilled' else r.state end,
    ended_at = case when n.left_milli = 0 then now() else r.ended_at end
from (
    select k.place, given.left_milli
    from unnest(%(order_keys)s::text[], %(org_unit_ids)s::int[], %(sku_ids)s::int[], %(left)s::bigint[])
        as given (order_key, org_unit_id, sku_id, left_milli)
    cross join lateral (
        select ctid as place from goods_reservation
        where order_key = given.order_key and org_unit_id = given.org_unit_id and sku_id = given.sku_id offset 0) k) n
where r.ctid = n.place

-- name: fold_goods
-- What moved in these transactions, into the rows of stock. In key order: new places are then four times cheaper. (Lines of a
-- managed place are in its row already. Where all is folded anew on another server, the order may be another one.)
insert into stock (org_unit_id, sku_id, on_hand_milli)
select org_unit_id, sku_id, sum(moved_milli) from goods_moved
where xid >= %(low)s::text::xid8 and xid < %(high)s::text::xid8
group by 1, 2 having sum(moved_milli) <> 0
order by 1, 2
on conflict (org_unit_id, sku_id) do update set
    on_hand_milli = greatest(stock.on_hand_milli - stock.shortage_milli + excluded.on_hand_milli, stock.floor_milli),
    shortage_milli = greatest(
        stock.floor_milli - (stock.on_hand_milli - stock.shortage_milli + excluded.on_hand_milli), 0)

-- name: put_policy
insert into goods_policy (org_unit_id, sku_id, policy, floor_milli)
values (%(org_unit_id)s, %(sku_id)s, %(policy)s, %(floor_milli)s)
on conflict (org_unit_id, sku_id) do update set policy = excluded.policy, floor_milli = excluded.floor_milli, set_at = now()

-- name: drop_policy
delete from goods_policy where org_unit_id = %(org_unit_id)s and sku_id = %(sku_id)s

-- name: policies_of
select sku_id, policy, floor_milli from goods_policy where org_unit_id = %(org_unit_id)s order by sku_id

-- name: policy_at
select policy, floor_milli from goods_policy where org_unit_id = %(org_unit_id)s and sku_id = %(sku_id)s

-- name: free_rows
-- Before lines are added to these rows and their floor set anew: without a floor, with what their lines sum to.
update stock set on_hand_milli = on_hand_milli - shortage_milli, shortage_milli = 0, floor_milli = null
where org_unit_id = %(org_unit_id)s and (%(sku_id)s::int = 0 or sku_id = %(sku_id)s::int) and floor_milli is not null

-- name: post_pending
-- Lines of these places that have settled and that no folding has read yet go into the rows at once, and folding will leave
-- them out. Nobody else settles or folds now.
with pending as (
    select m.fact_id, m.org_unit_id, m.sku_id, sum(m.moved_milli) as moved_milli from goods_movement m
    where m.xid >= coalesce((select xid from watermark where reader = %(reader)s), '0'::xid8)
        and m.org_unit_id = %(org_unit_id)s and (%(sku_id)s::int = 0 or m.sku_id = %(sku_id)s::int)
        and not exists (
            select from goods_posted p
            where p.fact_id = m.fact_id and p.org_unit_id = m.org_unit_id and p.sku_id = m.sku_id)
    group by 1, 2, 3 having sum(m.moved_milli) <> 0),
kept as (
    insert into goods_posted (fact_id, org_unit_id, sku_id, moved_milli)
    select fact_id, org_unit_id, sku_id, moved_milli from pending returning org_unit_id, sku_id, moved_milli)
insert into stock (org_unit_id, sku_id, on_hand_milli)
select org_unit_id, sku_id, sum(moved_milli) from kept group by 1, 2 order by 1, 2
on conflict (org_unit_id, sku_id) do update set on_hand_milli = stock.on_hand_milli + excluded.on_hand_milli

-- name: floor_rows
-- Rows of these places under the floor their policy gives them; what they lack to it becomes their shortage.
update stock k set (floor_milli, on_hand_milli, shortage_milli) = (
    select p.floor_milli, greatest(k.on_hand_milli, p.floor_milli), greatest(p.floor_milli - k.on_hand_milli, 0)
    from goods_policy p
    where p.org_unit_id = k.org_unit_id and p.sku_id in (k.sku_id, 0) order by p.sku_id desc limit 1)
where k.org_unit_id between %(first)s::int and %(last)s::int and (%(sku_id)s::int = 0 or k.sku_id = %(sku_id)s::int)
    and (
        select p.policy from goods_policy p
        where p.org_unit_id = k.org_unit_id and p.sku_id in (k.sku_id, 0) order by p.sku_id desc limit 1) = 'strict'

-- name: free_all_rows
update stock set on_hand_milli = 0, shortage_milli = 0, floor_milli = null
where on_hand_milli <> 0 or floor_milli is not null

-- name: fold_posted
-- What is in the rows without having been folded.
insert into stock (org_unit_id, sku_id, on_hand_milli)
select org_unit_id, sku_id, sum(moved_milli) from goods_posted
group by 1, 2 having sum(moved_milli) <> 0 order by 1, 2
on conflict (org_unit_id, sku_id) do update set on_hand_milli = stock.on_hand_milli + excluded.on_hand_milli

-- name: stock_of
-- What is in the rows, and what has moved since.
select sku_id, sum(milli)::bigint as on_hand_milli from (
    select sku_id, on_hand_milli - shortage_milli as milli from stock
    where org_unit_id = %(org_unit_id)s and sku_id = any(%(sku_ids)s::int[])
    union all
    select sku_id, moved_milli from goods_pending(array[%(org_unit_id)s::int], %(sku_ids)s::int[])) m
group by sku_id

-- name: audit_stock
-- Each place against its lines: the row holds those below the watermark and those posted at once, and what is reserved there
-- is the sum of what is held. A floor is what the policy says, and what was posted at once is what its fact moves.
with lines as (
    select org_unit_id, sku_id, sum(moved_milli) as milli from (
        select org_unit_id, sku_id, moved_milli from goods_moved
        where xid < coalesce((select xid from watermark where reader = %(reader)s), '0'::xid8)
        union all
        select org_unit_id, sku_id, moved_milli from goods_posted) m
    group by 1, 2),
held as (
    select org_unit_id, sku_id, sum(left_milli) as milli from goods_reservation where state = 'held' group by 1, 2),
rows_of as (
    select k.*, (
        select case when policy = 'strict' then floor_milli end from goods_policy
        where org_unit_id = k.org_unit_id and sku_id in (k.sku_id, 0) order by sku_id desc limit 1) as ruled_milli
    from stock k),
misposted as (
    select count(*) as places from goods_posted p
    cross join lateral (
        select coalesce(sum(moved_milli), 0) as milli from goods_movement
        where fact_id = p.fact_id and org_unit_id = p.org_unit_id and sku_id = p.sku_id offset 0) m
    where m.milli <> p.moved_milli)
select count(*) as places,
    count(*) filter (where coalesce(l.milli, 0) <> coalesce(k.on_hand_milli - k.shortage_milli, 0)) as wrong,
    count(*) filter (where k.on_hand_milli < k.floor_milli) as broken_floors,
    count(*) filter (where coalesce(h.milli, 0) <> coalesce(k.reserved_milli, 0)) as wrong_reservations,
    count(*) filter (where k.floor_milli is distinct from k.ruled_milli) as wrong_floors,
    (select places from misposted) as wrong_posted
from lines l
full join rows_of k on k.org_unit_id = l.org_unit_id and k.sku_id = l.sku_id
full join held h on h.org_unit_id = coalesce(k.org_unit_id, l.org_unit_id) and h.sku_id = coalesce(k.sku_id, l.sku_id)

-- name: add_document
insert into goods_document (fact_id, key, kind, org_unit_id, other_org_unit_id, closes_fact_id, reason, occurred_at, actor)
values (%(fact_id)s, %(key)s, %(kind)s, %(org_unit_id)s, %(other_org_unit_id)s, %(closes_fact_id)s, %(reason)s,
    %(occurred_at)s, %(actor)s)

-- name: add_document_lines
insert into goods_document_line (fact_id, line_no, org_unit_id, sku_id, said_milli, moved_milli)
select %(fact_id)s, place, org_unit_id, sku_id, said_milli, moved_milli
from unnest(%(org_unit_ids)s::int[], %(sku_ids)s::int[], %(said)s::bigint[], %(moved)s::bigint[]) with ordinality
    as n (org_unit_id, sku_id, said_milli, moved_milli, place)

-- name: document
select fact_id, key, kind, org_unit_id, other_org_unit_id, closes_fact_id, reason, occurred_at, actor
from goods_document where fact_id = %(fact_id)s

-- name: document_by_key
select fact_id, key, kind, org_unit_id, other_org_unit_id, closes_fact_id, reason, occurred_at, actor
from goods_document where org_unit_id = %(org_unit_id)s and key = %(key)s

-- name: document_lines
select org_unit_id, sku_id, said_milli, moved_milli from goods_document_line where fact_id = %(fact_id)s order by line_no

-- name: lock_document
select fact_id, key, kind, org_unit_id, other_org_unit_id, closes_fact_id, reason, occurred_at, actor
from goods_document where fact_id = %(fact_id)s for no key update

-- name: closed_by
select fact_id from goods_document where closes_fact_id = %(fact_id)s

-- name: holds_of
-- What was ever kept for an order.
select org_unit_id, sku_id, quantity_milli, left_milli, seller_org_unit_id, price, until_at, state
from goods_reservation where order_key = %(order_key)s order by org_unit_id, sku_id

-- name: due_holds
select order_key, org_unit_id, sku_id from goods_reservation
where state = 'held' and until_at <= %(at)s order by until_at limit %(limit)s

-- name: add_holds
-- Goods kept for an order, with the shelves that keep them, which are locked. What was let go may be kept again.
with added as (
    insert into goods_reservation as r (order_key, org_unit_id, sku_id, quantity_milli, left_milli, seller_org_unit_id, price, until_at)
    select %(order_key)s, n.org_unit_id, n.sku_id, n.quantity, n.quantity, %(seller_org_unit_id)s, n.price, %(until_at)s
    from unnest(%(org_unit_ids)s::int[], %(sku_ids)s::int[], %(quantities)s::bigint[], %(prices)s::bigint[])
        as n (org_unit_id, sku_id, quantity, price)
    on conflict (order_key, org_unit_id, sku_id) do update set
        quantity_milli = excluded.quantity_milli + case when r.state = 'held' then r.quantity_milli else 0 end,
        left_milli = excluded.left_milli + r.left_milli, seller_org_unit_id = excluded.seller_org_unit_id,
        price = excluded.price, until_at = excluded.until_at, state = 'held', made_at = now(), ended_at = null)
insert into stock (org_unit_id, sku_id, reserved_milli)
select * from unnest(%(org_unit_ids)s::int[], %(sku_ids)s::int[], %(quantities)s::bigint[])
on conflict (org_unit_id, sku_id) do update set reserved_milli = stock.reserved_milli + excluded.reserved_milli

-- name: end_holds
-- Those of these that are still held (and due, where a time is given), with the shelves that kept them, which are locked.
with ending as (
    select r.place, r.order_key, r.org_unit_id, r.sku_id, r.left_milli, r.seller_org_unit_id, r.price, r.until_at
    from unnest(%(order_keys)s::text[], %(org_unit_ids)s::int[], %(sku_ids)s::int[]) as n (order_key, org_unit_id, sku_id)
    cross join lateral (
        select *, ctid as place from goods_reservation
        where order_key = n.order_key and org_unit_id = n.org_unit_id and sku_id = n.sku_id and state = 'held'
            and (%(due)s::timestamptz is null or until_at <= %(due)s::timestamptz)
        offset 0) r),
ended as (
    update goods_reservation r set state = %(state)s, left_milli = 0, ended_at = now()
    from ending e where r.ctid = e.place),
freed as (
    insert into stock (org_unit_id, sku_id, reserved_milli)
    select org_unit_id, sku_id, sum(left_milli) from ending group by 1, 2
    on conflict (org_unit_id, sku_id) do update set reserved_milli = stock.reserved_milli - excluded.reserved_milli)
select order_key, org_unit_id, sku_id, left_milli, seller_org_unit_id, price, until_at from ending order by 2, 3

-- name: shelves_of
-- A store's goods, product by product: what is in the rows and has moved since, what is on its way here, when last counted.
with coming as (
    select l.sku_id, sum(l.said_milli) as milli
    from goods_document d join goods_document_line l on l.fact_id = d.fact_id
    where d.kind = 'dispatch' and d.other_org_unit_id = %(org_unit_id)s
        and not exists (select from goods_document a where a.closes_fact_id = d.fact_id)
    group by 1),
mine as (
    select sku_id, sum(on_hand)::bigint as on_hand_milli, sum(reserved)::bigint as reserved_milli,
        sum(shortage)::bigint as shortage_milli, max(floor_milli) as floor_milli
    from (
        select sku_id, on_hand_milli as on_hand, reserved_milli as reserved, shortage_milli as shortage, floor_milli
        from stock where org_unit_id = %(org_unit_id)s
        union all
        select sku_id, moved_milli, 0, 0, null from goods_pending(array[%(org_unit_id)s::int], null)
        union all
        select sku_id, 0, 0, 0, null from coming) m
    where sku_id > %(after_sku_id)s and (%(sku_ids)s::int[] is null or sku_id = any(%(sku_ids)s::int[]))
    group by 1 order by 1 limit %(limit)s)
select mine.*, coalesce(coming.milli, 0)::bigint as in_transit_milli, counted.at as counted_at
from mine
left join coming on coming.sku_id = mine.sku_id
left join lateral (
    select d.occurred_at as at
    from goods_document_line l join goods_document d on d.fact_id = l.fact_id and d.kind = 'count'
    where l.org_unit_id = %(org_unit_id)s and l.sku_id = mine.sku_id
    order by l.fact_id desc limit 1) counted on true
order by mine.sku_id

-- name: places_of
-- Everywhere these goods are, with what is kept there and the floor that holds; in the rows and moved since.
select org_unit_id, sku_id, sum(on_hand)::bigint as on_hand_milli, sum(reserved)::bigint as reserved_milli,
    sum(shortage)::bigint as shortage_milli, max(floor_milli) as floor_milli
from (
    select org_unit_id, sku_id, on_hand_milli as on_hand, reserved_milli as reserved, shortage_milli as shortage, floor_milli
    from unnest(%(org_unit_ids)s::int[]) as o (id) cross join unnest(%(sku_ids)s::int[]) as n (id)
    cross join lateral (select * from stock where org_unit_id = o.id and sku_id = n.id offset 0) k
    union all
    select org_unit_id, sku_id, moved_milli, 0, 0, null from goods_pending(%(org_unit_ids)s::int[], %(sku_ids)s::int[])) m
group by 1, 2 order by 1, 2

-- name: movements_at
-- What moved a product at a place, by fact, newest first, with what the lines then sum to.
select m.fact_id, m.moved_milli, m.balance_milli, s.name, s.occurred_at,
    coalesce(o.parent_key, o.order_key) as order_key, d.kind, d.key, d.reason, d.actor
from (
    select fact_id, sum(moved_milli)::bigint as moved_milli, (sum(sum(moved_milli)) over (order by fact_id))::bigint as balance_milli
    from goods_movement
    where org_unit_id = %(org_unit_id)s and sku_id = %(sku_id)s and fact_id < %(before)s
    group by fact_id order by fact_id desc limit %(limit)s) m
join settlement s on s.fact_id = m.fact_id
left join fact_order o on o.fact_id = m.fact_id
left join goods_document d on d.fact_id = m.fact_id
order by m.fact_id desc

-- name: shortages
-- Where more was sold than had come: below the floor at strict places, below nothing at open ones.
select org_unit_id, sku_id, case when shortage_milli > 0 then shortage_milli else -on_hand_milli end as missing_milli,
    floor_milli is not null as is_strict
from stock
where (shortage_milli > 0 or on_hand_milli < 0) and (shortage_milli > 0 or floor_milli is null)
    and (org_unit_id, sku_id) > (%(after_org_unit_id)s::int, %(after_sku_id)s::int)
    and (%(org_unit_ids)s::int[] is null or org_unit_id = any(%(org_unit_ids)s::int[]))
order by org_unit_id, sku_id limit %(limit)s

-- name: transfers
-- Goods sent from or to these org units, newest first; all where none are given.
select d.fact_id, d.key, d.org_unit_id, d.other_org_unit_id as to_org_unit_id, d.occurred_at as sent_at,
    a.fact_id as arrival_fact_id, a.occurred_at as arrived_at
from goods_document d left join goods_document a on a.closes_fact_id = d.fact_id
where d.kind = 'dispatch' and d.fact_id < %(before)s and (not %(is_open)s::bool or a.fact_id is null)
    and (%(org_unit_ids)s::int[] is null or d.org_unit_id = any(%(org_unit_ids)s::int[])
        or d.other_org_unit_id = any(%(org_unit_ids)s::int[]))
order by d.fact_id desc limit %(limit)s

-- name: transfer_lines
-- What was sent and what came of it; null while it is on its way.
select sku_id, coalesce(sum(said_milli) filter (where fact_id = %(sent_fact_id)s), 0)::bigint as sent_milli,
    sum(said_milli) filter (where fact_id <> %(sent_fact_id)s)::bigint as arrived_milli
from goods_document_line
where fact_id = %(sent_fact_id)s
    or fact_id = (select fact_id from goods_document where closes_fact_id = %(sent_fact_id)s)
group by 1 order by 1
