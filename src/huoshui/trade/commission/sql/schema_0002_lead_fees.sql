-- What a dealer owes head office for leads: a share of an order, at most so much, or a price for the lead itself (ADR 0043).
alter table commission_entry drop constraint commission_entry_kind_check,
    add constraint commission_entry_kind_check check (kind in ('commission', 'reward', 'fee', 'ladder', 'lead_fee'));

-- The last word on an order's lead counts; a share of nothing takes the fee back, visibly, as another entry.
create table commission_lead_fee (
    id bigint generated always as identity primary key,
    order_id bigint not null,
    lead_id bigint not null,
    payer_id int not null,
    permille int not null check (permille between 0 and 1000),
    cap bigint not null check (cap >= 0),   -- 0: none
    rule_version int not null,              -- of the rules of leads
    actor text not null,
    said_at timestamptz not null default now()
);
create index commission_lead_fee_order on commission_lead_fee (order_id, lead_id, id desc);
create trigger commission_keeps before update or delete on commission_lead_fee for each row execute function commission_keeps();
