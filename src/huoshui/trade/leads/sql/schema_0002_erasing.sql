-- Of who is erased the words go: what is written of a lead stays, but for what somebody wrote in it, and only while somebody is erased.
create or replace function lead_keeps() returns trigger language plpgsql as $$
begin
    if tg_op = 'UPDATE' and coalesce(current_setting('huoshui.erasing', true), '') = 'leads'
        and to_jsonb(new) - 'reason' = to_jsonb(old) - 'reason' then
        return new;
    end if;
    raise exception 'what was written of a lead is never rewritten';
end $$;
