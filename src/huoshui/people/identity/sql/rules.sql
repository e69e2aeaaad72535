-- name: live_version
select coalesce(max(version), 1) as version from identity_rules

-- name: rules_of
select version, body::text as body from identity_rules where version = any(%(versions)s::int[])

-- name: carried_base
-- Which identifiers facts carry that still count: of facts with several, and of those that an identifier was first known by.
with several as (select fact_id from fact_identifier group by fact_id having count(*) > 1)
select f.fact_id, i.id as identifier_id
from fact_identifier f
join identifier i on i.kind = f.kind and i.scope = f.scope and i.key = f.key and i.person_id is not null
where (f.fact_id = i.fact_id or f.fact_id in (select fact_id from several))
    and not exists (
        select from fact_withdrawn w where w.fact_id = f.fact_id and (not w.is_retold or w.by_fact_id is not null))

-- name: identifiers_base
-- Every identifier that was ever somebody's; is_final where somebody said that it is shared.
select i.id, i.person_id, coalesce(c.canonical_id, i.person_id) as canonical_id, i.kind, i.scope,
    i.is_guarded and not i.is_guarded_by_rule as is_final
from identifier i left join person_cluster c on c.person_id = i.person_id
where i.person_id is not null
order by i.id

-- name: by_hand_base
select person_a, person_b from link where unlinked_at is null and rule <> 'same_fact' order by id

-- name: of_keys
select id from identifier where kind = %(kind)s and key = any(%(keys)s::text[])

-- name: values_of_kind
select id, key, sealed from identifier where kind = %(kind)s and id > %(after)s order by id limit %(limit)s
