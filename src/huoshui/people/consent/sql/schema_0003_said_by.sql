-- Whose word it was: the born id it was said of, or the one that others had it from who were one with him then.
alter table consent_entry add column said_by bigint;
update consent_entry e set said_by = coalesce((select max(s.person_id) from settlement s where s.fact_id = e.fact_id), e.person_id);
alter table consent_entry alter column said_by set not null;
create index consent_unsaid_person on consent_unsaid (person_id, purpose);

-- What counts: nothing that an import told which was undone, and no yes of somebody else, who is not the same human after all.
-- (His no stays: whoever it was that wanted no messages, neither is to get any.)
create view consent_counting with (security_invoker = true) as
select e.* from consent_entry e
where not exists (select from fact_withdrawn w where w.fact_id = e.fact_id)
    and (e.said_by = e.person_id or not e.is_given or are_one(e.said_by, e.person_id));
