-- Birthdays that tell a year, but not as their first four characters: 3/11/2013, 13-03-11, 41344 (a spreadsheet's day), 全角.
create function is_born_else(value text) returns boolean language sql immutable parallel safe return
    value !~ '^\s*(19|20)[0-9]{2}' and value ~ '[0-9０-９]{5}|[0-9０-９]\D+[0-9０-９]+\D+[0-9０-９]';
create index attribute_born_else on attribute (person_id) where name = 'birthday' and is_born_else(value);
