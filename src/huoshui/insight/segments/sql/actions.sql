-- name: add
insert into segment (name, owner, owner_name, is_incremental, used_for)
values (%(name)s, %(owner)s, %(owner_name)s, %(is_incremental)s::boolean, %(used_for)s)
on conflict (name) where state <> 'archived' do nothing
returning id

-- name: add_version
insert into segment_version (segment_id, version_no, rule, rule_text, sentence_zh, sentence_en, actor, actor_name, reason, client_key, content_hash)
values (%(segment_id)s::bigint, %(version_no)s::int, %(rule)s::jsonb, %(rule_text)s, %(sentence_zh)s, %(sentence_en)s, %(actor)s,
    %(actor_name)s, %(reason)s, %(client_key)s::text, %(content_hash)s::text)

-- name: present
select s.id, s.name, s.state, s.version_no, s.used_for, v.rule::text as rule
from segment s join segment_version v on v.segment_id = s.id and v.version_no = s.version_no
where s.id = %(segment_id)s::bigint for update of s

-- name: is_named
select exists (select from segment where name = %(name)s and state <> 'archived' and id <> %(segment_id)s::bigint) as is_named

-- name: change
update segment set name = %(name)s, state = %(state)s, version_no = %(version_no)s::int, is_incremental = coalesce(%(is_incremental)s::boolean, is_incremental)
where id = %(segment_id)s::bigint

-- name: end_all
-- An archived segment has no members; their facts tell it.
update segment_spell set until = greatest(%(at)s, since), left_why = 'archived', xid = pg_current_xact_id(), is_followed = %(used_for)s = ''
where segment_id = %(segment_id)s::bigint and until is null

-- name: forget_all_rechecks
delete from segment_recheck where segment_id = %(segment_id)s::bigint

-- name: set_people
update segment set people = %(people)s::bigint where id = %(segment_id)s::bigint

-- name: begin_count
insert into segment_count (token, actor) values (%(token)s, %(actor)s)
on conflict (token) do update set turn = segment_count.turn + 1, is_called_off = false, begun_at = now()
where segment_count.actor = excluded.actor
returning turn

-- name: call_off
update segment_count set is_called_off = true where token = %(token)s and actor = %(actor)s

-- name: is_called_off
select is_called_off or turn <> %(turn)s::int as is_called_off from segment_count where token = %(token)s

-- name: end_count
delete from segment_count where (token = %(token)s and turn = %(turn)s::int) or begun_at < now() - interval '1 day'

-- name: all_rules
select s.id, s.name, s.used_for, v.rule::text as rule
from segment s join segment_version v on v.segment_id = s.id and v.version_no = s.version_no
where s.state <> 'archived'

-- name: said_before
select segment_id, version_no, content_hash from segment_version where actor = %(actor)s and client_key = %(client_key)s
