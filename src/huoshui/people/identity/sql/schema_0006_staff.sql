-- Accounts of those who work here. Whoever gives one, it names no customer: it is guarded from the first, and stays so as long as
-- it stands here. `person_id`: the customer of whom somebody has said that he is this member of the staff; it alone names him.
create table staff_identifier (
    identifier_id bigint primary key references identifier on delete cascade,
    staff_id int not null,
    person_id bigint references person on delete set null
);
create index staff_identifier_person on staff_identifier (person_id) where person_id is not null;
-- What an import of the staff list did can be taken back (ADR 0017).
create trigger staff_identifier_journal after insert or update on staff_identifier for each row
    when (coalesce(current_setting('huoshui.run_id', true), '') <> '')
    execute function journal_row('identifier_id');

-- Guarded for that alone, not because it was found to be shared.
alter table identifier add column is_staffs boolean not null default false;
create index identifier_staffs on identifier (id) where is_staffs;
