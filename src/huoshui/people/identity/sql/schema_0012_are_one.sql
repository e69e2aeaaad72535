-- For rooms that keep what was said of one who was several, and must know whether they still are.
create index cluster_change_person on cluster_change (person_id);

create function are_one(one bigint, other bigint) returns boolean language sql stable parallel safe return
    coalesce((select canonical_id from person_cluster where person_id = one), one)
    = coalesce((select canonical_id from person_cluster where person_id = other), other);

create function clusters_changed(low xid8, high xid8) returns table (person_id bigint) language sql stable parallel safe
begin atomic
    select c.person_id from cluster_change c where c.xid >= low and c.xid < high;
end;

create function cluster_changed_at(person bigint, before xid8) returns timestamptz language sql stable parallel safe return
    (select max(c.changed_at) from cluster_change c where c.person_id = person and c.xid < before);
