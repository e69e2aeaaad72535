-- What head office may see of a dealer's customers, as the dealer says it, word by word: the last one of a scope holds (ADR 0045).
create table protection_grant (
    id bigint generated always as identity primary key,
    dealer_id int not null,
    scope text not null check (scope in ('contact')),
    is_given boolean not null,
    said text not null default '',
    actor text not null,
    at timestamptz not null
);
create index protection_grant_dealer on protection_grant (dealer_id, scope, id desc);

create function protection_keeps() returns trigger language plpgsql as $$
begin
    raise exception 'what was said is never rewritten';
end $$;
create trigger protection_keeps before update or delete on protection_grant for each row execute function protection_keeps();

-- Only the dealer says it, and only head office reads it beside the dealer. Head office itself cannot say yes for anybody.
alter table protection_grant enable row level security;
alter table protection_grant force row level security;
create policy scope on protection_grant for select
    using (dealer_id = any(string_to_array(nullif(current_setting('huoshui.org_unit_ids', true), ''), ',')::int[]));
create policy says on protection_grant for insert with check (
    coalesce(current_setting('huoshui.scope', true), '') = 'units'
    and dealer_id = any(string_to_array(nullif(current_setting('huoshui.org_unit_ids', true), ''), ',')::int[]));
create policy whole on protection_grant for select using (coalesce(current_setting('huoshui.scope', true), '') = 'brand');

-- Who looked at a contact, in order of time: few rows of a long book.
create index audit_entry_contact on audit_entry (id) where action like 'contact.%';
