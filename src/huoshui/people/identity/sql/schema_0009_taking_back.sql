-- Links that somebody takes back many at a time: all that one hand made, or all that one import is the evidence of. The worker does it;
-- `last_link`: what is linked after it was asked for stays. The reason goes to each link and to the audit, and leaves here when done.
create table link_undoing (
    id bigint generated always as identity primary key,
    how text not null check (how in ('hand', 'run')),
    what text not null,
    reason text not null,
    actor text not null,
    last_link bigint not null,
    state text not null default 'waiting' check (state in ('waiting', 'running', 'done')),
    done int not null default 0,
    split int not null,
    asked_at timestamptz not null default now(),
    ended_at timestamptz
);
create unique index link_undoing_once on link_undoing (how, what) where state <> 'done';
create index link_actor on link (actor, id) where unlinked_at is null and rule = 'by_hand';
