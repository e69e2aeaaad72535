-- Vouchers that a sale says were verified with it (ADR 0011): the platform that sold it, as the till names it, and its code,
-- which is the number of the platform's order.
create table fact_voucher (
    fact_id bigint not null,
    voucher_no int not null,
    source text not null,
    code text not null,
    primary key (fact_id, voucher_no)
);
create index fact_voucher_code on fact_voucher (code);
