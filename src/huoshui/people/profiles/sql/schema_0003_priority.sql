-- Whose word stands where sources disagree: the lower rank, name by name or ('') for all names; among equals the later word.
create table attribute_priority (
    name text not null default '',
    source_id int not null,
    rank int not null check (rank between 1 and 999),
    primary key (name, source_id)
);

-- Every value with its rank. What she had corrected herself stands before what anybody says (1000: nobody has said).
create view attribute_ranked as
select a.*,
    case
        when exists (select from settlement s where s.fact_id = a.fact_id and s.name = 'Person Corrected') then 0
        else coalesce(
            (select rank from attribute_priority p where p.source_id = a.source_id and p.name = a.name),
            (select rank from attribute_priority p where p.source_id = a.source_id and p.name = ''), 1000)
    end as rank
from attribute a;
