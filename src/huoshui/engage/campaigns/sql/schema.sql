-- Coupons: what is offered (template), what somebody holds (coupon), what a sale made of it (redemption).

create table coupon_template (
    id bigint generated always as identity primary key,
    title text not null,
    state text not null default 'draft' check (state in ('draft', 'live', 'paused', 'ended')),
    version int not null default 1,
    issued_count bigint not null default 0,   -- uses given out, which the rule's total_count limits
    changed_at timestamptz not null default now()
);

-- What a coupon promised when it was issued holds, whatever the template says later.
create table coupon_rule (
    template_id bigint not null references coupon_template,
    version int not null,
    rule jsonb not null,
    actor text not null,
    made_at timestamptz not null default now(),
    primary key (template_id, version)
);

-- What has been given away so far, in slots, so that sales of one template do not wait for each other.
create table coupon_tally (
    template_id bigint not null,
    slot smallint not null,
    redeemed bigint not null,
    amount bigint not null,
    primary key (template_id, slot)
) with (fillfactor = 50);

create table coupon (
    id bigint generated always as identity primary key,
    template_id bigint not null references coupon_template,
    version int not null,
    code text not null,                       -- as shown; `key` is what a reader or a hand makes of it
    key text not null unique,
    person_id bigint,                         -- null: whoever brings the code
    state text not null default 'issued' check (state in ('issued', 'locked', 'redeemed', 'expired', 'void')),
    is_shared boolean not null default false, -- one code for many: stays issued until all uses are gone
    uses int not null default 1 check (uses > 0),
    used int not null default 0 check (used between 0 and uses),
    valid_from timestamptz not null,
    valid_until timestamptz not null,
    locked_for text,
    locked_until timestamptz,
    redeemed_fact_id bigint,
    void_reason text not null default '',
    issued_at timestamptz not null default now(),
    check ((state = 'locked') = (locked_for is not null))
) with (fillfactor = 80);
create index coupon_person on coupon (person_id, template_id) where person_id is not null;
create index coupon_template_of on coupon (template_id);
create index coupon_open on coupon (valid_until) where state in ('issued', 'locked');
create index coupon_lock on coupon (locked_for) where locked_for is not null;

-- A claim is known by its caller's key for good, so that the same again is answered alike.
create table coupon_claim (
    client_key text primary key,
    template_id bigint not null,
    person_id bigint not null,
    coupon_id bigint,
    fact_id bigint,
    claimed_at timestamptz not null default now()
);

-- How many of a template each person has taken, under the id that took; a cluster's are added up.
create table coupon_taken (
    template_id bigint not null,
    person_id bigint not null,
    n int not null check (n >= 0),
    primary key (template_id, person_id)
);

-- What a sale made of a coupon. The split by line is as recorded at the sale, and refunds follow it.
create table coupon_redemption (
    fact_id bigint not null,
    coupon_id bigint not null references coupon,
    order_id bigint not null,                 -- the order's first fact
    template_id bigint not null,
    amount bigint not null check (amount >= 0),
    org_unit_id int,
    brand_permille int not null,
    dealer_id bigint,                         -- to whom the brand owes its share; null at a store of our own
    budget bigint not null default 0,         -- taken out of the budget, as it stands now
    payable bigint not null default 0,        -- owed to the dealer, as it stands now
    person_id bigint,                         -- whose use it was counted as, of a code of nobody
    redeemed_at timestamptz not null,
    taken_back_at timestamptz,
    taken_back_fact_id bigint,
    primary key (fact_id, coupon_id)
);
create unique index coupon_redemption_order on coupon_redemption (order_id, coupon_id) where taken_back_at is null;
create index coupon_redemption_any on coupon_redemption (order_id);

create table coupon_redemption_line (
    fact_id bigint not null,
    coupon_id bigint not null,
    line_no int not null,
    line_key text not null,                   -- by which later facts name the line
    amount bigint not null,
    primary key (fact_id, coupon_id, line_no)
);
