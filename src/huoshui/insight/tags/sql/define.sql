-- name: add
insert into tag (key, name, category, kind, is_sensitive, lifetime_days, tells_facts, state, owner, owner_name, pack)
values (%(key)s, %(name)s, %(category)s, %(kind)s, %(is_sensitive)s::boolean, %(lifetime_days)s::int, %(tells_facts)s::boolean, %(state)s,
    %(owner)s, %(owner_name)s, %(pack)s)
on conflict do nothing
returning id

-- name: add_version
insert into tag_version (tag_id, version_no, definition, says_zh, says_en, told, actor, actor_name, reason)
values (%(tag_id)s::bigint, %(version_no)s::int, %(definition)s::jsonb, %(says_zh)s, %(says_en)s, %(told)s::jsonb, %(actor)s, %(actor_name)s, %(reason)s)

-- name: lock
select t.id, t.key, t.name, t.kind, t.state, t.is_sensitive, t.version_no, t.lifetime_days, t.tells_facts, v.definition::text as definition
from tag t join tag_version v on v.tag_id = t.id and v.version_no = t.version_no
where t.id = %(tag_id)s::bigint for update of t

-- name: set_version
update tag set version_no = %(version_no)s::int where id = %(tag_id)s::bigint

-- name: set_state
update tag set state = %(state)s, is_stale = true, error = '' where id = %(tag_id)s::bigint

-- name: rules_in_use
select segment_id, value from tag_rule where tag_id = %(tag_id)s::bigint and is_used order by segment_id

-- name: add_rule
insert into tag_rule (segment_id, tag_id, value) values (%(segment_id)s::bigint, %(tag_id)s::bigint, %(value)s)

-- name: drop_rule
update tag_rule set is_used = false where segment_id = %(segment_id)s::bigint

-- name: set_concept
insert into tag_concept (concept, level, categories, actor, actor_name)
values (%(concept)s, %(level)s, %(categories)s::jsonb, %(actor)s, %(actor_name)s)

-- name: concepts
select distinct on (concept) concept, level, categories::text as categories, actor_name, set_at from tag_concept order by concept, id desc

-- name: names
select name from tag where state <> 'archived'

-- name: of_packs
select id, pack from tag where pack <> '' and state <> 'archived' order by id
