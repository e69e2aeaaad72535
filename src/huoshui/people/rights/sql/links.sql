-- name: add_link
insert into rights_link (handle, person_id, made_by, made_at, expires_at)
values (%(handle)s, %(person_id)s::bigint, %(actor)s, %(at)s::timestamptz, %(expires_at)s::timestamptz)
returning id

-- name: link_by_handle
select id, person_id, made_by, expires_at, opened_at from rights_link
where handle = %(handle)s and revoked_at is null and expires_at > %(at)s::timestamptz

-- name: note_opened
update rights_link set opened_at = %(at)s::timestamptz where id = %(link_id)s::bigint and opened_at is null

-- name: count_tap
-- One more, in the minutes that are counted; no row once they are used up.
update rights_link
set taps = case when counted_from > %(since)s::timestamptz then taps + 1 else 1 end,
    counted_from = case when counted_from > %(since)s::timestamptz then counted_from else %(at)s::timestamptz end
where id = %(link_id)s::bigint
    and (counted_from is null or counted_from <= %(since)s::timestamptz or taps < %(most)s::int)
returning id

-- name: revoke_links
update rights_link set revoked_at = %(at)s::timestamptz
where person_id = any(%(person_ids)s::bigint[]) and revoked_at is null and expires_at > %(at)s::timestamptz

-- name: living_links
-- Those of these persons' that open still.
select id, made_by, made_at, expires_at, opened_at from rights_link
where person_id = any(%(person_ids)s::bigint[]) and revoked_at is null and expires_at > %(at)s::timestamptz
order by id desc

-- name: drop_links
delete from rights_link where person_id = any(%(person_ids)s::bigint[])
