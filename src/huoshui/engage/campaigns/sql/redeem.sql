-- name: touched
-- Facts that coupons have to do with: they say so, or they change an order that used some. The past is only recorded.
select s.fact_id, coalesce(s.order_id, s.fact_id) as order_id, s.occurred_at, s.person_id, s.name, o.source_id,
    case when s.name = 'Order Refunded' then coalesce(o.parent_key, o.order_key) else o.order_key end as order_key,
    o.org_unit_id, o.channel, o.business_day, c.codes, c.amounts
from (
    select fact_id from fact_coupon where fact_id = any(%(fact_ids)s::bigint[])
    union
    select later.fact_id from settlement later
    cross join lateral (select from coupon_redemption where order_id = later.order_id limit 1) used
    where later.fact_id = any(%(later_ids)s::bigint[]) and later.order_id is not null) n
cross join lateral (
    select * from settlement where fact_id = n.fact_id and state = 'settled' and not is_history offset 0) s
cross join lateral (select * from fact_order where fact_id = n.fact_id offset 0) o
cross join lateral (
    select array_agg(code order by coupon_no) as codes, array_agg(amount order by coupon_no) as amounts
    from fact_coupon where fact_id = n.fact_id offset 0) c
order by s.fact_id

-- name: current_facts
-- The facts that make these orders up now: those that no other of the order takes back.
with told as (
    select n.order_id, f.fact_id, f.name, f.replaces
    from unnest(%(order_ids)s::bigint[]) as n (order_id)
    cross join lateral (
        select fact_id, name, replaces from settlement where fact_id = n.order_id and state = 'settled'
        union all
        select fact_id, name, replaces from settlement where order_id = n.order_id and state = 'settled'
        offset 0) f)
select t.order_id, t.fact_id, t.name = 'Order Refunded' as is_refund from told t
where not exists (select from told other where other.order_id = t.order_id and t.fact_id = any(other.replaces))
order by t.order_id, t.fact_id

-- name: lines_of_facts
select l.fact_id, l.line_no, coalesce(l.line_key, '#' || l.sku_id) as key, l.sku_id, l.quantity_milli, l.amount,
    l.coupon_discount, l.refunded, l.refunded_milli
from fact_line l where l.fact_id = any(%(fact_ids)s::bigint[]) order by l.fact_id, l.line_no

-- name: uses_of_facts
select fact_id, code, amount from fact_coupon where fact_id = any(%(fact_ids)s::bigint[]) order by fact_id, coupon_no

-- name: redemptions_of_orders
-- What these orders have used, and whether it still stands.
select r.order_id, r.fact_id, r.coupon_id, r.template_id, r.amount, r.brand_permille, r.dealer_id,
    r.budget, r.payable, r.person_id, r.excess, r.taken_back_at is null as is_live
from coupon_redemption r
where r.order_id = any(%(order_ids)s::bigint[])
order by r.order_id, r.fact_id, r.coupon_id

-- name: live_lines
select l.fact_id, l.coupon_id, l.line_no, l.line_key as key, l.amount
from coupon_redemption r
cross join lateral (
    select * from coupon_redemption_line where fact_id = r.fact_id and coupon_id = r.coupon_id offset 0) l
where r.order_id = any(%(order_ids)s::bigint[]) and r.taken_back_at is null
order by l.fact_id, l.coupon_id, l.line_no

-- name: lock_used
-- The coupons of these codes and these ids, in id order, so that two sales never wait for each other in a ring.
select c.id, c.template_id, c.code, c.person_id, c.state, c.is_shared, c.uses, c.used, c.valid_from, c.valid_until,
    case when c.locked_until > %(now)s::timestamptz then c.locked_for end as locked_for, c.void_reason,
    t.title, t.state as template_state, c.version, c.key, c.redeemed_fact_id
from coupon c
cross join lateral (select title, state from coupon_template where id = c.template_id offset 0) t
where c.key = any(%(keys)s::text[]) or c.id = any(%(coupon_ids)s::bigint[])
order by c.id for update of c

-- name: budgets_of_used
-- What is left for the campaigns of these coupons.
select owner_id as template_id, sum(balance)::bigint as balance from account
where unit = 'budget' and owner_kind = 'template' and owner_id = any(array(
    select template_id from coupon where key = any(%(keys)s::text[])
    union
    select template_id from coupon where id = any(%(coupon_ids)s::bigint[])))
group by owner_id

-- name: put_coupons
update coupon c
set state = n.state, used = n.used, person_id = n.person_id, redeemed_fact_id = n.order_id, valid_until = n.valid_until,
    locked_for = null, locked_until = null
from unnest(%(ids)s::bigint[], %(states)s::text[], %(useds)s::int[], %(person_ids)s::bigint[], %(order_ids)s::bigint[],
    %(untils)s::timestamptz[]) as n (id, state, used, person_id, order_id, valid_until)
where c.id = n.id

-- name: add_redemptions
insert into coupon_redemption (fact_id, coupon_id, order_id, template_id, amount, org_unit_id, brand_permille, dealer_id,
    excess, budget, payable, person_id, redeemed_at)
select * from unnest(%(fact_ids)s::bigint[], %(coupon_ids)s::bigint[], %(order_ids)s::bigint[], %(template_ids)s::bigint[],
    %(amounts)s::bigint[], %(org_unit_ids)s::int[], %(permilles)s::int[], %(dealer_ids)s::bigint[],
    %(excesses)s::bigint[], %(budgets)s::bigint[], %(payables)s::bigint[], %(person_ids)s::bigint[], %(times)s::timestamptz[])

-- name: put_redemptions
update coupon_redemption r
set amount = n.amount, excess = n.excess, budget = n.budget, payable = n.payable,
    taken_back_at = n.taken_back_at, taken_back_fact_id = n.taken_back_fact_id
from unnest(%(fact_ids)s::bigint[], %(coupon_ids)s::bigint[], %(amounts)s::bigint[], %(excesses)s::bigint[],
    %(budgets)s::bigint[], %(payables)s::bigint[], %(taken_back_ats)s::timestamptz[], %(taken_back_fact_ids)s::bigint[])
    as n (fact_id, coupon_id, amount, excess, budget, payable, taken_back_at, taken_back_fact_id)
where r.fact_id = n.fact_id and r.coupon_id = n.coupon_id

-- name: drop_lines
delete from coupon_redemption_line l
using unnest(%(fact_ids)s::bigint[], %(coupon_ids)s::bigint[]) as n (fact_id, coupon_id)
where l.fact_id = n.fact_id and l.coupon_id = n.coupon_id

-- name: add_lines
insert into coupon_redemption_line (fact_id, coupon_id, line_no, line_key, amount)
select * from unnest(%(fact_ids)s::bigint[], %(coupon_ids)s::bigint[], %(line_nos)s::int[], %(keys)s::text[],
    %(amounts)s::bigint[])

-- name: tally
-- Each connection counts in a slot of its own as far as they go round, so that sales of one template stand in no line.
insert into coupon_tally as y (template_id, slot, redeemed, amount)
select template_id, pg_backend_pid() & 63, redeemed, amount
from unnest(%(template_ids)s::bigint[], %(counts)s::bigint[], %(amounts)s::bigint[]) as n (template_id, redeemed, amount)
order by template_id
on conflict (template_id, slot) do update
set redeemed = y.redeemed + excluded.redeemed, amount = y.amount + excluded.amount

-- name: redemptions_of
select r.fact_id, r.coupon_id, c.code, t.title, r.amount, r.brand_permille, r.payable, r.redeemed_at, r.taken_back_at
from coupon_redemption r join coupon c on c.id = r.coupon_id join coupon_template t on t.id = r.template_id
where r.fact_id = any(%(fact_ids)s::bigint[]) order by r.fact_id, r.coupon_id

-- name: lines_of_redemptions
select fact_id, coupon_id, line_no, amount from coupon_redemption_line
where fact_id = any(%(fact_ids)s::bigint[]) order by fact_id, coupon_id, line_no
