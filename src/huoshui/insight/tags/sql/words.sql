-- name: next_listed
select count(*) + 1 + coalesce(max(nullif(regexp_replace(key, '^listed_', ''), key)::bigint), 0) as number
from tag where key ~ '^listed_[0-9]{1,15}$'

-- name: said_by
select count(*) as words from tag_given where source = 'import' and origin = %(origin)s and until is null

-- name: undo_origin
update tag_given set until = greatest(%(at)s, since), ended_why = 'undone', xid = pg_current_xact_id()
where source = 'import' and origin = %(origin)s and until is null
returning tag_id

-- name: say_again
-- Whatever this list had put an end to, unless something else was said of her since; each once.
with ended as (
    update tag_given set ended_by = '' where source = 'import' and ended_why = 'replaced' and ended_by = %(origin)s returning *)
insert into tag_given (tag_id, person_id, value, number, since, expires_at, source, version_no, origin, score, why, actor, actor_name,
    reason, is_told_in, is_told_out)
select e.tag_id, e.person_id, e.value, e.number, %(at)s, e.expires_at, e.source, e.version_no, e.origin, e.score, e.why, e.actor, e.actor_name,
    e.reason, not t.tells_facts, not t.tells_facts
from ended e join tag t on t.id = e.tag_id
where t.state = 'on' and (e.expires_at is null or e.expires_at > %(at)s)
    and not exists (select from tag_given o where o.tag_id = e.tag_id and o.person_id = e.person_id and o.source = 'import' and o.until is null
        and o.origin <> %(origin)s)
returning tag_id
