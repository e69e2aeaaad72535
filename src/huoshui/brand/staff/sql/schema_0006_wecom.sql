-- Undoing an import compares rows whole, so what it kept of them gets the column too.
update row_change set after = after || '{"wecom_id": ""}', before = before || '{"wecom_id": ""}' where relation = 'staff';
