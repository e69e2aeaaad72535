-- name: credits
select c.order_id, c.id, c.role, p.payee_kind, p.payee_id, p.payer_id, c.permille, c.rule_version, c.because_fact_id, c.because,
    c.buyer_id, c.recommender_id
from unnest(%(order_ids)s::bigint[]) as n (order_id)
cross join lateral (
    select * from commission_credit where order_id = n.order_id and superseded_at is null offset 0) c
cross join lateral (select * from commission_party where id = c.party_id offset 0) p
order by c.order_id, c.id

-- name: supersede
update commission_credit set superseded_at = now() where id = any(%(ids)s::bigint[])

-- name: add_credits
insert into commission_credit (order_id, role, party_id, permille, rule_version, because_fact_id, because, buyer_id, recommender_id)
select * from unnest(%(order_ids)s::bigint[], %(roles)s::text[], %(parties)s::bigint[], %(permilles)s::int[], %(versions)s::int[],
    %(because_facts)s::bigint[], %(becauses)s::text[], %(buyers)s::bigint[], %(recommenders)s::bigint[])

-- name: open_parties
insert into commission_party (payee_kind, payee_id, payer_id)
select * from unnest(%(kinds)s::text[], %(payees)s::bigint[], %(payers)s::int[]) order by 1, 2, 3
on conflict do nothing

-- name: parties
select p.id, p.payee_kind, p.payee_id, p.payer_id
from unnest(%(kinds)s::text[], %(payees)s::bigint[], %(payers)s::int[]) as n (kind, payee, payer)
cross join lateral (
    select * from commission_party where payee_kind = n.kind and payee_id = n.payee and payer_id = n.payer offset 0) p

-- name: written
-- What was written of these orders so far, to whom and for what.
select e.order_id, p.payee_kind, p.payee_id, p.payer_id, e.kind, sum(e.amount)::bigint as amount, sum(e.base)::bigint as base,
    min(e.release_on) as release_on
from unnest(%(order_ids)s::bigint[]) as n (order_id)
cross join lateral (select * from commission_entry where order_id = n.order_id offset 0) e
cross join lateral (select * from commission_party where id = e.party_id offset 0) p
group by 1, 2, 3, 4, 5

-- name: used_facts
select distinct fact_id from commission_entry where fact_id = any(%(fact_ids)s::bigint[])

-- name: add_entries
insert into commission_entry (party_id, order_id, fact_id, kind, amount, base, is_correction, rule_version, booked_on, release_on,
    is_frozen)
select party, order_id, fact_id, kind, amount, base, is_correction, version, %(booked_on)s::date, release_on, is_frozen
from unnest(%(parties)s::bigint[], %(order_ids)s::bigint[], %(fact_ids)s::bigint[], %(kinds)s::text[], %(amounts)s::bigint[],
    %(bases)s::bigint[], %(corrections)s::bool[], %(versions)s::int[], %(releases)s::date[], %(frozens)s::bool[])
    as n (party, order_id, fact_id, kind, amount, base, is_correction, version, release_on, is_frozen)

-- name: released_through
select coalesce((select through from commission_released), '2000-01-01'::date) as through

-- name: release_sums
-- What each may have now, and could not yet.
select party_id, sum(amount)::bigint as amount from commission_entry
where is_frozen and release_on <= %(today)s::date group by 1 order by 1

-- name: mark_released
update commission_entry set is_frozen = false where is_frozen and release_on <= %(today)s::date

-- name: put_released
insert into commission_released (through) values (%(today)s::date)
on conflict (is_only) do update set through = greatest(commission_released.through, excluded.through)
