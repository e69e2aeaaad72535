-- An order that a voucher is (ADR 0011): once verified it stands for nothing, and the sale that verified it for all.
alter table sale add column verified_id bigint;
create index sale_verified on sale (verified_id) where verified_id is not null;
