-- count("Code Scanned"[region in ("华东")] last 7 days) >= 1
-- 最近 7 天“Code Scanned”（区域是“华东”）的次数至少 1 次的顾客。
-- Customers whose number of "Code Scanned" (region “华东”) in the last 7 days is at least 1.
SELECT
  "t17"."person_id"
FROM (
  SELECT
    "t16"."person_id",
    COALESCE(COALESCE(COALESCE("t16"."count_0", 0), 0) >= 1, FALSE) AS "is_member",
    LEAST(
      COALESCE(
        COALESCE(
          LEAST(
            COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t16"."enter_0") + 0, 1000000),
            COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t16"."leave_0") + 7, 1000000)
          ),
          1000000
        ),
        1000000
      ),
      COALESCE(1000000, 1000000)
    ) AS "next_day"
  FROM (
    SELECT
      "t15"."person_id",
      SUM(
        CAST((
          "t15"."day" <= MAKE_DATE(2026, 6, 15)
        )
        AND (
          "t15"."day" >= MAKE_DATE(2026, 6, 9)
        )
        AND "t15"."counts" AS INT)
      ) AS "count_0",
      MIN("t15"."day") FILTER(WHERE
        "t15"."day" > MAKE_DATE(2026, 6, 15)) AS "enter_0",
      MIN("t15"."day") FILTER(WHERE
        (
          "t15"."day" <= MAKE_DATE(2026, 6, 15)
        )
        AND (
          "t15"."day" >= MAKE_DATE(2026, 6, 9)
        )) AS "leave_0"
    FROM (
      SELECT
        "t14"."person_id",
        "t14"."business_day" AS "day",
        "t14"."fact_id" AS "event_id",
        TRUE AS "counts",
        "t14"."amount"
      FROM (
        SELECT
          "t13".*
          EXCLUDE ("canonical_id", "born_id")
        FROM (
          SELECT
            "t12"."fact_id",
            "t12"."order_id",
            "t12"."name",
            COALESCE("t12"."canonical_id", "t12"."person_id") AS "person_id",
            "t12"."org_unit_id",
            "t12"."source_id",
            "t12"."occurred_at",
            "t12"."business_day",
            "t12"."amount",
            "t12"."seq",
            "t12"."born_id",
            "t12"."canonical_id"
          FROM (
            SELECT
              "t11"."fact_id",
              "t11"."order_id",
              "t11"."name",
              "t11"."person_id",
              "t11"."org_unit_id",
              "t11"."source_id",
              "t11"."occurred_at",
              "t11"."business_day",
              "t11"."amount",
              "t11"."seq",
              "t5"."born_id",
              "t5"."canonical_id"
            FROM (
              SELECT
                *
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
                  "t6"."seq"
                FROM (
                  SELECT
                    *
                  FROM "facts" AS "t1"
                  WHERE
                    "t1"."name" = 'Code Scanned' AND "t1"."business_day" >= MAKE_DATE(2026, 6, 9)
                ) AS "t6"
                SEMI JOIN (
                  SELECT
                    "t2"."org_unit_id"
                  FROM "org_units" AS "t2"
                  WHERE
                    COALESCE(NULLIF("t2"."region", '') IN ('华东'), FALSE)
                ) AS "t8"
                  ON "t6"."org_unit_id" = "t8"."org_unit_id"
              ) AS "t9"
              WHERE
                "t9"."person_id" IS NOT NULL
            ) AS "t11"
            LEFT OUTER JOIN (
              SELECT
                "t0"."person_id" AS "born_id",
                CAST("t0"."number" AS BIGINT) AS "canonical_id"
              FROM "state_now" AS "t0"
              WHERE
                "t0"."key" = 'cluster' AND "t0"."number" IS NOT NULL
            ) AS "t5"
              ON "t11"."person_id" = "t5"."born_id"
          ) AS "t12"
        ) AS "t13"
      ) AS "t14"
    ) AS "t15"
    GROUP BY
      1
  ) AS "t16"
) AS "t17"
WHERE
  "t17"."is_member"
