-- What whoever reaches a tier is given, and after how many days somebody who reaches it again is given it again; null: never.
alter table tier
    add column gift_template_id bigint,
    add column gift_again_days int check (gift_again_days > 0);
