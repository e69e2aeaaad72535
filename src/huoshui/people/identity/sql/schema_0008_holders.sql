-- Who was known on a device, and when: a link of a device is an interval by the time at which facts happened. Of a visit one row is
-- kept; who has the device at a moment is whoever the last row before it names. Before the first it is the identifier's own person.
create table device_holder (
    identifier_id bigint not null references identifier on delete cascade,
    since timestamptz not null,
    person_id bigint not null references person on delete cascade,
    fact_id bigint not null,
    primary key (identifier_id, since, fact_id)
);
create index device_holder_person on device_holder (person_id);

-- What was told before there was this table: a row wherever somebody else than before was known there.
insert into device_holder (identifier_id, since, person_id, fact_id)
select identifier_id, occurred_at, person_id, fact_id
from (
    select i.id as identifier_id, s.occurred_at, s.person_id, s.fact_id,
        lag(s.person_id) over (partition by i.id order by s.occurred_at, s.fact_id) as before
    from identifier i
    join fact_identifier f on f.kind = i.kind and f.scope = i.scope and f.key = i.key
    join settlement s on s.fact_id = f.fact_id and s.state = 'settled' and s.person_id is not null
    where i.kind = 'device_id'
        and exists (
            select from fact_identifier o
            where o.fact_id = f.fact_id and o.kind not in ('device_id', 'alias'))
        and not exists (select from fact_withdrawn w where w.fact_id = s.fact_id)) known
where before is distinct from person_id;
