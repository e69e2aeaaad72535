-- A word is of one of three scopes (ADR 0047).
alter table protection_grant drop constraint protection_grant_scope_check;
alter table protection_grant add constraint protection_grant_scope_check check (scope in ('counts', 'behaviour', 'contact'));
