-- Who is signed in where (ADR 0036). A session ends with its row in django_session; this says whose it is.
create table sign_in (
    session_key text primary key,
    staff_id int not null,
    how text not null check (how in ('password', 'factor', 'recovery', 'phone', 'device')),
    device_id bigint,
    browser text not null default '',
    began_at timestamptz not null default now()
);
create index sign_in_staff on sign_in (staff_id, began_at desc);

-- Devices on which a dealer or a guide need give no code: of what the device shows a hash is kept.
create table remembered_device (
    id bigint generated always as identity primary key,
    staff_id int not null,
    prefix text not null unique,
    secret_hash text not null,
    browser text not null default '',
    added_at timestamptz not null default now(),
    used_at timestamptz not null default now(),
    until_at timestamptz not null,
    ended_at timestamptz
);
create index remembered_device_staff on remembered_device (staff_id) where ended_at is null;

-- Codes sent to phones. A phone that is nobody's has a row like any other, so that counting and answering are alike.
create table sign_in_code (
    id bigint generated always as identity primary key,
    staff_id int,
    phone_mark text not null,
    address_mark text not null,
    code_hash text not null,
    asked_at timestamptz not null default now(),
    until_at timestamptz not null,
    tries int not null default 0,
    is_over boolean not null default false
);
create index sign_in_code_phone on sign_in_code (phone_mark, asked_at);
create index sign_in_code_address on sign_in_code (address_mark, asked_at);
create index sign_in_code_asked on sign_in_code (asked_at);

-- The second factor of head office (RFC 6238): the secret sealed, the last step used, and codes for the day the phone is gone.
create table second_factor (
    staff_id int primary key,
    sealed bytea not null,
    confirmed_at timestamptz,
    last_step bigint not null default 0,
    misses int not null default 0,
    missed_at timestamptz
);
create table recovery_code (
    staff_id int not null,
    code_hash text not null,
    used_at timestamptz,
    primary key (staff_id, code_hash)
);
