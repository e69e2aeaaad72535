-- name: links_and_clusters
-- Everything at one instant: the ends of each living link (is_link), and each person whose canonical id is another's.
select person_a as one, person_b as other, true as is_link from link where unlinked_at is null
union all
select person_id, canonical_id, false from person_cluster
