-- What an import did to these rows can be taken back (ADR 0017).
create trigger context_figure_journal after insert or update on context_figure for each row
    when (coalesce(current_setting('huoshui.run_id', true), '') <> '')
    execute function journal_row('source_id,kind,subject,metric,period_start,period_end,origin');
create trigger context_event_journal after insert or update on context_event for each row
    when (coalesce(current_setting('huoshui.run_id', true), '') <> '')
    execute function journal_row('source_id,name,starts_on');
