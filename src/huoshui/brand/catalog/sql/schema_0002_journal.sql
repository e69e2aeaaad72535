-- What an import did to these rows can be taken back (ADR 0017). A product that sales may have named stays, described by nobody.
create trigger sku_journal after insert or update on sku for each row
    when (coalesce(current_setting('huoshui.run_id', true), '') <> '' and new.is_listed)
    execute function journal_row('code', '{"is_listed": false, "brand": "", "manufacturer": "", "spec": "", "barcode": "", "category_1": "", "category_2": "", "category_3": "", "category_4": "", "list_price": null, "launch_date": null}');
