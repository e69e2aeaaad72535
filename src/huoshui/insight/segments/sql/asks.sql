-- name: ask
-- Nothing when it was asked before; who asks at the same moment waits for the other's end.
insert into segment_ask (actor, client_key, content_hash) values (%(actor)s, %(client_key)s, %(content_hash)s)
on conflict do nothing
returning true as is_new

-- name: asked_before
select content_hash, outcome_id from segment_ask where actor = %(actor)s and client_key = %(client_key)s

-- name: put_outcome
update segment_ask set outcome_id = %(outcome_id)s::bigint where actor = %(actor)s and client_key = %(client_key)s
