-- count("Product Viewed"[property "colour" in ("红")] last 14 days) >= 1
-- 最近 14 天“Product Viewed”（colour 是“红”）的次数至少 1 次的顾客。
-- Customers whose number of "Product Viewed" (colour “红”) in the last 14 days is at least 1.
SELECT
  "t15"."person_id"
FROM (
  SELECT
    "t14"."person_id",
    COALESCE(COALESCE(COALESCE("t14"."count_0", 0), 0) >= 1, FALSE) AS "is_member",
    COALESCE(
      LEAST(
        COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t14"."enter_0") + 0, 1000000),
        COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t14"."leave_0") + 14, 1000000)
      ),
      1000000
    ) AS "next_day"
  FROM (
    SELECT
      "t13"."person_id",
      COUNT("t13"."c_0") AS "count_0",
      MIN("t13"."c_1") AS "enter_0",
      MIN("t13"."c_0") AS "leave_0"
    FROM (
      SELECT
        COALESCE("t12"."canonical_id", "t12"."person_id") AS "person_id",
        "t12"."amount",
        "t12"."day",
        CASE
          WHEN (
            "t12"."day" <= MAKE_DATE(2026, 6, 15)
          )
          AND (
            "t12"."day" >= MAKE_DATE(2026, 6, 2)
          )
          THEN "t12"."day"
          ELSE CAST(NULL AS DATE)
        END AS "c_0",
        CASE
          WHEN "t12"."day" > MAKE_DATE(2026, 6, 15)
          THEN "t12"."day"
          ELSE CAST(NULL AS DATE)
        END AS "c_1"
      FROM (
        SELECT
          "t11"."person_id",
          "t11"."amount",
          "t11"."day",
          "t6"."born_id",
          "t6"."canonical_id"
        FROM (
          SELECT
            "t9"."person_id",
            "t9"."amount",
            "t9"."business_day" AS "day"
          FROM (
            SELECT
              "t7"."fact_id",
              "t7"."order_id",
              "t7"."name",
              "t7"."person_id",
              "t7"."org_unit_id",
              "t7"."source_id",
              "t7"."occurred_at",
              "t7"."business_day",
              "t7"."amount",
              "t7"."seq"
            FROM (
              SELECT
                *
              FROM "facts" AS "t1"
              WHERE
                "t1"."business_day" >= MAKE_DATE(2026, 6, 2)
                AND "t1"."name" IN ('Product Viewed')
            ) AS "t7"
            SEMI JOIN (
              SELECT DISTINCT
                "t2"."fact_id"
              FROM "properties" AS "t2"
              WHERE
                "t2"."name" IN ('Product Viewed')
                AND "t2"."property" = 'colour'
                AND "t2"."value" IN ('红')
            ) AS "t8"
              ON "t7"."fact_id" = "t8"."fact_id"
          ) AS "t9"
          WHERE
            "t9"."name" = 'Product Viewed'
            AND "t9"."business_day" >= MAKE_DATE(2026, 6, 2)
            AND "t9"."person_id" IS NOT NULL
        ) AS "t11"
        LEFT OUTER JOIN (
          SELECT
            "t0"."person_id" AS "born_id",
            CAST("t0"."number" AS BIGINT) AS "canonical_id"
          FROM "state_now" AS "t0"
          WHERE
            "t0"."key" = 'cluster' AND "t0"."number" IS NOT NULL
        ) AS "t6"
          ON "t11"."person_id" = "t6"."born_id"
      ) AS "t12"
    ) AS "t13"
    GROUP BY
      1
  ) AS "t14"
) AS "t15"
WHERE
  "t15"."is_member"
