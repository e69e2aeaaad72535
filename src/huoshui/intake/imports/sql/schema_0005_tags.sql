-- What the words in a source's column of tags mean, as its user once said. Nothing of it is made by itself.

create table import_tag_word (
    source_name text not null,
    word text not null,
    does text not null check (does in ('map', 'make', 'leave')),
    tag_id bigint,
    value text not null default '',
    actor text not null,
    said_at timestamptz not null default now(),
    primary key (source_name, word),
    check ((does = 'map') = (tag_id is not null))
);

-- The words of one run's files, with how many rows have each.
create table import_run_word (
    run_id bigint not null,
    word text not null,
    rows bigint not null,
    primary key (run_id, word)
);
