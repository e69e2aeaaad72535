-- not known("tier") is known
-- 不是“会员等级有记录”的顾客。
-- Customers not (whose tier is known).
SELECT
  "t14"."person_id"
FROM (
  SELECT
    "t3"."person_id",
    "t13"."person_id" AS "person_id_right",
    "t13"."v_0",
    "t13"."n_0"
  FROM (
    SELECT DISTINCT
      "t0"."canonical_id" AS "person_id"
    FROM "persons" AS "t0"
  ) AS "t3"
  LEFT OUTER JOIN (
    SELECT
      "t11"."person_id",
      "t11"."value" AS "v_0",
      1000000 AS "n_0"
    FROM (
      SELECT
        "t10"."person_id",
        "t10"."key",
        "t10"."value",
        "t10"."number",
        "t10"."at",
        "t10"."seq",
        "t10"."source_id",
        ROW_NUMBER() OVER (
          PARTITION BY "t10"."person_id"
          ORDER BY "t10"."at" DESC, "t10"."seq" DESC, "t10"."source_id" ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) - 1 AS "place"
      FROM (
        SELECT
          "t9".*
          EXCLUDE ("born_id", "canonical_id")
        FROM (
          SELECT
            COALESCE("t8"."canonical_id", "t8"."person_id") AS "person_id",
            "t8"."key",
            "t8"."value",
            "t8"."number",
            "t8"."at",
            "t8"."seq",
            "t8"."source_id",
            "t8"."born_id",
            "t8"."canonical_id"
          FROM (
            SELECT
              "t7"."person_id",
              "t7"."key",
              "t7"."value",
              "t7"."number",
              "t7"."at",
              "t7"."seq",
              "t7"."source_id",
              "t6"."born_id",
              "t6"."canonical_id"
            FROM (
              SELECT
                *
              FROM "state_now" AS "t1"
              WHERE
                "t1"."key" = 'tier'
                AND COALESCE("t1"."value", '') <> ''
                AND "t1"."person_id" IS NOT NULL
            ) AS "t7"
            LEFT OUTER JOIN (
              SELECT
                "t1"."person_id" AS "born_id",
                CAST("t1"."number" AS BIGINT) AS "canonical_id"
              FROM "state_now" AS "t1"
              WHERE
                "t1"."key" = 'cluster' AND "t1"."number" IS NOT NULL
            ) AS "t6"
              ON "t7"."person_id" = "t6"."born_id"
          ) AS "t8"
        ) AS "t9"
      ) AS "t10"
    ) AS "t11"
    WHERE
      "t11"."place" = 0
  ) AS "t13"
    ON "t3"."person_id" = "t13"."person_id"
) AS "t14"
WHERE
  NOT (
    "t14"."v_0" IS NOT NULL
  )
