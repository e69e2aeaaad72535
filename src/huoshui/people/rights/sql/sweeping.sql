-- name: swept
select upto from sensitive_swept for update

-- name: put_swept
insert into sensitive_swept (upto) values (%(upto)s::bigint) on conflict (is_only) do update set upto = excluded.upto

-- name: ripe
-- The last of the next so many facts that have all been received before then; null where there is none.
with coming as (
    select s.fact_id, f.received_at from settlement s
    cross join lateral (select received_at from fact where id = s.fact_id and occurred_at = s.occurred_at offset 0) f
    where s.fact_id > %(after)s::bigint order by s.fact_id limit %(limit)s)
select max(fact_id) as upto, count(*) as facts from coming
where fact_id < coalesce(
    (select min(fact_id) from coming where received_at >= %(before)s::timestamptz), 9223372036854775807)

-- name: ripe_sensitive
-- Those of these facts that may tell something sensitive, in their words or of their person.
select s.fact_id, s.occurred_at, s.person_id, s.name, f.body
from settlement s
cross join lateral (select body from fact where id = s.fact_id and occurred_at = s.occurred_at offset 0) f
where s.fact_id > %(after)s::bigint and s.fact_id <= %(upto)s::bigint
    and (f.body is not null and (s.name ~* %(sensitive)s or f.body::text ~* %(sensitive)s)
        or exists (select from fact_trait t where t.fact_id = s.fact_id and t.name ~* %(sensitive)s))

-- name: drop_traits_of
delete from fact_trait where fact_id = any(%(fact_ids)s::bigint[]) and name ~* %(sensitive)s
