-- Codes that are scanned, what was scanned, and one-time words sent to whoever joins by one (ADR 0037).

-- `handle` is random: nobody can count codes, or guess another one's address, which is signed besides.
create table scan_code (
    id bigint generated always as identity primary key,
    handle text not null unique,
    kind text not null check (kind in ('guide', 'store', 'campaign', 'shelf', 'parcel', 'partner', 'recommender')),
    title text not null check (title <> ''),
    dealer_id int,                      -- null: head office's own
    store_id int,
    guide_id int,
    person_id bigint,                   -- who recommends, as born
    template_id bigint,                 -- the coupon that is given for joining by it
    state text not null default 'live' check (state in ('live', 'off')),
    made_by text not null,
    made_at timestamptz not null default now(),
    changed_by text not null,
    changed_at timestamptz not null default now(),
    check (kind <> 'guide' or (guide_id is not null and store_id is not null)),
    check (kind not in ('store', 'shelf') or store_id is not null),
    check (kind <> 'campaign' or template_id is not null),
    check ((kind = 'recommender') = (person_id is not null) or state = 'off')
);
create index code_unit on scan_code (dealer_id, store_id);
create index code_guide on scan_code (guide_id) where guide_id is not null;
create index code_person on scan_code (person_id) where person_id is not null;

-- What `Code Scanned` facts say, in settlement order. Of one visit the first tells nobody, and the later ones who it was.
create table code_scan (
    fact_id bigint primary key,
    code_id bigint not null,
    visit text not null,
    person_id bigint,                   -- as born
    position bigint not null,
    occurred_at timestamptz not null
);
create index code_scan_code on code_scan (code_id, visit);
create index code_scan_person on code_scan (person_id, occurred_at) where person_id is not null;

-- One-time words. Of the phone and of the word only keyed hashes are kept, by a key that never turns.
create table code_word (
    id bigint generated always as identity primary key,
    visit text not null,
    phone_digest text not null,
    word_digest text not null,
    sent_at timestamptz not null,
    expires_at timestamptz not null,
    tries int not null default 0,
    proven_at timestamptz
);
create index code_word_phone on code_word (phone_digest, sent_at);
create index code_word_visit on code_word (visit, sent_at);
