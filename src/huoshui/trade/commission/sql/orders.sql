-- name: lock
-- Whoever works out commission does so alone: two at once would each write the difference that the other has just written.
select pg_advisory_xact_lock(hashtext('huoshui commission'))

-- name: queue_settled
-- Orders that these transactions sold, revised, gave back or took back, but those that only tell the past.
insert into commission_due (order_id, fact_id)
select coalesce(order_id, fact_id), max(fact_id) from settlement
where xid >= %(low)s::text::xid8 and xid < %(high)s::text::xid8 and state = 'settled' and not is_history
    and name in ('Order Completed', 'Order Refunded')
group by 1 order by 1
on conflict (order_id) do update set fact_id = greatest(commission_due.fact_id, excluded.fact_id)

-- name: queue_again
insert into commission_due (order_id, fact_id, is_rerun, because)
select order_id, 0, true, %(because)s from unnest(%(order_ids)s::bigint[]) as n (order_id)
order by 1
on conflict (order_id) do update set is_rerun = true, because = excluded.because

-- name: take_due
delete from commission_due where order_id in (select order_id from commission_due order by order_id limit %(limit)s)
returning order_id, fact_id, is_rerun, because

-- name: orders_known
select order_id, position, person_id, store_id, dealer_id, guide_id, business_day, is_new, claim_fact_id
from unnest(%(order_ids)s::bigint[]) as n (id)
cross join lateral (select * from commission_order where order_id = n.id offset 0) o

-- name: heads
-- Orders as their first fact tells them; whose they are, by the last of their facts that says so.
select n.order_id, s.seq as position, p.person_id, o.org_unit_id as store_id, coalesce(o.staff_id, l.guide_id) as guide_id,
    o.business_day, o.occurred_at as at, case when o.staff_id is null then l.fact_id end as claim_fact_id
from unnest(%(order_ids)s::bigint[]) as n (order_id)
cross join lateral (
    select seq from settlement where fact_id = n.order_id and state = 'settled' and not is_history offset 0) s
cross join lateral (
    select org_unit_id, staff_id, business_day, occurred_at from fact_order where fact_id = n.order_id offset 0) o
left join lateral (
    select person_id from (
        select fact_id, person_id from settlement where fact_id = n.order_id
        union all
        select fact_id, person_id from settlement where order_id = n.order_id and state = 'settled') x
    where person_id is not null order by fact_id desc limit 1) p on true
left join commission_claim l on l.order_id = n.order_id

-- name: earlier
-- Those of these orders before which one of these ids had bought.
select distinct n.place
from unnest(%(places)s::int[], %(person_ids)s::bigint[], %(positions)s::bigint[]) as n (place, person_id, position)
cross join lateral (
    select from settlement s
    where s.person_id = n.person_id and s.name = 'Order Completed' and s.state = 'settled' and s.seq < n.position
        and not exists (select from fact_withdrawn w where w.fact_id = s.fact_id)
    limit 1) e

-- name: sold
-- What is left of each of these orders by product: what its facts say, less what they take back.
select n.order_id, l.sku_id, sum(l.amount)::bigint as amount
from unnest(%(order_ids)s::bigint[]) as n (order_id)
cross join lateral (
    select fact_id, replaces from settlement where fact_id = n.order_id and state = 'settled'
    union all
    select fact_id, replaces from settlement
    where order_id = n.order_id and fact_id <> n.order_id and state = 'settled' offset 0) s
cross join lateral (
    select sku_id, amount - refunded as amount from fact_line where fact_id = s.fact_id
    union all
    select b.sku_id, -(b.amount - b.refunded) from fact_line b where b.fact_id = any(s.replaces) offset 0) l
group by 1, 2 having sum(l.amount) <> 0
order by 1, 2

-- name: add_orders
insert into commission_order (order_id, position, person_id, store_id, dealer_id, guide_id, business_day, is_new, claim_fact_id)
select * from unnest(%(order_ids)s::bigint[], %(positions)s::bigint[], %(persons)s::bigint[], %(stores)s::int[], %(dealers)s::int[],
    %(guides)s::int[], %(days)s::date[], %(news)s::bool[], %(claims)s::bigint[])
on conflict (order_id) do update set person_id = excluded.person_id, is_new = excluded.is_new, guide_id = excluded.guide_id,
    claim_fact_id = excluded.claim_fact_id
where (commission_order.person_id, commission_order.guide_id) is distinct from (excluded.person_id, excluded.guide_id)

-- name: add_recommended
-- The first who recommended her stays.
insert into commission_recommended (person_id, by_person_id, fact_id)
select * from unnest(%(persons)s::bigint[], %(bys)s::bigint[], %(facts)s::bigint[])
on conflict (person_id) do nothing

-- name: recommended
select person_id, by_person_id, fact_id from commission_recommended where person_id = any(%(person_ids)s::bigint[])

-- name: forget_recommended
-- Rows that a reward names stay, by bare ids, as the books do.
delete from commission_recommended r
where (r.person_id = any(%(person_ids)s::bigint[]) or r.by_person_id = any(%(person_ids)s::bigint[]))
    and not exists (select from commission_credit c where c.buyer_id = r.person_id)

-- name: may_erase
select set_config('huoshui.erasing', %(what)s, true) as erasing

-- name: orders_of
select order_id from commission_order where person_id = any(%(person_ids)s::bigint[])

-- name: erase_decisions
update commission_decision set reason = %(gone)s where order_id = any(%(order_ids)s::bigint[]) returning fact_id

-- name: erase_words
update commission_word w set said = %(gone)s from commission_entry e
where e.order_id = any(%(order_ids)s::bigint[]) and w.entry_id = e.id and w.said <> ''

-- name: recommended_by
select count(*)::int as people from commission_recommended where by_person_id = any(%(person_ids)s::bigint[])

-- name: rewards_of
-- What these persons earned as those who brought others, and in which closed month it stands.
select e.booked_on, e.amount, e.release_on, e.is_frozen, coalesce(s.period, '') as period
from commission_party p join commission_entry e on e.party_id = p.id
left join commission_statement s on s.id = e.statement_id
where p.payee_kind = 'recommender' and p.payee_id = any(%(person_ids)s::bigint[]) order by e.booked_on, e.id

-- name: decisions
select distinct on (order_id, employer_id) order_id, employer_id, shares::text as shares, fact_id
from commission_decision where order_id = any(%(order_ids)s::bigint[])
order by order_id, employer_id, id desc

-- name: add_decision
insert into commission_decision (order_id, employer_id, shares, reason, actor, fact_id)
values (%(order_id)s, %(employer_id)s, %(shares)s::jsonb, %(reason)s, %(actor)s, %(fact_id)s)

-- name: versions
select version, kind, employer_id, params::text as params, from_position, actor, reason, set_at
from commission_rules order by from_position, version

-- name: add_version
insert into commission_rules (kind, employer_id, params, actor, reason)
values (%(kind)s, %(employer_id)s, %(params)s::jsonb, %(actor)s, %(reason)s) returning version
