-- What keeps members for another room of the house ('' is a segment people made; 'tag.<key>' one value of a tag, ADR 0029).
alter table segment add column used_for text not null default '';
-- Whether that other has been told of the membership as it stands.
alter table segment_spell add column is_followed boolean not null default true;
create index segment_spell_unfollowed on segment_spell (id) where not is_followed;
