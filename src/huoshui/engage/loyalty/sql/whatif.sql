-- name: birthday_orders
-- Orders of a month with what was last said of their customer's birthday.
select o.fact_id, o.business_day, b.value
from fact_order o join settlement s on s.fact_id = o.fact_id
cross join lateral (
    select t.value from settlement n join fact_trait t on t.fact_id = n.fact_id and t.name = 'birthday'
    where n.person_id = s.person_id and n.state = 'settled' order by n.occurred_at desc, n.fact_id desc limit 1) b
where o.business_day >= %(first)s::date and o.business_day < %(after)s::date and o.name = 'Order Completed'
    and s.state = 'settled' and s.order_id is null

-- name: cost
-- Points that the sales of a month would give by each of these sets of rules, as the orders stand now. A person has the tier
-- he has now.
with orders as (
    select s.fact_id as order_id, coalesce(p.members[1], s.person_id) as who, coalesce(p.rank, 0) as rank, o.business_day as day,
        o.org_unit_id,
        case when %(asks_first)s then not exists (
            select from settlement e where e.person_id = s.person_id and e.name = 'Order Completed' and e.state = 'settled'
                and e.order_id is null and (e.occurred_at, e.fact_id) < (s.occurred_at, s.fact_id)) end as is_first
    from fact_order o join settlement s on s.fact_id = o.fact_id
    left join tier_progress p on p.person_id = s.person_id
    where o.business_day >= %(first)s::date and o.business_day < %(after)s::date and o.name = 'Order Completed'
        and s.state = 'settled' and s.order_id is null and s.person_id is not null),
told as (
    select x.order_id, x.order_id as fact_id, 1 as sign from orders x
    union all
    select x.order_id, s.fact_id, 1 from orders x join settlement s on s.order_id = x.order_id and s.state = 'settled'
    union all
    select x.order_id, r.fact_id, -1 from orders x join settlement s on s.order_id = x.order_id and s.state = 'settled'
    cross join lateral unnest(s.replaces) as r (fact_id)),
heads as (
    select t.order_id, sum(t.sign * (o.amount - o.refunded - coalesce(by_points.amount, 0)))::bigint as paid
    from told t join fact_order o on o.fact_id = t.fact_id
    left join lateral (
        select sum(amount) as amount from fact_tender where fact_id = t.fact_id and kind = 'points') by_points on true
    group by 1),
lines as (
    select t.order_id, l.sku_id, sum(t.sign * (l.amount - l.refunded))::bigint as money
    from told t join fact_line l on l.fact_id = t.fact_id group by 1, 2),
totals as (select order_id, sum(money)::bigint as total from lines group by 1),
sides as (select * from jsonb_to_recordset(%(rules)s::jsonb) as r (side int, points int, per_minor int)),
rules as (
    select * from jsonb_to_recordset(%(bonuses)s::jsonb) as b (side int, id int, percent int, extra bigint, min_amount bigint, ranks int[],
        sku_ids int[], org_unit_ids int[], from_day date, until_day date, weekdays int[], birthday text,
        is_first_purchase boolean, cap_order bigint, cap_day bigint, cap_month bigint)),
counted as (
    select x.order_id, x.who, x.day, b.side, b.id, b.percent, b.extra, l.sku_id, l.money,
        sum(l.money) over (partition by x.order_id, b.id) as scope, b.min_amount
    from orders x join rules b on x.day between b.from_day and b.until_day
        and (b.ranks = '{}' or x.rank = any(b.ranks))
        and (b.org_unit_ids = '{}' or x.org_unit_id = any(b.org_unit_ids))
        and (b.weekdays = '{}' or extract(isodow from x.day)::int = any(b.weekdays))
        and (not b.is_first_purchase or x.is_first)
        and (b.birthday is null
            or b.birthday = 'day' and x.order_id = any(%(on_day)s::bigint[])
            or b.birthday = 'week' and x.order_id = any(%(in_week)s::bigint[])
            or b.birthday = 'month' and x.order_id = any(%(in_month)s::bigint[]))
    join lines l on l.order_id = x.order_id and (b.sku_ids = '{}' or l.sku_id = any(b.sku_ids))),
enough as (select * from counted where scope >= greatest(min_amount, 1)),
best as (
    select distinct on (side, order_id, sku_id) order_id, who, day, side, id, percent, extra, money
    from enough where extra = 0 order by side, order_id, sku_id, percent desc, id),
scopes as (
    select order_id, who, day, side, id, percent, extra, sum(money)::bigint as scope from best group by 1, 2, 3, 4, 5, 6, 7
    union all
    select order_id, who, day, side, id, percent, extra, scope::bigint from enough where extra > 0
    group by 1, 2, 3, 4, 5, 6, 7, 8),
given as (
    select s.who, s.day, s.id, least(b.cap_order, case
        when t.total <= 0 or s.scope <= 0 or h.paid <= 0 then 0
        when s.extra > 0 then div(s.extra::numeric * least(div(s.scope::numeric * h.paid, t.total), s.scope), s.scope)
        else div(r.points::numeric * least(div(s.scope::numeric * h.paid, t.total), s.scope) * (s.percent - 100),
            100 * r.per_minor::numeric) end) as points
    from scopes s join rules b on b.id = s.id join sides r on r.side = s.side
    join heads h on h.order_id = s.order_id join totals t on t.order_id = s.order_id),
by_day as (
    select g.who, g.id, least(sum(g.points), max(b.cap_day)) as points from given g join rules b on b.id = g.id group by g.who, g.id, g.day),
by_month as (
    select b.side, least(sum(d.points), max(b.cap_month)) as points from by_day d join rules b on b.id = d.id
    group by d.who, d.id, b.side)
select (select count(*) from orders) as orders, (
        select coalesce(sum(r.points::bigint * (greatest(paid, 0) / r.per_minor)), 0) from heads)::bigint + (
        select coalesce(sum(points), 0) from by_month where side = r.side)::bigint as points
from sides r order by r.side

-- name: tier_moves
-- Which tiers humans deserve on a day by one set of settings and by another, where they differ. Grace is not looked at. Of
-- windows, which are given by the days they begin with, only what is in them is read; a lifetime (window 0) is what was
-- ever spent without what was spent after the day.
with told as (
    select s.person_id, o.business_day as day, o.amount - o.refunded as amount
    from fact_order o join settlement s on s.fact_id = o.fact_id
    where o.business_day >= %(since)s::date and s.state = 'settled' and s.person_id is not null
    union all
    select was.person_id, r.business_day, r.refunded - r.amount
    from settlement s cross join lateral unnest(s.replaces) as x (fact_id)
    join settlement was on was.fact_id = x.fact_id join fact_order r on r.fact_id = x.fact_id
    where s.state = 'settled' and s.order_id is not null and was.person_id is not null and r.business_day >= %(since)s::date),
by_window as (
    select coalesce(p.members[1], t.person_id) as who,
        case when t.day > %(day)s::date then 0 else width_bucket(t.day, %(sinces)s::date[]) end as last, sum(t.amount) as amount
    from told t left join tier_progress p on p.person_id = t.person_id
    group by 1, 2),
sums as (
    select who, 0 as span, sum(amount) as amount
    from (
        select coalesce(members[1], person_id) as who, spend as amount from tier_progress
        union all
        select who, -amount from by_window where last = 0) ever
    group by 1
    union all
    select w.who, n.span, sum(w.amount)
    from by_window w join generate_series(1, cardinality(%(sinces)s::date[])) as n (span) on n.span <= w.last
    group by 1, 2),
deserved as (
    select s.who, coalesce(max(l.rank) filter (where not l.is_new), 0) as now_rank,
        coalesce(max(l.rank) filter (where l.is_new), 0) as then_rank
    from sums s
    join jsonb_to_recordset(%(levels)s::jsonb) as l (is_new boolean, rank int, spend_at_least bigint, span int)
        on l.span = s.span and s.amount >= l.spend_at_least
    group by 1)
select now_rank, then_rank, count(*) as persons, (array_agg(who order by who))[1:50] as some
from deserved where now_rank <> then_rank
group by 1, 2 order by 1, 2
