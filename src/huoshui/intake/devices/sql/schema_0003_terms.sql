-- Who had a device when can be mended: why a term ended, or was changed; readings that were somebody else's are told again.
alter table device_person add column reason text not null default '', add column ended_by text not null default '',
    add constraint device_person_term check (until is null or until >= since);
create index body_reading_told on body_reading (device_id, at);

-- The numbers of withdrawals of readings, below those of shared values (which are below zero, imports' above).
create sequence device_correction_seq;

-- What was noticed in readings that turned out to be another's never held.
alter table device_notice drop constraint device_notice_state_check,
    add constraint device_notice_state_check check (state in ('open', 'done', 'over', 'void'));
