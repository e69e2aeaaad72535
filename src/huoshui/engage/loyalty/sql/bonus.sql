-- name: bonuses
-- Rules that are live, and these.
select id, code, version, name, percent, extra, min_amount, ranks, sku_ids, categories, brands, org_unit_ids, from_day,
    until_day, weekdays, birthday, is_first_purchase, cap_order, cap_day, cap_month
from earn_bonus where state = 'live' or id = any(%(ids)s::bigint[]) order by id

-- name: order_money
-- Money of each product on these orders, as all their settled facts tell it now.
select coalesce(s.order_id, s.fact_id) as order_id, l.sku_id, sum(l.money)::bigint as money
from settlement s
cross join lateral (
    select sku_id, amount - refunded as money from fact_line where fact_id = s.fact_id
    union all
    select sku_id, refunded - amount from fact_line where fact_id = any(s.replaces)
    offset 0) l
where (s.order_id = any(%(order_ids)s::bigint[]) or s.fact_id = any(%(order_ids)s::bigint[])) and s.state = 'settled'
group by 1, 2 order by 1, 2

-- name: rates_of
select r.order_id, r.bonus_id, r.percent, r.extra, r.at_money, r.cap, coalesce((
    select array_agg(sku_id order by sku_id) from earn_line where order_id = r.order_id and bonus_id = r.bonus_id), '{}') as sku_ids
from earn_order r where r.order_id = any(%(order_ids)s::bigint[]) order by 1, 2

-- name: used
-- Bonus points of these persons by rule and day.
select bonus_id, person_id, business_day, sum(points)::bigint as points from earn_order
where person_id = any(%(person_ids)s::bigint[]) and business_day between %(first)s::date and %(last)s::date
group by 1, 2, 3

-- name: birthdays
-- What was last said of each person's birthday.
select distinct on (s.person_id) s.person_id, t.value
from settlement s
cross join lateral (select value from fact_trait where fact_id = s.fact_id and name = 'birthday' offset 0) t
where s.person_id = any(%(person_ids)s::bigint[]) and s.state = 'settled'
    and not exists (select from fact_withdrawn w where w.fact_id = s.fact_id)
order by s.person_id, s.occurred_at desc, s.fact_id desc

-- name: not_first
-- Which of these orders are not their person's first: another has settled, of this batch an earlier one.
select distinct n.fact_id
from unnest(%(fact_ids)s::bigint[], %(person_ids)s::bigint[]) as n (fact_id, person_id)
cross join lateral (
    select from settlement s
    where s.person_id = n.person_id and s.name = 'Order Completed' and s.state = 'settled' and s.order_id is null
        and not exists (select from fact_withdrawn w where w.fact_id = s.fact_id)
        and s.fact_id <> n.fact_id and (s.fact_id <> all(%(batch)s::bigint[]) or s.fact_id < n.fact_id)
    limit 1) earlier

-- name: add_rates
insert into earn_order (order_id, bonus_id, person_id, business_day, percent, extra, at_money, cap, points)
select * from unnest(%(order_ids)s::bigint[], %(bonus_ids)s::bigint[], %(person_ids)s::bigint[], %(days)s::date[],
    %(percents)s::int[], %(extras)s::bigint[], %(at_moneys)s::bigint[], %(caps)s::bigint[], %(points)s::bigint[])

-- name: add_rate_lines
insert into earn_line (order_id, bonus_id, sku_id)
select * from unnest(%(order_ids)s::bigint[], %(bonus_ids)s::bigint[], %(sku_ids)s::int[])
on conflict do nothing

-- name: move_rates
update earn_order r set points = n.points, person_id = coalesce(n.person_id, r.person_id)
from unnest(%(order_ids)s::bigint[], %(bonus_ids)s::bigint[], %(person_ids)s::bigint[], %(points)s::bigint[])
    as n (order_id, bonus_id, person_id, points)
where r.order_id = n.order_id and r.bonus_id = n.bonus_id

-- name: add_bonus
insert into earn_bonus (code, version, name, percent, extra, min_amount, ranks, sku_ids, categories, brands, org_unit_ids,
    from_day, until_day, weekdays, birthday, is_first_purchase, cap_order, cap_day, cap_month, made_by)
select %(code)s, coalesce((select max(version) from earn_bonus where code = %(code)s), 0) + 1, %(name)s, %(percent)s, %(extra)s,
    %(min_amount)s, %(ranks)s::int[], %(sku_ids)s::int[], %(categories)s::text[], %(brands)s::text[], %(org_unit_ids)s::int[],
    %(from_day)s::date, %(until_day)s::date, %(weekdays)s::int[], %(birthday)s::text, %(is_first_purchase)s,
    %(cap_order)s::bigint, %(cap_day)s::bigint, %(cap_month)s::bigint, %(actor)s
returning id, version

-- name: end_bonus
update earn_bonus set state = 'ended', ended_at = now() where code = %(code)s and state = 'live' returning id, version

-- name: add_rule
insert into earn_rule (version, points, per_minor, valid_years, from_day, points_per_yuan, notice_days, adjust_alone_upto)
select max(version) + 1, %(points)s, %(per_minor)s, %(valid_years)s, %(from_day)s::date, %(points_per_yuan)s,
    %(notice_days)s, %(adjust_alone_upto)s
from earn_rule
returning version
