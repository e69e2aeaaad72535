-- Of kinds whose values live for some days only (`kinds.Kind.lives_days`): after this moment it names nobody.
alter table identifier add column ends_at timestamptz;
