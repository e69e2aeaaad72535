-- name: same_address
-- Persons (any ids) of whom lists say the same address. Few only: an office or a dormitory is no household.
select array_agg(distinct s.person_id) as person_ids
from fact_trait t
join settlement s on s.fact_id = t.fact_id
where t.name = any(%(names)s::text[]) and length(t.value) >= 6 and s.person_id is not null and s.state = 'settled'
group by lower(regexp_replace(t.value, '\s', '', 'g'))
having count(distinct s.person_id) between 2 and %(most)s::int

-- name: same_phone
-- Persons (any ids) whose facts carry the same number.
select array_agg(distinct s.person_id) as person_ids
from fact_identifier i
join settlement s on s.fact_id = i.fact_id
where i.kind = 'phone' and s.person_id is not null and s.state = 'settled'
group by i.key
having count(distinct s.person_id) between 2 and %(most)s::int

-- name: add_proposals
insert into relation_proposal (person_a, person_b, ground)
select least(n.a, n.b), greatest(n.a, n.b), %(ground)s
from unnest(%(a)s::bigint[], %(b)s::bigint[]) as n (a, b)
where not exists (
    select from person_relation r where r.kind = 'household' and r.from_person_id = least(n.a, n.b) and r.to_person_id = greatest(n.a, n.b))
on conflict do nothing

-- name: open_of
select id, person_a, person_b, ground from relation_proposal
where state = 'open' and (person_a = any(%(person_ids)s::bigint[]) or person_b = any(%(person_ids)s::bigint[]))
order by id

-- name: count_open
select count(*) as proposals from relation_proposal where state = 'open'

-- name: decide
update relation_proposal set state = %(state)s, decided_by = %(actor)s, decided_at = %(at)s::timestamptz
where id = %(proposal_id)s and state = 'open'
returning person_a, person_b, ground
