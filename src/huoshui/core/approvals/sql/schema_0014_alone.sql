-- What one did alone for a person or a thing is added up against what he may do alone.
create index approval_alone on approval (object_id, kind, asked_at) where state = 'done' and decided_by is null;
