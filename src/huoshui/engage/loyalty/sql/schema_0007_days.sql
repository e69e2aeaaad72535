-- Where tiers count the spend of a window: each day on which a human bought, and where it left him. A sale reads the days its
-- windows reach and none before them. `head` is the smallest of his ids.
create table tier_day (
    head bigint not null,
    day date not null,
    last_fact_id bigint not null,
    amount bigint not null,        -- what the day's facts came to
    peak bigint not null,          -- the most they came to on the way, fact by fact
    rank int not null,
    keep_until date,
    grace_until date,
    primary key (head, day)
);

-- Changing what decides a tier begins an era. Whoever was decided in an earlier one, and whose days may be missing, is
-- decided anew from all facts.
alter table tier add column era int not null default 0;
update tier set era = 1 where rank > 0 and counts <> 'lifetime';
alter table tier_progress add column era int not null default 0;
create index tier_progress_era on tier_progress (era, person_id);

-- Every sale changes its person's sum: with room on its page it touches no index. Few have several ids.
alter table tier_progress set (fillfactor = 70);
create index tier_progress_members on tier_progress (person_id) where members is not null;
