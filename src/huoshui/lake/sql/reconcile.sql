-- name: lines_by_day
-- The effects of all facts settled below the bound, said in another way than the writer says them: every settled fact
-- counts once, every fact that was replaced counts once against.
with settled as (
    select fact_id, replaces
    from settlement
    where state = 'settled' and xid < %(bound)s::text::xid8
),
effect as (
    select fact_id, 1 as sign from settled
    union all
    select unnest(replaces), -1 from settled where replaces is not null
)
select o.business_day, count(*) as row_count,
    sum(e.sign * (l.amount - l.refunded))::bigint as amount,
    sum(e.sign * (l.quantity_milli - l.refunded_milli))::bigint as quantity_milli
from effect e
join fact_order o using (fact_id)
join fact_line l using (fact_id)
group by o.business_day;

-- name: facts_by_day
-- As above for facts: a fact carries the whole difference it made, on its own day. One that is no order and was taken back is gone.
with settled as (
    select fact_id, replaces, occurred_at
    from settlement s
    where state = 'settled' and xid < %(bound)s::text::xid8
        and not exists (
            select from settlement w
            where w.name = %(withdrawn)s and w.order_id = s.fact_id and w.fact_id <> s.fact_id
                and w.xid < %(bound)s::text::xid8)
),
effect as (
    select fact_id, fact_id as of_id, 1 as sign from settled
    union all
    select fact_id, unnest(replaces), -1 from settled where replaces is not null
),
moved as (
    select e.fact_id, sum(e.sign * (l.amount - l.refunded))::bigint as amount
    from effect e
    join fact_line l on l.fact_id = e.of_id
    group by e.fact_id
)
select coalesce(o.business_day, (s.occurred_at at time zone %(zone)s)::date) as business_day, count(*) as row_count,
    coalesce(sum(m.amount), 0)::bigint as amount
from settled s
left join fact_order o using (fact_id)
left join moved m using (fact_id)
group by 1;
