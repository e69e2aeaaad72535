-- name: held_by
-- What these persons hold that has not been used up, soonest to expire first.
select c.id, c.template_id, c.code, c.person_id, c.state, c.is_shared, c.uses, c.used, c.valid_from, c.valid_until,
    case when c.locked_until > %(now)s::timestamptz then c.locked_for end as locked_for, c.void_reason,
    t.title, t.state as template_state, c.version
from coupon c join coupon_template t on t.id = c.template_id
where c.person_id = any(%(person_ids)s::bigint[]) and c.state in ('issued', 'locked')
order by c.valid_until, c.code

-- name: count_held
select c.person_id, count(*)::int as coupons from coupon c
where c.person_id = any(%(person_ids)s::bigint[]) and c.state in ('issued', 'locked') group by c.person_id

-- name: ending
-- Who holds a coupon that ends until then, as held. By `coupon_open`.
select distinct person_id from coupon
where state in ('issued', 'locked') and valid_until > %(now)s::timestamptz and valid_until <= %(until)s::timestamptz
    and valid_from <= %(now)s::timestamptz and person_id is not null

-- name: by_keys
select c.id, c.template_id, c.code, c.person_id, c.state, c.is_shared, c.uses, c.used, c.valid_from, c.valid_until,
    case when c.locked_until > %(now)s::timestamptz then c.locked_for end as locked_for, c.void_reason,
    t.title, t.state as template_state, c.version, c.key
from unnest(%(keys)s::text[]) as n (key)
cross join lateral (select * from coupon where key = n.key offset 0) c
cross join lateral (select title, state from coupon_template where id = c.template_id offset 0) t

-- name: rules_at
select r.template_id, r.version, r.rule
from unnest(%(template_ids)s::bigint[], %(versions)s::int[]) as n (template_id, version)
cross join lateral (select * from coupon_rule where template_id = n.template_id and version = n.version offset 0) r

-- name: lock_coupons
-- In id order, so that two sales never wait for each other in a ring.
select c.id, c.template_id, c.code, c.person_id, c.state, c.is_shared, c.uses, c.used, c.valid_from, c.valid_until,
    case when c.locked_until > %(now)s::timestamptz then c.locked_for end as locked_for, c.void_reason,
    t.title, t.state as template_state, c.version, c.key
from coupon c
cross join lateral (select title, state from coupon_template where id = c.template_id offset 0) t
where c.id = any(%(coupon_ids)s::bigint[])
order by c.id for update of c

-- name: set_locks
update coupon set state = 'locked', locked_for = %(locked_for)s, locked_until = %(until)s
where id = any(%(coupon_ids)s::bigint[])

-- name: unlock
with kept as (
    select id from coupon where locked_for = %(locked_for)s and state = 'locked' order by id for update)
update coupon c set state = 'issued', locked_for = null, locked_until = null
from kept where c.id = kept.id

-- name: give_to
update coupon set person_id = %(person_id)s, state = 'issued', locked_for = null, locked_until = null
where id = %(coupon_id)s

-- name: void
-- What has not been used up yet.
with ids as (
    select id from coupon where key = any(%(keys)s::text[]) and state in ('issued', 'locked', 'expired')
    order by id for update)
update coupon c set state = 'void', void_reason = %(reason)s, locked_for = null, locked_until = null
from ids where c.id = ids.id
returning c.id, c.template_id, c.code

-- name: expire_due
-- A coupon in the hands of a till that is just taking it waits for the next round, which looks at the last day again.
with due as (
    select id from coupon
    where valid_until > coalesce((select upto from coupon_expiry) - interval '1 day', '-infinity')
        and valid_until <= %(now)s::timestamptz
        and state in ('issued', 'locked') and (locked_until is null or locked_until <= %(now)s::timestamptz)
    order by valid_until limit %(limit)s for update skip locked)
update coupon c set state = 'expired', locked_for = null, locked_until = null
from due, coupon_template t where c.id = due.id and t.id = c.template_id
returning c.id, c.person_id, c.template_id, t.title, c.code, c.valid_until, extract(epoch from c.valid_until)::bigint as until

-- name: expiring
-- What somebody holds and will lose within these days, soonest first, unless he has been told of it.
select c.id, c.person_id, c.template_id, t.title, c.code, c.valid_until, n.until
from coupon c
cross join lateral (select extract(epoch from c.valid_until)::bigint as until) n
cross join lateral (select title from coupon_template where id = c.template_id offset 0) t
where c.valid_until > %(at)s::timestamptz and c.valid_until <= %(at)s::timestamptz + %(days)s * interval '1 day'
    and c.valid_from <= %(at)s::timestamptz and c.valid_until - greatest(c.issued_at, c.valid_from) >= 2 * %(days)s * interval '1 day'
    and c.state in ('issued', 'locked') and c.person_id is not null
    and not exists (select from derived_key where key = 'coupon expiring:' || c.id || ':' || n.until)
order by c.valid_until, c.id limit %(limit)s

-- name: expired_upto
insert into coupon_expiry as e (upto) values (%(upto)s::timestamptz)
on conflict (is_only) do update set upto = excluded.upto where e.upto <> excluded.upto

-- name: expire_from
-- A coupon whose time is over is open again.
update coupon_expiry set upto = %(since)s::timestamptz where upto > %(since)s::timestamptz

-- name: coupons_of
-- All that these persons ever held.
select t.title, c.code, c.state, c.issued_at, c.valid_until, c.void_reason
from coupon c join coupon_template t on t.id = c.template_id
where c.person_id = any(%(person_ids)s::bigint[]) order by c.id

-- name: erase_reasons
update coupon set void_reason = '' where person_id = any(%(person_ids)s::bigint[]) and void_reason <> ''
