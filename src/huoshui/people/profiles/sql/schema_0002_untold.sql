-- A word that was taken back leaves what was said before it, or nothing (''): to the lake that is the later word all the same.
alter table attribute add column told_seq bigint;
