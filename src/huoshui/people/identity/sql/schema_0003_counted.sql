-- What is counted on an identifier (links_made) is written where it stands: without room on its page, every count would write
-- the row anew and five indexes with it, each on a page of its own.
alter table identifier set (fillfactor = 85);

-- Nobody types the beginning of a keyed hash or of a device's id: only what `find_by_prefix` asks for.
drop index identifier_key;
create index identifier_key on identifier (key text_pattern_ops)
    where kind in ('card_no', 'member_no', 'account', 'openid', 'unionid', 'external_userid');
