-- A number that has been given up is its old holder's until a moment and then somebody else's: each time is a value of its own, whose
-- scope says until when ('until:…', beside `ends_at`), and facts of that time carry it. The value without a scope is today's.
create index identifier_era on identifier (kind, key) where starts_with(scope, 'until:');

-- Whom it is to be looked at anew after a number changed hands, or turned out not to have: by the steps that undo an import.
create table identifier_handover (
    id bigint generated always as identity primary key,
    identifier_id bigint not null references identifier on delete cascade,
    person_ids bigint[] not null,
    said_at timestamptz not null default now()
);
create index identifier_handover_identifier on identifier_handover (identifier_id);
