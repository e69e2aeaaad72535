-- Adjustments by hand wait where all that needs two persons does.
insert into approval (kind, key, object_kind, object_id, said, reason, state, asked_by, asked_at, decided_by, decided_at, fact_id)
select 'points_adjustment', 'before ' || id, 'person', person_id, jsonb_build_object('points', points), reason, state,
    asked_by, asked_at, decided_by, decided_at, fact_id
from points_adjustment order by id;
drop table points_adjustment;
