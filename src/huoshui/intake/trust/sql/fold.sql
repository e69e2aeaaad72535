-- name: marks
-- How far the folding has come and how far it may go: what the lake has.
select coalesce((select xid::text::bigint from watermark where reader = 'trust'), 0) as low,
    coalesce((select xid::text::bigint from watermark where reader = 'lake'), 0) as high

-- name: open_mark
insert into watermark (reader, xid) values ('trust', '0') on conflict (reader) do nothing

-- name: lock_mark
-- Two who fold stand in line.
select w.xid::text::bigint as low, lake.xid::text::bigint as high, lake.read_at as arrived_at
from watermark w left join watermark lake on lake.reader = 'lake'
where w.reader = 'trust' for update of w

-- name: put_mark
update watermark set xid = %(xid)s::text::xid8, read_at = now() where reader = 'trust'

-- name: stop_at
-- The transaction at which so many facts have been passed.
select xid::text::bigint as xid from settlement
where xid >= %(low)s::text::xid8 and xid < %(high)s::text::xid8
order by settlement.xid offset %(most)s limit 1

-- name: settled_between
select fact_id from settlement
where xid >= %(low)s::text::xid8 and xid < %(stop)s::text::xid8 and state = 'settled'
order by fact_id

-- name: forget_effects
delete from trust_effect

-- name: forget_days
delete from trust_day

-- name: forget_fields
delete from trust_field

-- name: forget_lags
delete from trust_lag

-- name: fold_effects
-- What these facts did to the sales of their days.
with done as (
    select n.fact_id, s.replaces, f.run_id, f.actor
    from unnest(%(fact_ids)s::bigint[]) as n (fact_id)
    cross join lateral (select occurred_at, replaces from settlement where fact_id = n.fact_id offset 0) s
    cross join lateral (select run_id, actor from fact where id = n.fact_id and occurred_at = s.occurred_at offset 0) f),
meant as (
    select fact_id, fact_id as of_fact_id, 1 as sign, run_id, actor from done
    union all
    select fact_id, unnest(replaces), -1, run_id, actor from done where replaces is not null),
placed as (
    insert into trust_effect
        (business_day, fact_id, of_fact_id, source_id, org_unit_id, is_sale, is_known, amount, run_id, actor)
    select o.business_day, m.fact_id, m.of_fact_id, o.source_id, coalesce(o.org_unit_id, 0), o.name <> 'Order Refunded',
        born.person_id is not null, m.sign * l.amount, m.run_id, m.actor
    from meant m
    cross join lateral (
        select name, source_id, org_unit_id, business_day, line_count from fact_order
        where fact_id = m.of_fact_id offset 0) o
    cross join lateral (select person_id from settlement where fact_id = m.of_fact_id offset 0) born
    cross join lateral (
        select coalesce(sum(amount - refunded), 0)::bigint as amount from fact_line
        where fact_id = m.of_fact_id offset 0) l
    where o.line_count > 0  -- what only takes back, or verifies, sold nothing itself
    returning business_day, source_id, org_unit_id, is_sale, is_known, amount,
        case when fact_id = of_fact_id then 1 else -1 end as sign)
insert into trust_day (day, source_id, feed, org_unit_id, sales, known_sales, amount, known_amount)
select business_day, source_id, 'orders', org_unit_id, coalesce(sum(sign) filter (where is_sale), 0),
    coalesce(sum(sign) filter (where is_sale and is_known), 0), sum(amount),
    coalesce(sum(amount) filter (where is_known), 0)
from placed group by business_day, source_id, org_unit_id
order by business_day, source_id, org_unit_id
on conflict (day, source_id, feed, org_unit_id) do update
set sales = trust_day.sales + excluded.sales, known_sales = trust_day.known_sales + excluded.known_sales,
    amount = trust_day.amount + excluded.amount, known_amount = trust_day.known_amount + excluded.known_amount

-- name: fold_facts
-- What these facts carry, and how long they took. The past that somebody tells has no freshness.
with told as materialized (
    select s.source_id, s.is_history, f.run_id is not null and f.actor like 'staff:%%' as by_file, f.received_at, s.settled_at,
        s.occurred_at,
        case when o.fact_id is not null then 'orders' when s.name = 'Identify' then 'people' else 'events' end as feed,
        coalesce(o.business_day, (s.occurred_at at time zone %(zone)s)::date) as day,
        o.org_unit_id, o.staff_id, coalesce(o.channel, '') <> '' as has_channel,
        o.amount, coalesce(o.line_count, 0) as line_count, l.flags, l.amount as line_amount,
        i.has_any, i.has_phone, i.has_wechat, i.has_card, f.hint is not null as has_hint, f.has_properties
    from unnest(%(fact_ids)s::bigint[]) as n (fact_id)
    cross join lateral (
        select source_id, name, occurred_at, settled_at, is_history from settlement where fact_id = n.fact_id offset 0) s
    cross join lateral (
        select received_at, run_id, actor, body->>'phone_hint' as hint,
            coalesce(body->'properties', body->'traits', '{}') <> '{}' as has_properties,
            body->'withdraws' is not null as is_withdrawal
        from fact where id = n.fact_id and occurred_at = s.occurred_at offset 0) f
    left join lateral (select * from fact_order where fact_id = n.fact_id offset 0) o on true
    left join lateral (
        select bit_or(flags) as flags, sum(amount) as amount from fact_line where fact_id = n.fact_id offset 0) l on true
    cross join lateral (
        select count(*) > 0 as has_any, coalesce(bool_or(kind = 'phone'), false) as has_phone,
            coalesce(bool_or(kind in ('unionid', 'openid', 'external_userid')), false) as has_wechat,
            coalesce(bool_or(kind in ('card_no', 'account', 'member_no')), false) as has_card
        from fact_identifier where fact_id = n.fact_id offset 0) i
    where s.source_id <> %(own_source_id)s::int and not f.is_withdrawal),
days as (
    insert into trust_day (day, source_id, feed, org_unit_id, facts, by_file, last_at, arrived_at)
    select day, source_id, feed, coalesce(org_unit_id, 0), count(*), count(*) filter (where by_file), max(received_at),
        %(arrived_at)s::timestamptz
    from told group by 1, 2, 3, 4 order by 1, 2, 3, 4
    on conflict (day, source_id, feed, org_unit_id) do update
    set facts = trust_day.facts + excluded.facts, by_file = trust_day.by_file + excluded.by_file,
        last_at = greatest(trust_day.last_at, excluded.last_at),
        arrived_at = greatest(trust_day.arrived_at, excluded.arrived_at)),
sums as (
    select day, source_id, feed, feed = 'orders' as is_order, count(*) as facts,
        count(*) filter (where has_any) as identity, count(*) filter (where has_phone or has_hint) as phone,
        count(*) filter (where has_phone) as whole_phone, count(*) filter (where has_wechat) as wechat,
        count(*) filter (where has_card) as card,
        count(*) filter (where occurred_at between '2000-01-01' and received_at + interval '1 hour') as believable,
        count(org_unit_id) as store, count(staff_id) as staff, count(*) filter (where has_channel) as channel,
        count(*) filter (where line_count > 0) as product, count(*) filter (where flags & 1 = 0) as listed,
        count(*) filter (where flags & 2 = 0) as quantity, count(*) filter (where flags & 4 = 0) as amount,
        count(*) filter (where flags & 4 = 0 and amount = line_amount) as adds_up,
        count(*) filter (where has_properties) as properties
    from told group by day, source_id, feed),
fields as (
    insert into trust_field (day, source_id, feed, field, facts, filled, valid)
    select t.day, t.source_id, t.feed, f.field, t.facts, f.filled, f.valid
    from sums t
    cross join lateral (values
        ('identity', true, t.identity, t.identity),
        ('phone', t.feed <> 'events', t.phone, t.whole_phone),
        ('wechat', t.feed <> 'events', t.wechat, t.wechat),
        ('card', t.feed <> 'events', t.card, t.card),
        ('time', true, t.facts, t.believable),
        ('store', t.is_order, t.store, t.store),
        ('staff', t.is_order, t.staff, t.staff),
        ('channel', t.is_order, t.channel, t.channel),
        ('product', t.is_order, t.product, t.listed),
        ('quantity', t.is_order, t.quantity, t.quantity),
        ('amount', t.is_order, t.amount, t.adds_up),
        ('properties', t.feed = 'events', t.properties, t.properties)) as f (field, is_asked, filled, valid)
    where f.is_asked
    order by t.day, t.source_id, t.feed, f.field
    on conflict (day, source_id, feed, field) do update
    set facts = trust_field.facts + excluded.facts, filled = trust_field.filled + excluded.filled,
        valid = trust_field.valid + excluded.valid)
insert into trust_lag (day, source_id, feed, stage, bucket, facts)
select t.day, t.source_id, t.feed, g.stage,
    case when g.seconds < 1 then 0 else least(floor(4 * ln(g.seconds) / ln(2.0::float8)) + 1, 160) end::smallint, count(*)
from told t
cross join lateral (values
    ('received', extract(epoch from t.received_at - t.occurred_at)::float8),
    ('settled', extract(epoch from t.settled_at - t.received_at)::float8),
    ('lake', extract(epoch from %(arrived_at)s::timestamptz - t.settled_at)::float8),
    ('number', extract(epoch from %(arrived_at)s::timestamptz - t.occurred_at)::float8)) as g (stage, seconds)
where not t.is_history
group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5
on conflict (day, source_id, feed, stage, bucket) do update set facts = trust_lag.facts + excluded.facts
