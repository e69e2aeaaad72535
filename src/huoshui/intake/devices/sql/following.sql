-- name: withdrawn_readings
-- Readings that these transactions took back, and what tells of them now.
select w.fact_id, w.retold_id, r.at, r.person_id as was, n.person_id
from settlement s
cross join lateral (
    select fact_id, retold_id from fact_withdrawn where fact_id = s.order_id and by_fact_id is not null offset 0) w
cross join lateral (select at, person_id from body_reading where fact_id = w.fact_id limit 1 offset 0) r
left join lateral (select person_id from settlement where fact_id = w.retold_id offset 0) n on true
where s.xid >= %(low)s::text::xid8 and s.xid < %(high)s::text::xid8 and s.state = 'settled' and s.name = 'Fact Withdrawn'
order by 1

-- name: codes_told_again
-- Codes of which these transactions told something again.
select distinct f.body ->> 'code' as code
from settlement s
cross join lateral (select body from fact where id = s.fact_id and occurred_at = s.occurred_at offset 0) f
where s.xid >= %(low)s::text::xid8 and s.xid < %(high)s::text::xid8 and s.state = 'settled' and s.name = any(%(names)s::text[])
    and f.body ->> 'retells' is not null and f.body ->> 'code' is not null
order by 1

-- name: lock_codes
select code from sample_code where code = any(%(codes)s::text[]) order by code for update

-- name: point_codes
-- Each code to the facts that tell of it now: what is told again has the higher number. Answers where the sample's fact moved.
with latest as materialized (
    select c.code, c.out_fact_id as out_was, claim.fact_id as claim_fact_id, sample.fact_id as out_fact_id
    from unnest(%(codes)s::text[]) as n (code)
    cross join lateral (select code, claim_fact_id, out_fact_id from sample_code where code = n.code offset 0) c
    cross join lateral (
        with recursive told as (
            select c.claim_fact_id as fact_id
            union all
            select w.retold_id from told t
            cross join lateral (select retold_id from fact_withdrawn where fact_id = t.fact_id and retold_id is not null offset 0) w)
        select max(fact_id) as fact_id from told) claim
    cross join lateral (
        with recursive told as (
            select c.out_fact_id as fact_id
            union all
            select w.retold_id from told t
            cross join lateral (select retold_id from fact_withdrawn where fact_id = t.fact_id and retold_id is not null offset 0) w)
        select max(fact_id) as fact_id from told) sample),
pointed as (
    update sample_code c set claim_fact_id = l.claim_fact_id, out_fact_id = l.out_fact_id
    from latest l where c.code = l.code)
select l.out_was as fact_id, l.out_fact_id as retold_id, b.occurred_at as at, b.person_id as was, n.person_id
from latest l
cross join lateral (select occurred_at, person_id from settlement where fact_id = l.out_was offset 0) b
cross join lateral (select person_id from settlement where fact_id = l.out_fact_id offset 0) n
where l.out_was <> l.out_fact_id
order by 1

-- name: misplaced_samples
-- Samples that came out on a claim, and name nobody themselves, but are not of whoever the claim is of.
select c.code, o.fact_id, o.occurred_at as at, o.person_id as was, p.person_id
from unnest(%(codes)s::text[]) as n (code)
cross join lateral (select code, claim_fact_id, out_fact_id from sample_code where code = n.code and state = 'out' offset 0) c
cross join lateral (
    select fact_id, occurred_at, person_id from settlement where fact_id = c.out_fact_id and state = 'settled' offset 0) o
cross join lateral (select person_id from settlement where fact_id = c.claim_fact_id and state = 'settled' offset 0) p
where o.person_id is distinct from p.person_id and not exists (select from fact_identifier i where i.fact_id = o.fact_id)
order by o.fact_id

-- name: point_outs
update sample_code c set out_fact_id = n.fact_id
from unnest(%(codes)s::text[], %(fact_ids)s::bigint[]) as n (code, fact_id) where c.code = n.code

-- name: ask_again
-- Nobody has asked whoever has these samples how they were: it was somebody else who was to be asked.
update sample_code c set is_followed = false
from (
    select n.fact_id, f.code
    from unnest(%(fact_ids)s::bigint[]) as n (fact_id)
    cross join lateral (select occurred_at from settlement where fact_id = n.fact_id and name = 'Sample Dispensed' offset 0) s
    cross join lateral (select body ->> 'code' as code from fact where id = n.fact_id and occurred_at = s.occurred_at offset 0) f) t
where c.code = t.code and c.out_fact_id = t.fact_id

-- name: move_causes
update device_notice d set said = jsonb_set(said, '{cause}', to_jsonb(n.retold_id))
from unnest(%(fact_ids)s::bigint[], %(retold_ids)s::bigint[]) as n (fact_id, retold_id)
where (d.said ->> 'cause')::bigint = n.fact_id and d.state <> 'void'

-- name: notices_of_causes
select d.fact_id
from unnest(%(fact_ids)s::bigint[]) as n (cause_id)
cross join lateral (
    select fact_id from device_notice where (said ->> 'cause')::bigint = n.cause_id and state <> 'void' offset 0) d
order by 1

-- name: notices_by_cause
-- What was noticed by facts of these people: of whom it was told, and whose the fact is.
select d.fact_id, d.person_id as was, s.fact_id as cause_id, s.person_id, s.occurred_at as at
from unnest(%(person_ids)s::bigint[]) as n (person_id)
cross join lateral (
    select fact_id, person_id, occurred_at from settlement
    where person_id = n.person_id and name = any(%(names)s::text[]) offset 0) s
cross join lateral (
    select fact_id, person_id from device_notice
    where (said ->> 'cause')::bigint = s.fact_id and state <> 'void' offset 0) d
where d.person_id <> s.person_id
order by 1
