-- What an import did to these rows can be taken back (ADR 0017).
create trigger staff_journal after insert or update on staff for each row
    when (coalesce(current_setting('huoshui.run_id', true), '') <> '')
    execute function journal_row('id');
create trigger placement_journal after insert or update on placement for each row
    when (coalesce(current_setting('huoshui.run_id', true), '') <> '')
    execute function journal_row('id');
