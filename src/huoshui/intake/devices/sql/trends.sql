-- name: live_rules
select id, name, kind, metric, direction, amount, days, least_readings, advice, is_for_guides
from trend_rule where is_on order by id

-- name: name_persons
-- Readings whose person the river has found meanwhile.
update body_reading r set person_id = s.person_id
from (select distinct fact_id from body_reading where not is_noticed and person_id is null) n
cross join lateral (
    select fact_id, person_id from settlement where fact_id = n.fact_id and state = 'settled' offset 0) s
where r.fact_id = s.fact_id and s.person_id is not null

-- name: forget_nobodys
-- The river has settled them and nobody is behind them: nothing follows.
update body_reading r set is_noticed = true
from (select distinct fact_id from body_reading where not is_noticed and person_id is null) n
cross join lateral (
    select fact_id from settlement where fact_id = n.fact_id and state = 'settled' and person_id is null offset 0) s
where r.fact_id = s.fact_id

-- name: take_new
-- A slice of what nobody has looked at, for one who looks; another takes the next.
with slice as (
    select fact_id, metric from body_reading where not is_noticed and person_id is not null
    order by fact_id limit %(limit)s::int for update skip locked)
update body_reading r set is_noticed = true from slice s where r.fact_id = s.fact_id and r.metric = s.metric
returning r.person_id, r.metric, r.at

-- name: trends
-- Where a rule of change or level holds, at each reading that may have been touched by new ones: those of the same person
-- and metric from the earliest new one to as long after the latest as the rule looks back. So it does not matter in what
-- order readings come. A window ends with its reading and begins `days` before.
with touched as materialized (
    select * from unnest(%(canonical)s::bigint[], %(metrics)s::text[], %(firsts)s::timestamptz[], %(lasts)s::timestamptz[])
        as t (person_id, metric, first_at, last_at)),
cluster as materialized (
    select * from unnest(%(of)s::bigint[], %(members)s::bigint[]) as c (person_id, member_id)),
rule as materialized (
    select id, kind, metric, direction, amount, days, least_readings from trend_rule
    where is_on and kind in ('change', 'level'))
select rule.id as rule_id, t.person_id, e.fact_id, e.at, w.first_at, w.first, e.value as last, w.readings::int as readings
from touched t
join rule on rule.metric = t.metric
cross join lateral (
    select r.fact_id, r.at, r.value from cluster c
    join body_reading r on r.person_id = c.member_id and r.metric = t.metric
        and r.at >= t.first_at and r.at <= t.last_at + make_interval(days => rule.days)
    where c.person_id = t.person_id offset 0) e
cross join lateral (
    select count(*) as readings, min(r.at) as first_at, (array_agg(r.value order by r.at, r.fact_id))[1] as first,
        min(r.value) as least, max(r.value) as most
    from cluster c
    join body_reading r on r.person_id = c.member_id and r.metric = t.metric
        and r.at > e.at - make_interval(days => rule.days) and r.at <= e.at
    where c.person_id = t.person_id offset 0) w
where w.readings >= rule.least_readings and case rule.kind || ' ' || rule.direction
    when 'change up' then e.value - w.first >= rule.amount - 1e-9
    when 'change down' then w.first - e.value >= rule.amount - 1e-9
    when 'level up' then w.least >= rule.amount
    when 'level down' then w.most <= rule.amount
    else false end

-- name: noticed_of
select n.rule_id, c.person_id, n.at
from unnest(%(of)s::bigint[], %(members)s::bigint[]) as c (person_id, member_id)
cross join lateral (
    select rule_id, at from device_notice where person_id = c.member_id and rule_id is not null and state <> 'void' offset 0) n

-- name: add_notices
insert into device_notice (fact_id, kind, rule_id, person_id, at, is_for_guides, said)
select * from unnest(%(fact_ids)s::bigint[], %(kinds)s::text[], %(rule_ids)s::int[], %(person_ids)s::bigint[],
    %(times)s::timestamptz[], %(for_guides)s::boolean[], %(said)s::jsonb[])

-- name: holders
-- Persons who have a scale now.
select distinct person_id from device_person where until is null

-- name: fallen_silent
-- Regulars whose last reading is as many days ago as a rule says; long ago is no news.
with cluster as materialized (
    select * from unnest(%(of)s::bigint[], %(members)s::bigint[]) as c (person_id, member_id)),
latest as (
    select c.person_id, max(l.at) as at, (array_agg(l.fact_id order by l.at desc))[1] as fact_id
    from cluster c
    cross join lateral (
        select r.at, r.fact_id from body_reading r where r.person_id = c.member_id and r.metric = 'weight_kg'
        order by r.at desc limit 1 offset 0) l
    group by c.person_id)
select rule.id as rule_id, l.person_id, l.fact_id, l.at, w.readings::int as readings
from trend_rule rule
join latest l on l.at <= %(now)s::timestamptz - make_interval(days => rule.days)
    and l.at > %(now)s::timestamptz - make_interval(days => rule.days + %(news_days)s::int)
cross join lateral (
    select count(*) as readings from cluster c
    join body_reading r on r.person_id = c.member_id and r.metric = 'weight_kg'
        and r.at > l.at - make_interval(days => %(regular_days)s::int) and r.at <= l.at
    where c.person_id = l.person_id offset 0) w
where rule.is_on and rule.kind = 'silence' and w.readings >= rule.least_readings

-- name: over
-- Who uses it again needs no call for that.
update device_notice n set state = 'over', done_at = %(now)s::timestamptz
where n.state = 'open' and n.kind = 'silence'
    and exists (select from body_reading r where r.person_id = n.person_id and r.metric = 'weight_kg' and r.at > n.at)

-- name: close_notice
update device_notice set state = 'done', done_by = %(by)s, done_at = %(now)s::timestamptz
where fact_id = %(fact_id)s::bigint and state = 'open'
