-- count("Code Scanned"[region in ("华东")] last 7 days) >= 1
-- 最近 7 天“Code Scanned”（区域是“华东”）的次数至少 1 次的顾客。
-- Customers whose number of "Code Scanned" (region “华东”) in the last 7 days is at least 1.
SELECT
  "t16"."person_id"
FROM (
  SELECT
    "t15"."person_id",
    COALESCE(COALESCE(COALESCE("t15"."count_0", 0), 0) >= 1, FALSE) AS "is_member",
    COALESCE(
      LEAST(
        COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t15"."enter_0") + 0, 1000000),
        COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t15"."leave_0") + 7, 1000000)
      ),
      1000000
    ) AS "next_day"
  FROM (
    SELECT
      "t14"."person_id",
      COUNT("t14"."c_0") AS "count_0",
      MIN("t14"."c_1") AS "enter_0",
      MIN("t14"."c_0") AS "leave_0"
    FROM (
      SELECT
        COALESCE("t13"."canonical_id", "t13"."person_id") AS "person_id",
        "t13"."amount",
        "t13"."day",
        CASE
          WHEN (
            "t13"."day" <= MAKE_DATE(2026, 6, 15)
          )
          AND (
            "t13"."day" >= MAKE_DATE(2026, 6, 9)
          )
          THEN "t13"."day"
          ELSE CAST(NULL AS DATE)
        END AS "c_0",
        CASE
          WHEN "t13"."day" > MAKE_DATE(2026, 6, 15)
          THEN "t13"."day"
          ELSE CAST(NULL AS DATE)
        END AS "c_1"
      FROM (
        SELECT
          "t12"."person_id",
          "t12"."amount",
          "t12"."day",
          "t5"."born_id",
          "t5"."canonical_id"
        FROM (
          SELECT
            "t10"."person_id",
            "t10"."amount",
            "t10"."business_day" AS "day"
          FROM (
            SELECT
              "t9".*
              EXCLUDE ("org_unit_id_right")
            FROM (
              SELECT
                "t6"."fact_id",
                "t6"."order_id",
                "t6"."name",
                "t6"."person_id",
                "t6"."org_unit_id",
                "t6"."source_id",
                "t6"."occurred_at",
                "t6"."business_day",
                "t6"."amount",
                "t6"."seq",
                "t8"."org_unit_id" AS "org_unit_id_right",
                "t8"."h_0"
              FROM (
                SELECT
                  *
                FROM "facts" AS "t1"
                WHERE
                  "t1"."business_day" >= MAKE_DATE(2026, 6, 9) AND "t1"."name" IN ('Code Scanned')
              ) AS "t6"
              LEFT OUTER JOIN (
                SELECT
                  "t2"."org_unit_id",
                  COALESCE(NULLIF("t2"."region", '') IN ('华东'), FALSE) AS "h_0"
                FROM "org_units" AS "t2"
              ) AS "t8"
                ON "t6"."org_unit_id" = "t8"."org_unit_id"
            ) AS "t9"
          ) AS "t10"
          WHERE
            "t10"."name" = 'Code Scanned'
            AND "t10"."business_day" >= MAKE_DATE(2026, 6, 9)
            AND COALESCE("t10"."h_0", FALSE)
            AND "t10"."person_id" IS NOT NULL
        ) AS "t12"
        LEFT OUTER JOIN (
          SELECT
            "t0"."person_id" AS "born_id",
            CAST("t0"."number" AS BIGINT) AS "canonical_id"
          FROM "state_now" AS "t0"
          WHERE
            "t0"."key" = 'cluster' AND "t0"."number" IS NOT NULL
        ) AS "t5"
          ON "t12"."person_id" = "t5"."born_id"
      ) AS "t13"
    ) AS "t14"
    GROUP BY
      1
  ) AS "t15"
) AS "t16"
WHERE
  "t16"."is_member"
