-- A dealer sees itself, and what it bought, paid and held; head office sees all; nothing said, nothing seen (ADR 0036). Only the
-- river writes here, and head office.
alter table dealer enable row level security;
alter table dealer force row level security;
create policy scope on dealer for select
    using (org_unit_id = any(string_to_array(nullif(current_setting('huoshui.org_unit_ids', true), ''), ',')::int[]));
create policy whole on dealer using (coalesce(current_setting('huoshui.scope', true), '') = 'brand') with check (coalesce(current_setting('huoshui.scope', true), '') = 'brand');

-- Of these whoever sees the dealer sees the rows: the dealer's own policies hold within.
alter table dealer_purchase enable row level security;
alter table dealer_purchase force row level security;
create policy scope on dealer_purchase for select using (dealer_id in (select id from dealer));
create policy whole on dealer_purchase using (coalesce(current_setting('huoshui.scope', true), '') = 'brand') with check (coalesce(current_setting('huoshui.scope', true), '') = 'brand');
alter table dealer_payment enable row level security;
alter table dealer_payment force row level security;
create policy scope on dealer_payment for select using (dealer_id in (select id from dealer));
create policy whole on dealer_payment using (coalesce(current_setting('huoshui.scope', true), '') = 'brand') with check (coalesce(current_setting('huoshui.scope', true), '') = 'brand');
alter table dealer_stock enable row level security;
alter table dealer_stock force row level security;
create policy scope on dealer_stock for select using (dealer_id in (select id from dealer));
create policy whole on dealer_stock using (coalesce(current_setting('huoshui.scope', true), '') = 'brand') with check (coalesce(current_setting('huoshui.scope', true), '') = 'brand');
