-- A pair may be told of by something else than a run: then the reason is a word, and no run withdraws it.
alter table match_proposal alter column run_id drop not null;
alter table match_proposal add column told text not null default '';
alter table match_proposal add constraint match_proposal_why check (run_id is not null or told <> '');
