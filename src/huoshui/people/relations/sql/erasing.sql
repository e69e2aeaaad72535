-- name: erase_relations
delete from person_relation where from_person_id = any(%(person_ids)s::bigint[]) or to_person_id = any(%(person_ids)s::bigint[])

-- name: erase_mentions
delete from relation_mention where to_person_id = any(%(person_ids)s::bigint[])

-- name: erase_proposals
delete from relation_proposal where person_a = any(%(person_ids)s::bigint[]) or person_b = any(%(person_ids)s::bigint[])

-- name: naming
-- Facts of others that name these persons as the one who brought or is near them.
select distinct evidence_fact_id as fact_id from person_relation
where from_person_id = any(%(person_ids)s::bigint[]) and evidence_fact_id is not null
union
select distinct evidence_fact_id from person_relation
where to_person_id = any(%(person_ids)s::bigint[]) and evidence_fact_id is not null

-- name: unname_facts
-- That somebody was brought stays; by whom does not.
update fact f
set body = case when f.body ? 'properties' then f.body #- '{properties,referrer}' #- '{properties,other}'
    else f.body - 'referrer' - 'other' end
from settlement s
where s.fact_id = any(%(fact_ids)s::bigint[]) and f.id = s.fact_id and f.occurred_at = s.occurred_at and f.body is not null

-- name: unname_traits
delete from fact_trait where fact_id = any(%(fact_ids)s::bigint[]) and name = any(%(traits)s::text[])
