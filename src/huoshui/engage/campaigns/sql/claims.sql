-- name: enter_claims
-- The claim first: another with the same key waits here until this one has ended.
insert into coupon_claim (client_key, template_id, person_id)
select * from unnest(%(client_keys)s::text[], %(template_ids)s::bigint[], %(person_ids)s::bigint[]) as n (client_key, template_id, person_id)
order by client_key
on conflict (client_key) do nothing
returning client_key

-- name: known_claims
select k.client_key, k.template_id, k.person_id, k.coupon_id, k.fact_id, c.code
from coupon_claim k join coupon c on c.id = k.coupon_id
where k.client_key = any(%(client_keys)s::text[])

-- name: drop_claims
delete from coupon_claim where client_key = any(%(client_keys)s::text[])

-- name: complete_claims
update coupon_claim k set coupon_id = n.coupon_id, fact_id = n.fact_id
from unnest(%(client_keys)s::text[], %(coupon_ids)s::bigint[], %(fact_ids)s::bigint[]) as n (client_key, coupon_id, fact_id)
where k.client_key = n.client_key

-- name: open_taken
insert into coupon_taken (template_id, person_id, n)
select template_id, person_id, 0
from unnest(%(template_ids)s::bigint[], %(person_ids)s::bigint[]) as n (template_id, person_id)
order by template_id, person_id
on conflict do nothing

-- name: lock_taken
-- In key order, so that two batches never wait for each other in a ring.
select t.template_id, t.person_id, t.n from coupon_taken t
where t.template_id = any(%(template_ids)s::bigint[]) and t.person_id = any(%(person_ids)s::bigint[])
order by t.template_id, t.person_id for update

-- name: count_taken
update coupon_taken t set n = t.n + m.count
from unnest(%(template_ids)s::bigint[], %(person_ids)s::bigint[], %(counts)s::int[]) as m (template_id, person_id, count)
where t.template_id = m.template_id and t.person_id = m.person_id

-- name: add_coupons
insert into coupon (template_id, version, code, key, person_id, valid_from, valid_until)
select * from unnest(%(template_ids)s::bigint[], %(versions)s::int[], %(codes)s::text[], %(codes)s::text[],
    %(person_ids)s::bigint[], %(froms)s::timestamptz[], %(untils)s::timestamptz[])
returning id, code

-- name: add_shared
insert into coupon (template_id, version, code, key, is_shared, uses, valid_from, valid_until)
values (%(template_id)s, %(version)s, %(code)s, %(key)s, true, %(uses)s, %(valid_from)s, %(valid_until)s)
on conflict (key) do nothing
returning id

-- name: taken
select template_id, person_id, n from coupon_taken
where template_id = any(%(template_ids)s::bigint[]) and person_id = any(%(person_ids)s::bigint[])
