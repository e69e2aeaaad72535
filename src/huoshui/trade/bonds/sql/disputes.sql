-- name: open_dispute
insert into bond_dispute (person_id, dealer_id, store_id, guide_id, evidence, said, against_fact_id, against_dealer_id, opened_by)
values (%(person_id)s, %(dealer_id)s, %(store_id)s, %(guide_id)s, %(evidence)s::bigint[], %(said)s, %(against_fact_id)s,
    %(against_dealer_id)s, %(opened_by)s)
on conflict do nothing
returning id

-- name: lock_dispute
select id, person_id, dealer_id, store_id, guide_id, evidence, said, opened_by from bond_dispute
where id = %(dispute_id)s and state = 'open' for update

-- name: close_dispute
update bond_dispute
set state = %(state)s, decided_by = %(actor)s, decided_at = %(at)s::timestamptz, decision = %(decision)s,
    decision_fact_id = %(fact_id)s
where id = %(dispute_id)s and state = 'open'

-- name: disputes
-- The open ones first, then the latest.
select id, person_id, dealer_id, store_id, guide_id, evidence, said, against_dealer_id, opened_by, opened_at, state, decided_by,
    decided_at, decision
from bond_dispute
where (%(units)s::int[] is null or dealer_id = any(%(units)s::int[]) or store_id = any(%(units)s::int[]))
    and (%(person_ids)s::bigint[] is null or person_id = any(%(person_ids)s::bigint[]))
order by state <> 'open', coalesce(decided_at, opened_at) desc, id desc limit %(limit)s

-- name: count_open
select count(*)::int as disputes from bond_dispute
where state = 'open' and (%(units)s::int[] is null or dealer_id = any(%(units)s::int[]) or store_id = any(%(units)s::int[]))

-- name: erase_disputes
delete from bond_dispute where person_id = any(%(person_ids)s::bigint[]) returning id

-- name: disputes_of
select opened_at, said, state, decided_at, decision, dealer_id from bond_dispute where person_id = any(%(person_ids)s::bigint[]) order by id
