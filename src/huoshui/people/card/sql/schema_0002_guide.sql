-- Whom a guide serves, for her own list.
create index person_card_guide on person_card (guide_id) where guide_id is not null;
