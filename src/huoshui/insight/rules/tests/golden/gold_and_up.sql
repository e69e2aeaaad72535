-- number("tier") >= 3
-- 会员等级序号至少 3 的顾客。
-- Customers whose tier rank is at least 3.
SELECT
  "t8"."person_id"
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
          "t2"."born_id",
          "t2"."canonical_id"
        FROM (
          SELECT
            "t0"."person_id",
            "t0"."key",
            "t0"."value",
            COALESCE(
              "t0"."number",
              TRY_CAST(CASE
                WHEN REGEXP_MATCHES("t0"."value", '^-?\d+(\.\d+)?$')
                THEN "t0"."value"
                ELSE CAST(NULL AS TEXT)
              END AS DOUBLE)
            ) AS "number",
            "t0"."at",
            "t0"."seq",
            "t0"."source_id"
          FROM "state_now" AS "t0"
          WHERE
            "t0"."key" = 'tier'
            AND COALESCE(
              "t0"."number",
              TRY_CAST(CASE
                WHEN REGEXP_MATCHES("t0"."value", '^-?\d+(\.\d+)?$')
                THEN "t0"."value"
                ELSE CAST(NULL AS TEXT)
              END AS DOUBLE)
            ) IS NOT NULL
            AND "t0"."person_id" IS NOT NULL
        ) AS "t4"
        LEFT OUTER JOIN (
          SELECT
            "t0"."person_id" AS "born_id",
            CAST("t0"."number" AS BIGINT) AS "canonical_id"
          FROM "state_now" AS "t0"
          WHERE
            "t0"."key" = 'cluster' AND "t0"."number" IS NOT NULL
        ) AS "t2"
          ON "t4"."person_id" = "t2"."born_id"
      ) AS "t5"
    ) AS "t6"
  ) AS "t7"
) AS "t8"
WHERE
  "t8"."place" = 0 AND COALESCE("t8"."number" >= 3, FALSE)
