-- name: add_door
insert into wecom_door (sealed) values (%(sealed)s::bytea)

-- name: doors
-- The newest first, and the one before it.
select sealed from wecom_door order by id desc limit 2

-- name: add_secret
insert into wecom_secret (sealed) values (%(sealed)s::bytea)

-- name: secret
-- For workers.
select sealed from wecom_secret order by id desc limit 1

-- name: drop_old_doors
delete from wecom_door where id not in (select id from wecom_door order by id desc limit 2)

-- name: drop_old_secrets
delete from wecom_secret where id not in (select id from wecom_secret order by id desc limit 1)

-- name: token
select sealed, mark, until_at from wecom_token

-- name: put_token
insert into wecom_token (sealed, mark, until_at) values (%(sealed)s::bytea, %(mark)s, %(until)s::timestamptz)
on conflict (id) do update set sealed = excluded.sealed, mark = excluded.mark, until_at = excluded.until_at

-- name: lock_token
-- One process fetches a token; the lock goes with the connection, so a killed one leaves none behind.
select pg_advisory_lock(hashtext('huoshui wecom token'))

-- name: unlock_token
select pg_advisory_unlock(hashtext('huoshui wecom token'))

-- name: standing
select set_at, trial_asked_at, tried_at, trial, said, verified_at, heard_at, strangers from wecom_standing

-- name: note_set
insert into wecom_standing (set_at) values (%(now)s::timestamptz)
on conflict (is_only) do update set set_at = excluded.set_at, trial = '', said = '', tried_at = null, verified_at = null

-- name: ask_trial
insert into wecom_standing (trial_asked_at) values (%(now)s::timestamptz)
on conflict (is_only) do update set trial_asked_at = excluded.trial_asked_at

-- name: answer_trial
insert into wecom_standing (tried_at, trial, said) values (%(now)s::timestamptz, %(trial)s, %(said)s)
on conflict (is_only) do update set trial_asked_at = null, tried_at = excluded.tried_at, trial = excluded.trial, said = excluded.said

-- name: note_verified
insert into wecom_standing (verified_at) values (%(now)s::timestamptz)
on conflict (is_only) do update set verified_at = excluded.verified_at

-- name: note_heard
insert into wecom_standing (heard_at) values (%(now)s::timestamptz)
on conflict (is_only) do update set heard_at = excluded.heard_at

-- name: count_stranger
insert into wecom_standing (strangers) values (1)
on conflict (is_only) do update set strangers = wecom_standing.strangers + 1

-- name: still_good
-- A code of hers that this one of the staff may show again; one that a worker has left lying is asked for anew.
select id from wecom_way
where person_id = %(person_id)s and staff_id = %(staff_id)s and until_at > %(until)s::timestamptz and mark = ''
    and (status = 'ready' or status = 'asked' and made_at > %(lately)s::timestamptz)
order by id desc limit 1

-- name: add_way
insert into wecom_way (person_id, staff_id, dealer_id, store_id, state, made_at, until_at)
values (%(person_id)s, %(staff_id)s, %(dealer_id)s::int, %(store_id)s::int, %(state)s, %(now)s::timestamptz, %(until)s::timestamptz)
returning id

-- name: way
select id, person_id, staff_id, status, fault, said, image, made_at, until_at, outcome from wecom_way where id = %(id)s

-- name: to_make
select id, staff_id, state from wecom_way where id = %(id)s and status = 'asked'

-- name: made
update wecom_way set status = 'ready', config_id = %(config_id)s, image = %(image)s where id = %(id)s

-- name: failed
update wecom_way set status = 'failed', fault = %(fault)s, said = %(said)s, config_id = %(config_id)s where id = %(id)s

-- name: by_state
-- Until the end of the transaction: two who come by one code are looked at one after the other.
select id, person_id, staff_id, until_at, mark, outcome from wecom_way where state = %(state)s for update

-- name: is_of_state
select id from wecom_way where state = %(state)s

-- name: used
update wecom_way set mark = %(mark)s, outcome = %(outcome)s, used_at = %(now)s::timestamptz, image = '' where id = %(id)s

-- name: person_of
-- Whose a fact that has settled is, as it was born.
select person_id, state from settlement where fact_id = %(fact_id)s

-- name: over
-- Codes at WeCom that nobody may use any more.
select id, config_id from wecom_way where config_id <> '' and until_at < %(before)s::timestamptz order by id limit %(limit)s

-- name: taken_down
update wecom_way set config_id = '', image = '' where id = any(%(ids)s::bigint[])

-- name: forget_images
update wecom_way set image = '' where image <> '' and until_at < %(before)s::timestamptz

-- name: erase
delete from wecom_way where person_id = any(%(person_ids)s::bigint[]) and config_id = ''

-- name: orphan
-- What is still at WeCom is taken down there by the next look, and then goes.
update wecom_way set person_id = 0, image = '', until_at = made_at, mark = '' where person_id = any(%(person_ids)s::bigint[])

-- name: forget_orphans
delete from wecom_way where person_id = 0 and config_id = ''

-- name: ways_of
select made_at, outcome from wecom_way where person_id = any(%(person_ids)s::bigint[]) order by id

-- name: fact_of_key
select id from fact where source_id = %(source_id)s and client_key = %(client_key)s order by id limit 1
