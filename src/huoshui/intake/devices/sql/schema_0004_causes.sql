-- What was noticed, by the fact that it was noticed by.
create index device_notice_cause on device_notice (((said ->> 'cause')::bigint));
