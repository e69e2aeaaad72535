-- Who owes: so few that to ask costs nothing.
create index account_debt on account (unit, owner_kind, owner_id) where balance < 0;
