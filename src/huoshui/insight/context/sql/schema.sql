-- Numbers that are not our own facts and stand beside them: targets, competitors and the market, promotion, groups.

create table context_figure (
    id bigint generated always as identity primary key,
    source_id int not null,
    kind text not null check (kind in ('targets', 'market', 'promotion', 'groups')),
    subject text not null,
    metric text not null,
    period_start date not null,
    period_end date not null check (period_end >= period_start),
    value numeric(24, 6) not null,
    unit text not null default '',
    origin text not null default '',       -- who says so: a report, a platform, a channel
    note text not null default '',
    run_id bigint,
    told_at timestamptz not null default now(),
    unique (source_id, kind, subject, metric, period_start, period_end, origin)
);
create index context_figure_asked on context_figure (kind, metric, period_start);
create index context_figure_run on context_figure (run_id);

-- What was going on when: campaigns of our own or of others, as a calendar.
create table context_event (
    id bigint generated always as identity primary key,
    source_id int not null,
    name text not null,
    starts_on date not null,
    ends_on date not null,
    channel text not null default '',
    scope text not null default '',
    budget bigint,
    cost bigint,
    note text not null default '',
    run_id bigint,
    told_at timestamptz not null default now(),
    unique (source_id, name, starts_on),
    check (ends_on >= starts_on)
);
create index context_event_days on context_event (starts_on, ends_on);
create index context_event_run on context_event (run_id);
