-- What an import did to these rows can be taken back (ADR 0017). A store that sales may have named stays, described by nobody.
create trigger org_unit_journal after insert or update on org_unit for each row
    when (coalesce(current_setting('huoshui.run_id', true), '') <> '' and new.is_listed)
    execute function journal_row('code', '{"is_listed": false, "name": "@code", "city": "", "address": "", "opened_on": null, "area_sqm": null}');
