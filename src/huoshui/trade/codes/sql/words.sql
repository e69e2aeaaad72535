-- name: lock_phone
-- Two at once would each find that the other has not been sent anything.
select pg_advisory_xact_lock(hashtext('huoshui code word'), hashtext(%(phone)s))

-- name: sent_to
-- How many words went to this phone since each of these moments, and how many to others by this visit.
select count(*) filter (where phone_digest = %(phone)s and sent_at > %(minute)s::timestamptz)::int as minute,
    count(*) filter (where phone_digest = %(phone)s and sent_at > %(hour)s::timestamptz)::int as hour,
    count(*) filter (where phone_digest = %(phone)s)::int as day,
    count(distinct phone_digest) filter (where visit = %(visit)s and phone_digest <> %(phone)s)::int as others
from code_word
where (phone_digest = %(phone)s or visit = %(visit)s) and sent_at > %(day)s::timestamptz

-- name: add_word
insert into code_word (visit, phone_digest, word_digest, sent_at, expires_at)
values (%(visit)s, %(phone)s, %(word)s, %(at)s::timestamptz, %(expires_at)s::timestamptz)

-- name: try_word
-- One try at the last word sent to this phone by this visit; nothing when it has had its tries, or is over. A proven one may
-- be shown again: whoever taps twice has joined once.
update code_word w set tries = w.tries + case when w.proven_at is null then 1 else 0 end
where w.id = (
        select id from code_word where visit = %(visit)s and phone_digest = %(phone)s order by sent_at desc, id desc limit 1)
    and (w.proven_at is not null or w.tries < %(most)s) and w.expires_at > %(at)s::timestamptz
returning w.id, w.word_digest, w.proven_at

-- name: prove_word
-- As long as it may be shown again it stays good for that.
update code_word set proven_at = %(at)s::timestamptz, expires_at = %(at)s::timestamptz + interval '30 minutes'
where id = %(word_id)s and proven_at is null

-- name: drop_words
delete from code_word where sent_at < %(before)s::timestamptz
