-- name: expired
-- Points in buckets whose month is over, of some persons. Under lock, for what is noted must be what moves, and in id order,
-- as everybody locks accounts.
select owner_id, bucket, balance from account
where id in (
    select id from account
    where unit = 'points' and owner_kind = 'person' and balance > 0 and bucket ~ '^\d{4}-\d{2}$' and bucket < %(month)s::text
    order by owner_id, bucket limit %(limit)s)
    and balance > 0  -- seen again under the lock: somebody may have spent them meanwhile
order by id for no key update

-- name: expiring
-- Points in buckets that expire soon.
select owner_id, bucket, balance from account
where unit = 'points' and owner_kind = 'person' and balance > 0 and bucket = any(%(buckets)s::text[])
order by owner_id, bucket
