-- name: fees_of
-- What each of these dealers is owed for customers of its that bought elsewhere, whole.
select p.payee_id::int as dealer_id, count(distinct e.order_id)::int as orders, sum(e.base)::bigint as sold,
    sum(e.amount)::bigint as owed, coalesce(sum(e.amount) filter (where e.is_frozen), 0)::bigint as frozen
from commission_party p join commission_entry e on e.party_id = p.id
where p.payee_kind = 'dealer' and p.payee_id = any(%(dealer_ids)s::bigint[]) and e.kind = 'fee' and e.order_id is not null
group by 1

-- name: fees_for
-- The same of these orders.
select e.order_id, sum(e.amount)::bigint as owed, coalesce(sum(e.amount) filter (where e.is_frozen), 0)::bigint as frozen
from unnest(%(order_ids)s::bigint[]) as n (order_id)
cross join lateral (select * from commission_entry where order_id = n.order_id and kind = 'fee' offset 0) e
join commission_party p on p.id = e.party_id
where p.payee_kind = 'dealer' and p.payee_id = %(dealer_id)s::bigint
group by 1

-- name: fee_orders
-- Orders a dealer is or was owed a fee for, the newest first: whose they were, where and by whom.
select o.order_id, o.person_id, o.business_day as day, o.dealer_id as sold_by, o.store_id, o.guide_id, f.sold
from (
    select e.order_id, sum(e.base)::bigint as sold
    from commission_party p join commission_entry e on e.party_id = p.id
    where p.payee_kind = 'dealer' and p.payee_id = %(dealer_id)s::bigint and e.kind = 'fee' and e.order_id < %(before)s::bigint
    group by 1 order by 1 desc limit %(limit)s) f
join commission_order o on o.order_id = f.order_id
where o.person_id is not null
order by o.order_id desc
