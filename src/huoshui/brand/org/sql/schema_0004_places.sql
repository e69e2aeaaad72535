-- Under whom each unit stood, and from when until when: what org_unit says now, kept when it changes (ADR 0036).
create table org_place (
    id bigint generated always as identity primary key,
    org_unit_id int not null references org_unit on delete cascade,
    parent_id int,                     -- null: the top
    since date,                        -- null: as far back as anybody knows
    until date,                        -- the first day on which it no longer stood there
    reason text not null default '',
    actor text not null default '',
    said_at timestamptz not null default now(),
    check (until > since)
);
create unique index org_place_now on org_place (org_unit_id) where until is null;
create index org_place_unit on org_place (org_unit_id, since);
insert into org_place (org_unit_id, parent_id) select id, parent_id from org_unit;

-- Moves said for a day to come.
create table org_move (
    id bigint generated always as identity primary key,
    org_unit_id int not null references org_unit on delete cascade,
    parent_id int not null references org_unit on delete cascade,
    on_day date not null,
    reason text not null,
    actor text not null,
    said_at timestamptz not null default now(),
    state text not null default 'planned' check (state in ('planned', 'done', 'called_off'))
);
create unique index org_move_planned on org_move (org_unit_id) where state = 'planned';
