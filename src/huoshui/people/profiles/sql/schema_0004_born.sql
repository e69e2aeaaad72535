-- Who may be under age is asked of everybody at once: by the year, of which there are few.
create index attribute_born on attribute (left(btrim(value), 4), person_id) where name = 'birthday';
