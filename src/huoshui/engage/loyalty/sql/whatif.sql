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
-- Points that the sales of a month would give by these rules, as the orders stand now. A person has the tier he has now.
with orders as (
    select s.fact_id as order_id, coalesce(p.members[1], s.person_id) as who, coalesce(p.rank, 0) as rank, o.business_day as day,
        o.org_unit_id,
        not exists (
            select from settlement e where e.person_id = s.person_id and e.name = 'Order Completed' and e.state = 'settled'
                and e.order_id is null and (e.occurred_at, e.fact_id) < (s.occurred_at, s.fact_id)) as is_first
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
    left join (select fact_id, sum(amount) as amount from fact_tender where kind = 'points' group by 1) by_points
        on by_points.fact_id = t.fact_id
    group by 1),
lines as (
    select t.order_id, l.sku_id, sum(t.sign * (l.amount - l.refunded))::bigint as money
    from told t join fact_line l on l.fact_id = t.fact_id group by 1, 2),
totals as (select order_id, sum(money)::bigint as total from lines group by 1),
rules as (
    select * from jsonb_to_recordset(%(bonuses)s::jsonb) as b (id int, percent int, extra bigint, min_amount bigint, ranks int[],
        sku_ids int[], org_unit_ids int[], from_day date, until_day date, weekdays int[], birthday text,
        is_first_purchase boolean, cap_order bigint, cap_day bigint, cap_month bigint)),
counted as (
    select x.order_id, x.who, x.day, b.id, b.percent, b.extra, l.sku_id, l.money,
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
    select distinct on (order_id, sku_id) order_id, who, day, id, percent, extra, money
    from enough where extra = 0 order by order_id, sku_id, percent desc, id),
scopes as (
    select order_id, who, day, id, percent, extra, sum(money)::bigint as scope from best group by 1, 2, 3, 4, 5, 6
    union all
    select order_id, who, day, id, percent, extra, scope::bigint from enough where extra > 0 group by 1, 2, 3, 4, 5, 6, 7),
given as (
    select s.who, s.day, s.id, least(b.cap_order, case
        when t.total <= 0 or s.scope <= 0 or h.paid <= 0 then 0
        when s.extra > 0 then div(s.extra::numeric * least(div(s.scope::numeric * h.paid, t.total), s.scope), s.scope)
        else div(%(points)s::numeric * least(div(s.scope::numeric * h.paid, t.total), s.scope) * (s.percent - 100),
            100 * %(per_minor)s::numeric) end) as points
    from scopes s join rules b on b.id = s.id join heads h on h.order_id = s.order_id join totals t on t.order_id = s.order_id),
by_day as (
    select g.who, g.id, least(sum(g.points), max(b.cap_day)) as points from given g join rules b on b.id = g.id group by g.who, g.id, g.day),
by_month as (select least(sum(d.points), max(b.cap_month)) as points from by_day d join rules b on b.id = d.id group by d.who, d.id)
select (select count(*) from orders) as orders,
    (select coalesce(sum(%(points)s::bigint * (greatest(paid, 0) / %(per_minor)s::bigint)), 0) from heads)::bigint as base,
    (select coalesce(sum(points), 0) from by_month)::bigint as bonus

-- name: tier_moves
-- Which tiers humans deserve on a day by one set of settings and by another, where they differ. Grace is not looked at.
with told as (
    select s.person_id, o.business_day as day, o.amount - o.refunded as amount
    from settlement s join fact_order o on o.fact_id = s.fact_id where s.state = 'settled' and s.person_id is not null
    union all
    select was.person_id, r.business_day, r.refunded - r.amount
    from settlement s cross join lateral unnest(s.replaces) as x (fact_id)
    join settlement was on was.fact_id = x.fact_id join fact_order r on r.fact_id = x.fact_id
    where s.state = 'settled' and was.person_id is not null),
spent as (
    select coalesce(p.members[1], t.person_id) as who, t.day, sum(t.amount) as amount
    from told t left join tier_progress p on p.person_id = t.person_id
    where t.day <= %(day)s::date group by 1, 2),
levels as (
    select l.is_new, l.rank, l.spend_at_least, l.since
    from jsonb_to_recordset(%(levels)s::jsonb) as l (is_new boolean, rank int, spend_at_least bigint, since date)),
deserved as (
    select w.who, w.is_new, max(w.rank) as rank from (
        select s.who, l.is_new, l.rank, l.spend_at_least, sum(s.amount) filter (where s.day >= l.since) as amount
        from spent s cross join levels l group by 1, 2, 3, 4) w
    where greatest(coalesce(w.amount, 0), 0) >= w.spend_at_least group by 1, 2)
select a.rank as now_rank, b.rank as then_rank, count(*) as persons, (array_agg(a.who order by a.who))[1:50] as some
from deserved a join deserved b on b.who = a.who and b.is_new and not a.is_new
where a.rank <> b.rank
group by 1, 2 order by 1, 2
