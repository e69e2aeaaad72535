-- A debt lies in a bucket of its own, so nobody needs an index whose condition is the balance: with it, every movement of
-- points made new entries in all indexes of its account.
drop index account_debt;
create index account_debts on account (unit, id) where bucket = 'debt';
alter table account set (fillfactor = 70);
