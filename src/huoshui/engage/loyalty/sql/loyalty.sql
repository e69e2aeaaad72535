-- name: rules
-- Every version, oldest first; whether any bonus rule is live, and whether any order ever earned by one.
select version, points, per_minor, valid_years, from_day, points_per_yuan, notice_days, adjust_alone_upto,
    exists (select from earn_bonus where state = 'live') as has_bonus, exists (select from earn_order) as has_rates
from earn_rule order by from_day, version

-- name: earnings
-- What each settled order fact adds to the money that stays with us, how much of it was paid with points, and with how many.
select s.fact_id, s.person_id, s.order_id, o.business_day, o.amount - o.refunded - coalesce(was.money, 0) as effect,
    coalesce(t.amount, 0) as by_points, o.org_unit_id, t.points, s.is_history
from settlement s
cross join lateral (select * from fact_order where fact_id = s.fact_id offset 0) o
left join lateral (
    select sum(amount - refunded)::bigint as money from fact_order
    where s.replaces is not null and fact_id = any(s.replaces)) was on true
left join lateral (
    select sum(points)::bigint as points, sum(amount)::bigint as amount
    from (
        -- Hardly any import has points in it: that is asked once, not of each fact
        select points, amount from fact_tender
        where (select exists (
                select from fact_tender where fact_id = any(%(fact_ids)s::bigint[]) and kind = 'points'))
            and fact_id = s.fact_id and kind = 'points'
        union all
        select -points, -amount from fact_tender
        where s.replaces is not null and fact_id = any(s.replaces) and kind = 'points') own) t on true
where s.fact_id = any(%(fact_ids)s::bigint[]) and s.state = 'settled'
order by s.fact_id

-- name: order_facts
-- All settled facts of orders that changed, each with its effect.
select coalesce(s.order_id, s.fact_id) as order_id,
    o.amount - o.refunded - coalesce((
        select sum(r.amount - r.refunded) from fact_order r where r.fact_id = any(s.replaces)), 0)::bigint as effect,
    s.is_history, s.order_id is null as is_first,
    (coalesce((select sum(amount) from fact_tender where fact_id = s.fact_id and kind = 'points'), 0) - coalesce((
        select sum(amount) from fact_tender where fact_id = any(s.replaces) and kind = 'points'), 0))::bigint as by_points,
    o.business_day
from settlement s join fact_order o on o.fact_id = s.fact_id
where (s.order_id = any(%(order_ids)s::bigint[]) or s.fact_id = any(%(order_ids)s::bigint[])) and s.state = 'settled'

-- name: taken_back
-- What these facts take back from the persons of the facts they replace, on the days these were of.
select s.fact_id, was.person_id, -sum(r.amount - r.refunded)::bigint as amount, r.business_day as day
from settlement s
cross join unnest(s.replaces) as replaced
join settlement was on was.fact_id = replaced
join fact_order r on r.fact_id = replaced
where s.fact_id = any(%(fact_ids)s::bigint[])
group by 1, 2, 4

-- name: given
-- Points that the facts of these orders have earned and taken back so far, by person and bucket. What was earned against a
-- debt stands in the bucket `debt`; points that paid for the order are no part of it.
select coalesce(s.order_id, s.fact_id) as order_id, a.owner_id, a.bucket,
    sum(case when a.id = t.to_account_id then t.amount else -t.amount end)::bigint as points
from settlement s
join transfer t on t.fact_id = s.fact_id and t.unit = 'points' and t.reason in ('earn', 'take_back')
join account a on a.id in (t.to_account_id, t.from_account_id) and a.owner_kind = 'person'
where s.order_id = any(%(order_ids)s::bigint[]) or s.fact_id = any(%(order_ids)s::bigint[])
group by 1, 2, 3
order by 1, 3

