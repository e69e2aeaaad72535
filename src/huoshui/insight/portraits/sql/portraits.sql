-- name: put_typical
-- What a person says of a typical customer; said again, the later word holds.
insert into portrait_typical (segment_id, person_id, called, treatment, actor, actor_name, said_at)
values (%(segment_id)s::bigint, %(person_id)s::bigint, %(called)s, %(treatment)s, %(actor)s, %(actor_name)s, %(at)s)
on conflict (segment_id, person_id) do update
set called = excluded.called, treatment = excluded.treatment, actor = excluded.actor, actor_name = excluded.actor_name, said_at = excluded.said_at

-- name: drop_typical
delete from portrait_typical where segment_id = %(segment_id)s::bigint and person_id = any(%(person_ids)s::bigint[])

-- name: typical
-- The newest first.
select person_id, called, treatment, actor_name, said_at from portrait_typical
where segment_id = %(segment_id)s::bigint order by said_at desc, person_id

-- name: erase
delete from portrait_typical where person_id = any(%(person_ids)s::bigint[])

-- name: of_persons
select called, treatment from portrait_typical where person_id = any(%(person_ids)s::bigint[]) order by said_at

-- name: put_model
insert into portrait_model (model, actor, actor_name, made_at) values (%(model)s::jsonb, %(actor)s, %(actor_name)s, %(at)s) returning id

-- name: model
select id, model::text as model, called::text as called, made_at, actor_name from portrait_model order by id desc limit 1

-- name: call_type
-- Only while this model is the one in use.
update portrait_model set called = case when %(called)s = '' then called - %(key)s else called || jsonb_build_object(%(key)s::text, %(called)s::text) end
where id = %(id)s::bigint and id = (select max(id) from portrait_model)
