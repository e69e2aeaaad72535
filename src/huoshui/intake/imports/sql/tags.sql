-- name: tag_words
select w.word, w.rows, s.does, s.tag_id, s.value
from import_run_word w left join import_tag_word s on s.word = w.word and s.source_name = %(source_name)s
where w.run_id = %(run_id)s::bigint order by w.rows desc, w.word

-- name: forget_tag_words
delete from import_run_word where run_id = %(run_id)s::bigint

-- name: put_tag_words
insert into import_run_word (run_id, word, rows)
select %(run_id)s::bigint, w.word, w.rows from unnest(%(words)s::text[], %(rows)s::bigint[]) as w (word, rows)

-- name: say_tag_word
insert into import_tag_word (source_name, word, does, tag_id, value, actor)
values (%(source_name)s, %(word)s, %(does)s, %(tag_id)s::bigint, %(value)s, %(actor)s)
on conflict (source_name, word) do update set does = excluded.does, tag_id = excluded.tag_id, value = excluded.value, actor = excluded.actor,
    said_at = now()

-- name: told_persons
-- Of a list's customers, by key: whose facts those are, by the newest that stands.
select k.place, found.person_id
from unnest(%(keys)s::text[]) with ordinality as k (key, place)
cross join lateral (
    select s.person_id from fact f join settlement s on s.fact_id = f.id
    where f.source_id = %(source_id)s and f.client_key = k.key and s.person_id is not null
        and not exists (select from fact_withdrawn w where w.fact_id = f.id and not w.is_retold)
    order by f.id desc limit 1) found
