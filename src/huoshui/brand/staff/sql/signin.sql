-- name: note_sign_in
insert into sign_in (session_key, staff_id, how, device_id, browser, began_at)
values (%(session_key)s, %(staff_id)s, %(how)s, %(device_id)s::bigint, %(browser)s, %(now)s)
on conflict (session_key) do nothing

-- name: sessions_of
-- The windows of one member of the staff, that of one device only where it is given.
select session_key from sign_in
where staff_id = %(staff_id)s and (%(device_id)s::bigint is null or device_id = %(device_id)s::bigint)

-- name: forget_sign_ins
delete from sign_in where session_key = any(%(keys)s::text[])

-- name: add_device
insert into remembered_device (staff_id, prefix, secret_hash, browser, added_at, used_at, until_at)
values (%(staff_id)s, %(prefix)s, %(secret_hash)s, %(browser)s, %(now)s, %(now)s, %(until)s)
returning id

-- name: device_by_prefix
select id, staff_id, secret_hash from remembered_device
where prefix = %(prefix)s and ended_at is null and until_at > %(now)s

-- name: use_device
-- Each use makes it last again.
update remembered_device set used_at = %(now)s, until_at = %(until)s where id = %(id)s and ended_at is null

-- name: devices_of
select id, browser, added_at, used_at, until_at from remembered_device
where staff_id = %(staff_id)s and ended_at is null and until_at > %(now)s
order by used_at desc, id desc

-- name: end_device
update remembered_device set ended_at = %(now)s where id = %(id)s and staff_id = %(staff_id)s and ended_at is null

-- name: end_devices
update remembered_device set ended_at = %(now)s where staff_id = %(staff_id)s and ended_at is null

-- name: lock_asking
-- Codes for one phone, and from one address, are asked for one at a time, so that their number is counted right.
select pg_advisory_xact_lock(hashtext('huoshui sign-in'))

-- name: asked_lately
-- How often for this phone and from this address within an hour, and when last for the phone.
select count(*) filter (where phone_mark = %(phone)s) as of_phone, count(*) filter (where address_mark = %(address)s) as of_address,
    max(asked_at) filter (where phone_mark = %(phone)s) as last_at
from sign_in_code
where (phone_mark = %(phone)s or address_mark = %(address)s) and asked_at > %(since)s

-- name: end_codes
-- A new code ends those before it.
update sign_in_code set is_over = true where phone_mark = %(phone)s and not is_over

-- name: add_code
insert into sign_in_code (staff_id, phone_mark, address_mark, code_hash, asked_at, until_at)
values (%(staff_id)s::int, %(phone)s, %(address)s, %(code_hash)s, %(now)s, %(until)s)
returning id

-- name: try_code
-- One try less. Nothing where there is none left, the code has ended or its time is up.
update sign_in_code set tries = tries + 1
where id = %(id)s and not is_over and tries < %(most)s and until_at > %(now)s
returning staff_id, code_hash

-- name: end_code
update sign_in_code set is_over = true where id = %(id)s and not is_over

-- name: drop_codes
delete from sign_in_code where asked_at < %(before)s

-- name: drop_sign_ins
delete from sign_in where began_at < %(before)s

-- name: put_factor
-- A secret that is not yet confirmed; one that is stays.
insert into second_factor (staff_id, sealed) values (%(staff_id)s, %(sealed)s)
on conflict (staff_id) do update set sealed = excluded.sealed, last_step = 0 where second_factor.confirmed_at is null

-- name: factor_of
select sealed, confirmed_at, last_step, misses, missed_at from second_factor where staff_id = %(staff_id)s for update

-- name: has_factor
select confirmed_at is not null as is_there from second_factor where staff_id = %(staff_id)s

-- name: confirm_factor
update second_factor set confirmed_at = coalesce(confirmed_at, %(now)s), last_step = %(step)s, misses = 0, missed_at = null
where staff_id = %(staff_id)s

-- name: miss_factor
update second_factor set misses = %(misses)s, missed_at = %(now)s where staff_id = %(staff_id)s

-- name: drop_factor
delete from second_factor where staff_id = %(staff_id)s

-- name: drop_recovery
delete from recovery_code where staff_id = %(staff_id)s

-- name: add_recovery
insert into recovery_code (staff_id, code_hash)
select %(staff_id)s, hash from unnest(%(hashes)s::text[]) as hash order by hash

-- name: use_recovery
update recovery_code set used_at = %(now)s where staff_id = %(staff_id)s and code_hash = %(code_hash)s and used_at is null
