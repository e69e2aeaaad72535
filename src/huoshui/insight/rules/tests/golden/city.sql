-- known("attr.city") in ("上海", "杭州")
-- 城市是“上海”或“杭州”的顾客。
-- Customers whose city is “上海” or “杭州”.
SELECT
  "t9"."person_id"
FROM (
  SELECT
    "t8"."person_id",
    COALESCE("t8"."value" IN ('上海', '杭州'), FALSE) AS "is_member",
    CAST(COALESCE(1000000, 1000000) AS BIGINT) AS "next_day"
  FROM (
    SELECT
      "t7"."person_id",
      "t7"."key",
      "t7"."value",
      "t7"."number",
      "t7"."at",
      "t7"."seq",
      "t7"."source_id",
      ROW_NUMBER() OVER (
        PARTITION BY "t7"."person_id"
        ORDER BY "t7"."at" DESC, "t7"."seq" DESC, "t7"."source_id" ASC
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) - 1 AS "place"
    FROM (
      SELECT
        "t6".*
        EXCLUDE ("born_id", "canonical_id")
      FROM (
        SELECT
          COALESCE("t5"."canonical_id", "t5"."person_id") AS "person_id",
          "t5"."key",
          "t5"."value",
          "t5"."number",
          "t5"."at",
          "t5"."seq",
          "t5"."source_id",
          "t5"."born_id",
          "t5"."canonical_id"
        FROM (
          SELECT
            "t4"."person_id",
            "t4"."key",
            "t4"."value",
            "t4"."number",
            "t4"."at",
            "t4"."seq",
            "t4"."source_id",
            "t3"."born_id",
            "t3"."canonical_id"
          FROM (
            SELECT
              *
            FROM "state_now" AS "t0"
            WHERE
              "t0"."key" = 'attr.city'
              AND COALESCE("t0"."value", '') <> ''
              AND "t0"."person_id" IS NOT NULL
          ) AS "t4"
          LEFT OUTER JOIN (
            SELECT
              "t0"."person_id" AS "born_id",
              CAST("t0"."number" AS BIGINT) AS "canonical_id"
            FROM "state_now" AS "t0"
            WHERE
              "t0"."key" = 'cluster' AND "t0"."number" IS NOT NULL
          ) AS "t3"
            ON "t4"."person_id" = "t3"."born_id"
        ) AS "t5"
      ) AS "t6"
    ) AS "t7"
  ) AS "t8"
  WHERE
    "t8"."place" = 0
) AS "t9"
WHERE
  "t9"."is_member"
