-- How far the raw words of facts have been looked through for what is sensitive of whoever never agreed; at most one row.
create table sensitive_swept (
    is_only boolean primary key default true check (is_only),
    upto bigint not null
);
