-- name: stores_bought_at
select distinct s.person_id, o.org_unit_id as store
from settlement s join fact_order o on o.fact_id = s.fact_id
where s.person_id is not null and o.org_unit_id is not null and o.amount > 0

-- name: add_model
insert into match_model (made_at, how, pairs, persons, one_in, m, u, actor)
values (%(at)s, %(how)s, %(pairs)s, %(persons)s, %(one_in)s, %(m)s::jsonb, %(u)s::jsonb, %(actor)s) returning id

-- name: add_run
insert into match_run (model_id, at, persons, candidates, proposed, linked, withdrawn, held, actor)
values (%(model_id)s, %(at)s, %(persons)s, %(candidates)s, 0, 0, 0, %(held)s::jsonb, %(actor)s) returning id

-- name: end_run
update match_run set proposed = %(proposed)s, linked = %(linked)s, withdrawn = %(withdrawn)s where id = %(run_id)s

-- name: latest_run
select r.id, r.at, r.persons, r.candidates, r.proposed, r.linked, r.withdrawn, r.held, m.how, m.pairs
from match_run r join match_model m on m.id = r.model_id order by r.id desc limit 1

-- name: propose
-- What somebody has decided stays; what waits is told anew.
insert into match_proposal (person_a, person_b, run_id, probability, steps, links_itself, proposed_at)
select a, b, %(run_id)s, p, s::jsonb, l, %(at)s
from unnest(%(a)s::bigint[], %(b)s::bigint[], %(probabilities)s::float8[], %(steps)s::text[], %(alone)s::boolean[])
    as n (a, b, p, s, l)
on conflict (person_a, person_b) do update
set run_id = excluded.run_id, probability = excluded.probability, steps = excluded.steps,
    links_itself = excluded.links_itself
where match_proposal.state in ('open', 'later') and match_proposal.told = ''

-- name: ask
-- A pair that no run has found, and that none withdraws.
insert into match_proposal (person_a, person_b, run_id, probability, steps, links_itself, told, proposed_at)
values (%(a)s, %(b)s, null, 0.5, '[]', false, %(told)s, %(at)s)
on conflict (person_a, person_b) do update set run_id = null, links_itself = false, told = excluded.told
where match_proposal.state in ('open', 'later')

-- name: withdraw
-- What waits and was not found again: they are one by now, or something speaks against it.
delete from match_proposal where state in ('open', 'later') and run_id <> %(run_id)s

-- name: lock_run
select pg_advisory_xact_lock(hashtext('huoshui matching'))

-- name: lock_proposal
select id, person_a, person_b, probability, steps, state, told from match_proposal where id = %(id)s for update

-- name: decide
update match_proposal
set state = %(state)s, decided_at = %(at)s, decided_by = %(actor)s, reason = %(reason)s, link_id = %(link_id)s,
    is_automatic = %(is_automatic)s
where id = %(id)s

-- name: queue
select id, person_a, person_b, probability, steps, state, proposed_at, decided_by, reason, told
from match_proposal where state in ('open', 'later')
order by state desc, probability desc, id limit %(limit)s

-- name: proposal
select id, person_a, person_b, probability, steps, state, proposed_at, decided_by, reason, told
from match_proposal where id = %(id)s

-- name: counts
select state, count(*) as n from match_proposal group by state

-- name: linkable
select id, person_a, person_b, probability from match_proposal
where state = 'open' and links_itself and probability >= %(at)s order by probability desc, id

-- name: decided
-- What people said of pairs that could have linked themselves, and links that were made unseen: whether those still
-- stand, the caller asks.
select probability, state, link_id, is_automatic from match_proposal
where state in ('same', 'different') and links_itself

-- name: said_different
select person_a, person_b from match_proposal where state = 'different'

-- name: setting
select links_at from match_setting

-- name: put_setting
insert into match_setting (links_at) values (%(links_at)s)
on conflict (is_only) do update set links_at = excluded.links_at

-- name: forget
-- Who decided of a pair, and when, stays in the audit; what was written beside it may name either.
with gone as (
    delete from match_proposal where person_a = any(%(person_ids)s::bigint[]) or person_b = any(%(person_ids)s::bigint[]) returning id),
told as (update audit_entry a set detail = '{}' from gone where a.object_kind = 'match_proposal' and a.object_id = gone.id)
select count(*)::int as pairs from gone

-- name: stores_of
-- Where these persons bought, the most visited first.
select o.org_unit_id as store from settlement s join fact_order o on o.fact_id = s.fact_id
where s.person_id = any(%(person_ids)s::bigint[]) and o.org_unit_id is not null
group by 1 order by count(*) desc, 1 limit 3

-- name: proposals_of
select proposed_at, state, decided_at from match_proposal
where person_a = any(%(person_ids)s::bigint[]) or person_b = any(%(person_ids)s::bigint[]) order by id
