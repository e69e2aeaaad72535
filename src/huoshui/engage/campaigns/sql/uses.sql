-- name: uses_by_day
-- Living redemptions of a template by day, store and dealer: what was given, the brand's part of it, and what the brand owes the
-- dealer for it now. The days are the sales'; the instants around them find the redemptions.
select o.business_day as day, r.org_unit_id, r.dealer_id, count(*)::int as uses, count(distinct r.order_id)::int as orders,
    coalesce(array_agg(distinct s.person_id) filter (where s.person_id is not null), '{}') as person_ids,
    sum(r.amount)::bigint as amount, sum(r.payable)::bigint as payable,
    sum(case when r.dealer_id is null then 0 else r.amount - (r.amount - r.excess) * r.brand_permille / 1000 end)::bigint as by_dealer
from coupon_redemption r
cross join lateral (select business_day from fact_order where fact_id = r.fact_id offset 0) o
cross join lateral (
    select coalesce(
        (select person_id from settlement
        where order_id = r.order_id and name = 'Order Completed' and state = 'settled' and person_id is not null
        order by seq desc limit 1),
        (select person_id from settlement where fact_id = r.order_id)) as person_id) s
where r.template_id = %(template_id)s::bigint and r.taken_back_at is null
    and r.redeemed_at >= %(since)s::timestamptz and r.redeemed_at < %(until)s::timestamptz
    and o.business_day between %(first)s::date and %(last)s::date
    and (%(org_unit_ids)s::int[] is null or r.org_unit_id = any(%(org_unit_ids)s::int[]))
group by 1, 2, 3
order by 1, 2, 3

-- name: last_used
-- By the key, from its end; one that nobody uses is known by its tally first.
select o.business_day as day
from (
    select fact_id from coupon_redemption
    where template_id = %(template_id)s::bigint and taken_back_at is null
        and exists (select from coupon_tally where template_id = %(template_id)s::bigint)
    order by fact_id desc limit 1) r
cross join lateral (select business_day from fact_order where fact_id = r.fact_id offset 0) o

-- name: uses_behind
-- One by one, newest first: those of one store (0: of none) or one dealer (0: of none) where these are given.
select r.fact_id, r.order_id, o.order_key, s.occurred_at, o.business_day as day, r.org_unit_id, r.dealer_id,
    coalesce((
        select person_id from settlement
        where order_id = r.order_id and name = 'Order Completed' and state = 'settled' and person_id is not null
        order by seq desc limit 1), s.person_id) as person_id, c.code, r.amount, r.payable,
    case when r.dealer_id is null then 0 else r.amount - (r.amount - r.excess) * r.brand_permille / 1000 end as by_dealer
from coupon_redemption r
join coupon c on c.id = r.coupon_id
cross join lateral (select business_day, order_key from fact_order where fact_id = r.fact_id offset 0) o
cross join lateral (select occurred_at, person_id from settlement where fact_id = r.order_id offset 0) s
where r.template_id = %(template_id)s::bigint and r.taken_back_at is null
    and r.redeemed_at >= %(since)s::timestamptz and r.redeemed_at < %(until)s::timestamptz
    and o.business_day between %(first)s::date and %(last)s::date
    and (%(org_unit_ids)s::int[] is null or r.org_unit_id = any(%(org_unit_ids)s::int[]))
    and (%(org_unit_id)s::int is null or coalesce(r.org_unit_id, 0) = %(org_unit_id)s::int)
    and (%(dealer_id)s::int is null or coalesce(r.dealer_id, 0) = %(dealer_id)s::int)
order by r.fact_id desc, r.coupon_id limit %(limit)s
