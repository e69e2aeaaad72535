-- Those that many share: few, and looked through each minute for what has still to be decided anew without them.
create index identifier_guarded on identifier (id) where is_guarded;
