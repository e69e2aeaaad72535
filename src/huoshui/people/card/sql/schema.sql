-- The one read model for search, lists and "who just walked in". One row per canonical person; subscribers write their columns.
create table person_card (
    person_id bigint primary key,
    display_name text not null default '',
    card_no text not null default '',
    phone_tail4 text not null default '',
    tier text not null default '',
    points bigint not null default 0,
    grade text not null default '',
    frequency text not null default '',
    ticket text not null default '',
    guide_id int,
    dealer_id int,
    home_org_unit_id int,
    first_sale_at timestamptz,
    last_sale_at timestamptz,
    orders int not null default 0,
    spend bigint not null default 0,
    updated_at timestamptz not null default now()
);
create index person_card_recent on person_card (last_sale_at desc nulls last, person_id desc);
create index person_card_name on person_card (display_name collate "C", person_id) where display_name <> '';
create index person_card_grade on person_card (grade, last_sale_at desc nulls last, person_id desc);
create index person_card_group on person_card (frequency, ticket, last_sale_at desc nulls last, person_id desc);
create index person_card_store on person_card (home_org_unit_id, last_sale_at desc nulls last, person_id desc);

-- Only whoever may see the whole brand, or is placed at the dealer or store whose customer it is; nothing set means nothing
-- seen. `scope_clause` asks for the same in the query itself, where an index can serve it.
alter table person_card enable row level security;
alter table person_card force row level security;
create policy scope on person_card
    using (
        coalesce(current_setting('huoshui.scope', true), '') = 'brand'
        or dealer_id = any(string_to_array(nullif(current_setting('huoshui.org_unit_ids', true), ''), ',')::int[])
        or home_org_unit_id = any(string_to_array(nullif(current_setting('huoshui.org_unit_ids', true), ''), ',')::int[]))
    with check (coalesce(current_setting('huoshui.scope', true), '') = 'brand');
