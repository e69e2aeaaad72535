-- name: touching
-- Facts of these transactions that bear on bonds, of known people.
select fact_id from settlement
where xid >= %(low)s::text::xid8 and xid < %(high)s::text::xid8 and state = 'settled' and name = any(%(names)s::text[])
    and person_id is not null

-- name: told
-- What these facts say. One told again has the place of its first telling, or undoing another's import would reorder the past.
select s.fact_id, s.name, src.name as source, s.person_id, coalesce(was.position, s.seq) as position, coalesce(was.heard_at, s.settled_at) as heard_at,
    s.occurred_at as at, coalesce(s.order_id, s.fact_id) as order_id, o.org_unit_id, o.staff_id, o.business_day,
    coalesce(o.amount - o.refunded, 0) - coalesce(back.amount, 0) as amount, f.run_id, f.actor, f.told
from unnest(%(fact_ids)s::bigint[]) as n (fact_id)
cross join lateral (
    select * from settlement where fact_id = n.fact_id and state = 'settled' and person_id is not null offset 0) s
cross join lateral (select name from source where id = s.source_id offset 0) src
left join lateral (
    select org_unit_id, staff_id, business_day, amount, refunded from fact_order where fact_id = s.fact_id offset 0) o on true
left join lateral (
    select sum(b.amount - b.refunded)::bigint as amount from fact_order b where b.fact_id = any(s.replaces) offset 0) back
    on s.replaces is not null
left join lateral (select fact_id from fact_withdrawn where retold_id = s.fact_id offset 0) w on true
left join lateral (select position, heard_at from bond_touch where fact_id = w.fact_id offset 0) was on true
cross join lateral (
    select run_id, actor, case when o.business_day is null then coalesce(body->'properties', body)::text end as told from fact
    where id = s.fact_id and occurred_at = s.occurred_at offset 0) f
where not exists (select from fact_withdrawn g where g.fact_id = s.fact_id)
order by s.seq

-- name: add_touches
insert into bond_touch (fact_id, person_id, position, heard_at, occurred_at, day, kind, dealer_id, store_id, guide_id, order_id,
    amount, run_id, actor, reason)
select * from unnest(%(fact_ids)s::bigint[], %(person_ids)s::bigint[], %(positions)s::bigint[], %(heards)s::timestamptz[],
    %(times)s::timestamptz[], %(days)s::date[], %(kinds)s::text[], %(dealers)s::int[], %(stores)s::int[], %(guides)s::int[],
    %(orders)s::bigint[], %(amounts)s::bigint[], %(runs)s::bigint[], %(actors)s::text[], %(reasons)s::text[])
on conflict (fact_id) do nothing

-- name: gone
-- Of whom something counts no more since.
select s.person_id from settlement s
where s.xid >= %(low)s::text::xid8 and s.xid < %(high)s::text::xid8 and s.person_id is not null
    and (s.name = 'Fact Withdrawn' or exists (select from fact_withdrawn w where w.fact_id = s.fact_id))
union
select t.person_id from settlement s
cross join lateral (
    select person_id from bond_touch
    where fact_id = s.order_id or fact_id = any(s.replaces) offset 0) t
where s.xid >= %(low)s::text::xid8 and s.xid < %(high)s::text::xid8
    and (s.name = 'Fact Withdrawn' or exists (select from fact_withdrawn w where w.fact_id = s.fact_id))

-- name: touches_of
-- All that counts of these persons (born ids).
select t.fact_id, t.person_id, t.position, t.heard_at, t.occurred_at as at, t.day, t.kind, t.dealer_id, t.store_id, t.guide_id,
    t.order_id, t.amount, t.run_id, t.actor, t.reason
from unnest(%(person_ids)s::bigint[]) as p (person_id)
cross join lateral (select * from bond_touch where person_id = p.person_id offset 0) t
where not exists (select from fact_withdrawn w where w.fact_id = t.fact_id)

-- name: evidence
-- Those of these facts that are these persons' and still count.
select t.fact_id, t.dealer_id, t.store_id, t.guide_id, t.kind, t.occurred_at as at
from bond_touch t
where t.fact_id = any(%(fact_ids)s::bigint[]) and t.person_id = any(%(person_ids)s::bigint[])
    and not exists (select from fact_withdrawn w where w.fact_id = t.fact_id)

-- name: evidence_of
-- What these persons did at these units, the latest first.
select t.fact_id, t.kind, t.occurred_at as at, t.store_id
from bond_touch t
where t.person_id = any(%(person_ids)s::bigint[]) and t.kind = any(%(kinds)s::text[])
    and (t.dealer_id = any(%(units)s::int[]) or t.store_id = any(%(units)s::int[]))
    and not exists (select from fact_withdrawn w where w.fact_id = t.fact_id)
order by t.occurred_at desc, t.fact_id desc limit %(limit)s

-- name: everyone
-- Whoever has anything here: born ids, page by page.
select person_id from (
    select distinct person_id from bond_touch where person_id > %(after)s::bigint
    union
    select distinct person_id from bond where person_id > %(after)s::bigint
    union
    select person_id from bond_now where person_id > %(after)s::bigint) x
order by person_id limit %(limit)s

-- name: erase_touches
delete from bond_touch where person_id = any(%(person_ids)s::bigint[])
