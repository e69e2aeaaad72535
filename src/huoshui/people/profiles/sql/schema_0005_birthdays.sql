-- Who has a birthday on a day of the year, as it is written: 1990-06-08.
create index attribute_birthday on attribute (substr(btrim(value), 6, 5), person_id) where name = 'birthday';
