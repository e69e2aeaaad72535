-- What a version of the rule says beyond earning. A version holds from its day on, and orders keep the one of their own day.
alter table earn_rule
    add column from_day date not null default '0001-01-01' unique,
    add column points_per_yuan int not null default 100 check (points_per_yuan > 0),  -- when they pay
    add column notice_days int not null default 30 check (notice_days > 0),           -- before they expire
    add column adjust_alone_upto bigint not null default 1000 check (adjust_alone_upto >= 0);
