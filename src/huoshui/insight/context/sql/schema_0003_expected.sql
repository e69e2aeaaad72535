-- What was expected of each day before it came (ADR 0051): by store, dealer, region and of the whole brand. Money in minor units.

create table expected_sale (
    kind text not null check (kind in ('store', 'dealer', 'region', 'brand')),
    name text not null,                    -- the store's code, the dealer's or region's name; of the brand ''
    day date not null,
    expected bigint not null,
    low bigint not null,
    high bigint not null check (low <= expected and expected <= high),
    told_on date not null check (told_on < day),     -- the last day it was learned from
    primary key (kind, name, day)
);
create index expected_sale_day on expected_sale (day);
