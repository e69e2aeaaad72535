-- What programs asked under a key of their own: asked again, it is what came of it the first time.

create table tag_ask (
    actor text not null,
    client_key text not null,
    content_hash text not null,
    outcome_id bigint,
    asked_at timestamptz not null default now(),
    primary key (actor, client_key)
);
