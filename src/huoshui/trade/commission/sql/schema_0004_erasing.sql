-- Of who is erased the words go: what was decided and said of her orders stays, but for what somebody wrote there, and only while
-- somebody is erased.
create or replace function commission_keeps() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and coalesce(current_setting('huoshui.erasing', true), '') = 'commission'
        and tg_table_name in ('commission_decision', 'commission_word')
        and to_jsonb(new) - 'reason' - 'said' = to_jsonb(old) - 'reason' - 'said' then
        return new;
    end if;
    raise exception 'what was written of commission is never rewritten';
end $$;
