-- name: tendered
-- Points that orders were paid with, as all their settled facts tell it now.
select coalesce(s.order_id, s.fact_id) as order_id, coalesce(sum(t.points), 0)::bigint as points,
    bool_or(s.order_id is null and s.is_history) as is_history
from settlement s
left join lateral (
    select points from fact_tender where fact_id = s.fact_id and kind = 'points'
    union all
    select -points from fact_tender where fact_id = any(s.replaces) and kind = 'points'
    offset 0) t on true
where (s.order_id = any(%(order_ids)s::bigint[]) or s.fact_id = any(%(order_ids)s::bigint[])) and s.state = 'settled'
group by 1

-- name: spent_so_far
-- The recorded split: from which buckets the points of these orders came, and what was given back of them.
select coalesce(s.order_id, s.fact_id) as order_id, a.owner_id, a.bucket, t.reason = 'spend_back' as is_back,
    sum(t.amount)::bigint as points
from settlement s
join transfer t on t.fact_id = s.fact_id and t.unit = 'points' and t.reason in ('spend', 'spend_back')
join account a on a.id in (t.from_account_id, t.to_account_id) and a.owner_kind = 'person'
where s.order_id = any(%(order_ids)s::bigint[]) or s.fact_id = any(%(order_ids)s::bigint[])
group by 1, 2, 3, 4
order by 1, 2, 3

-- name: buckets_of
-- What these persons hold, by bucket.
select owner_id, bucket, balance from account
where unit = %(unit)s and owner_kind = 'person' and owner_id = any(%(person_ids)s::bigint[]) and balance <> 0
order by owner_id, bucket

-- name: usable
-- What these persons hold and may spend: all buckets of the pool.
select owner_id, sum(balance)::bigint as points from account
where unit = 'points' and owner_kind = 'person' and owner_id = any(%(person_ids)s::bigint[])
    and bucket <> all(%(apart)s::text[])
group by owner_id
