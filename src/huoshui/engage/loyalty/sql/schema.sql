-- The earning rule in force: points for each whole `per_minor` of money that stays with us.
create table earn_rule (
    version int primary key,
    points int not null check (points > 0),
    per_minor int not null check (per_minor > 0),
    valid_years int not null check (valid_years > 0),
    made_at timestamptz not null default now()
);
insert into earn_rule (version, points, per_minor, valid_years) values (1, 1, 100, 1);

create table tier (
    rank int primary key,
    name text not null unique,
    spend_at_least bigint not null unique
);
insert into tier (rank, name, spend_at_least) values
    (0, '普通会员', 0), (1, '银卡会员', 100000), (2, '金卡会员', 300000), (3, '钻石会员', 600000);

-- How far each person has come, kept under the id facts were born with.
create table tier_progress (
    person_id bigint primary key,
    spend bigint not null,
    rank int not null,                       -- of `tier`, from which nothing is deleted
    ranked_by_fact_id bigint not null,
    ranked_at timestamptz not null,
    xid xid8 not null default pg_current_xact_id(),
    rank_xid xid8 not null default pg_current_xact_id()
);
create index tier_progress_ranked_by on tier_progress (ranked_by_fact_id) where rank > 0;
create index tier_progress_rank_xid on tier_progress (rank_xid);
