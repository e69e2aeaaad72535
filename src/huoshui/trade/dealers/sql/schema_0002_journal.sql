-- What an import did to these rows can be taken back (ADR 0017).
create trigger dealer_journal after insert or update on dealer for each row
    when (coalesce(current_setting('huoshui.run_id', true), '') <> '')
    execute function journal_row('id');
create trigger dealer_purchase_journal after insert or update on dealer_purchase for each row
    when (coalesce(current_setting('huoshui.run_id', true), '') <> '')
    execute function journal_row('source_id,line_key');
create trigger dealer_payment_journal after insert or update on dealer_payment for each row
    when (coalesce(current_setting('huoshui.run_id', true), '') <> '')
    execute function journal_row('source_id,line_key');
create trigger dealer_stock_journal after insert or update on dealer_stock for each row
    when (coalesce(current_setting('huoshui.run_id', true), '') <> '')
    execute function journal_row('dealer_id,day,sku_id');
