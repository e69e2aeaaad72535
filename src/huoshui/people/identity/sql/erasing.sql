-- name: names_of
-- What these persons alone are known by. A guarded value is many people's.
select kind, scope, key, sealed from identifier where person_id = any(%(person_ids)s::bigint[]) and not is_guarded

-- name: shared_values_of
-- Guarded values that these persons' facts carried, and those born theirs. They are many people's, and stand for none of them.
select distinct f.kind, f.scope, f.key, f.sealed from settlement s
join fact_identifier f on f.fact_id = s.fact_id
join identifier i on i.kind = f.kind and i.scope = f.scope and i.key = f.key and i.is_guarded
where s.person_id = any(%(person_ids)s::bigint[])
union
select kind, scope, key, sealed from identifier where person_id = any(%(person_ids)s::bigint[]) and is_guarded

-- name: eras_of_nobody_since
-- Numbers of these persons that changed hands, and that nobody has had since: they are theirs again as far as marks go.
select i.kind, '' as scope, i.key, i.sealed from identifier i
where i.person_id = any(%(person_ids)s::bigint[]) and starts_with(i.scope, 'until:') and not i.is_guarded
    and not exists (select from identifier n where n.kind = i.kind and n.scope = '' and n.key = i.key)

-- name: erased_of
-- Those of these marks that stand for somebody erased.
select mark from erased_identifier where mark = any(%(marks)s::text[])

-- name: is_any_erased
select exists (select from erased_identifier) as is_any

-- name: all_marks
select mark from erased_identifier

-- name: add_marks
insert into erased_identifier (mark, case_id)
select * from unnest(%(marks)s::text[], %(case_ids)s::bigint[])
on conflict (mark) do nothing

-- name: drop_marks
delete from erased_identifier where mark = any(%(marks)s::text[])

-- name: add_erased
insert into erased_person (person_id, case_id)
select * from unnest(%(person_ids)s::bigint[], %(case_ids)s::bigint[])
on conflict (person_id) do nothing

-- name: forget_links
delete from link where person_a = any(%(person_ids)s::bigint[]) or person_b = any(%(person_ids)s::bigint[])

-- name: forget_evidence
-- A link of others that one of these values made stands by itself from now on.
update link set identifier_id = null where identifier_id in (
    select id from identifier where person_id = any(%(person_ids)s::bigint[]) and not is_guarded)

-- name: forget_clusters
delete from person_cluster where person_id = any(%(person_ids)s::bigint[]) or canonical_id = any(%(person_ids)s::bigint[])

-- name: forget_changes
delete from cluster_change where person_id = any(%(person_ids)s::bigint[]) or canonical_id = any(%(person_ids)s::bigint[])

-- name: forget_guarded
-- That a value is shared must stay known; that it was hers too need not.
update identifier set person_id = null, sealed = null, tail4 = null where person_id = any(%(person_ids)s::bigint[]) and is_guarded

-- name: forget_as_staff
update staff_identifier set person_id = null where person_id = any(%(person_ids)s::bigint[])

-- name: forget_identifiers
delete from identifier where person_id = any(%(person_ids)s::bigint[]) and not is_guarded

-- name: every_identifier
-- A stretch of all there are, by id.
select id, kind, scope, key, sealed, person_id from identifier
where id > %(after)s::bigint and person_id is not null order by id limit %(limit)s

-- name: carried_by
-- Contacts of these facts, sealed.
select distinct kind, scope, key, sealed from fact_identifier
where fact_id = any(%(fact_ids)s::bigint[]) and sealed is not null

-- name: strip_names
delete from fact_identifier i
using unnest(%(fact_ids)s::bigint[], %(kinds)s::text[], %(scopes)s::text[], %(keys)s::text[]) as n (fact_id, kind, scope, key)
where i.fact_id = n.fact_id and i.kind = n.kind and i.scope = n.scope and i.key = n.key

-- name: strip_facts
-- What facts that carry an erased person say of whom they are. An order stays one, nobody's. Also where somebody living is carried
-- beside her, as on a household's phone: the name, the birthday and the consent told there are not known to be the other's.
with stripped as (
    delete from fact_identifier where fact_id = any(%(whole)s::bigint[])),
traits as (
    delete from fact_trait where fact_id = any(%(fact_ids)s::bigint[]))
update fact f
set body = case when o.fact_id is not null and f.body -> 'extra' -> 'platform_fee' is not null
        then jsonb_build_object('extra', jsonb_build_object('platform_fee', f.body -> 'extra' -> 'platform_fee')) end,
    client_key = case when o.fact_id is null then 'erased:' || f.id else f.client_key end,
    content_hash = case when o.fact_id is null then md5('erased:' || f.id)::uuid else f.content_hash end
from settlement s left join fact_order o on o.fact_id = s.fact_id
where s.fact_id = any(%(fact_ids)s::bigint[]) and f.id = s.fact_id and f.occurred_at = s.occurred_at
