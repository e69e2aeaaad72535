-- What a tier asks for, and how long it holds: spend of a lifetime, of the last `months`, or of the calendar year.
alter table tier
    add column counts text not null default 'lifetime' check (counts in ('lifetime', 'rolling', 'year')),
    add column months int not null default 12 check (months > 0),
    add column grace_days int not null default 90 check (grace_days >= 0),
    add column benefits text[] not null default '{}';

alter table tier_progress
    add column members bigint[],   -- all ids of the human where there are several; their rows have one rank
    add column keep_until date,    -- null: for good
    add column check_on date;      -- when something happens if nobody buys anything
create index tier_progress_check on tier_progress (check_on) where check_on is not null;
