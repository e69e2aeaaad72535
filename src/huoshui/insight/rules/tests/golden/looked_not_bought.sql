-- count("Product Viewed" last 30 days) >= 3 and absent("Order Completed" last 60 days)
-- 最近 30 天“Product Viewed”的次数至少 3 次，并且最近 60 天没有“Order Completed”的顾客。
-- Customers whose number of "Product Viewed" in the last 30 days is at least 3 and with no "Order Completed" in the last 60 days.
SELECT
  "t10"."person_id"
FROM (
  SELECT
    "t9"."person_id",
    COALESCE(COALESCE("t9"."v_0", 0) >= 3, FALSE) AND COALESCE("t9"."v_1", TRUE) AS "is_member",
    CASE
      WHEN NOT (
        COALESCE(COALESCE("t9"."v_0", 0) >= 3, FALSE) AND COALESCE("t9"."v_1", TRUE)
      )
      THEN GREATEST(
        CASE
          WHEN NOT (
            COALESCE(COALESCE("t9"."v_0", 0) >= 3, FALSE)
          )
          THEN COALESCE("t9"."n_0", 1000000)
          ELSE -1
        END,
        CASE
          WHEN NOT (
            COALESCE("t9"."v_1", TRUE)
          )
          THEN COALESCE("t9"."n_1", 1000000)
          ELSE -1
        END
      )
      ELSE LEAST(COALESCE("t9"."n_0", 1000000), COALESCE("t9"."n_1", 1000000))
    END AS "next_day"
  FROM (
    SELECT
      "t8"."person_id",
      COALESCE("t8"."count_0", 0) AS "v_0",
      LEAST(
        COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t8"."enter_0") + 0, 1000000),
        COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t8"."leave_0") + 30, 1000000)
      ) AS "n_0",
      "t8"."last_1" IS NULL AS "v_1",
      COALESCE(
        DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t8"."last_1") + 60,
        DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t8"."enter_1") + 0,
        1000000
      ) AS "n_1"
    FROM (
      SELECT
        "t7"."person_id",
        COUNT("t7"."c_0") AS "count_0",
        MIN("t7"."c_1") AS "enter_0",
        MIN("t7"."c_0") AS "leave_0",
        MAX("t7"."c_2") AS "last_1",
        MIN("t7"."c_3") AS "enter_1"
      FROM (
        SELECT
          COALESCE("t6"."canonical_id", "t6"."person_id") AS "person_id",
          "t6"."amount",
          "t6"."day",
          "t6"."s_0",
          "t6"."s_1",
          CASE
            WHEN "t6"."s_0"
            AND (
              (
                "t6"."day" <= MAKE_DATE(2026, 6, 15)
              )
              AND (
                "t6"."day" >= MAKE_DATE(2026, 5, 17)
              )
            )
            THEN "t6"."day"
            ELSE CAST(NULL AS DATE)
          END AS "c_0",
          CASE
            WHEN "t6"."s_0" AND (
              "t6"."day" > MAKE_DATE(2026, 6, 15)
            )
            THEN "t6"."day"
            ELSE CAST(NULL AS DATE)
          END AS "c_1",
          CASE
            WHEN "t6"."s_1"
            AND (
              (
                "t6"."day" <= MAKE_DATE(2026, 6, 15)
              )
              AND (
                "t6"."day" >= MAKE_DATE(2026, 4, 17)
              )
            )
            THEN "t6"."day"
            ELSE CAST(NULL AS DATE)
          END AS "c_2",
          CASE
            WHEN "t6"."s_1" AND (
              "t6"."day" > MAKE_DATE(2026, 6, 15)
            )
            THEN "t6"."day"
            ELSE CAST(NULL AS DATE)
          END AS "c_3"
        FROM (
          SELECT
            "t5"."person_id",
            "t5"."amount",
            "t5"."day",
            "t5"."s_0",
            "t5"."s_1",
            "t3"."born_id",
            "t3"."canonical_id"
          FROM (
            SELECT
              "t0"."person_id",
              "t0"."amount",
              "t0"."business_day" AS "day",
              (
                "t0"."name" = 'Product Viewed'
              )
              AND (
                "t0"."business_day" >= MAKE_DATE(2026, 5, 17)
              ) AS "s_0",
              (
                "t0"."name" = 'Order Completed'
              )
              AND (
                "t0"."business_day" >= MAKE_DATE(2026, 4, 17)
              ) AS "s_1"
            FROM "facts" AS "t0"
            WHERE
              "t0"."business_day" >= MAKE_DATE(2026, 4, 17)
              AND "t0"."name" IN ('Order Completed', 'Product Viewed')
              AND (
                (
                  (
                    "t0"."name" = 'Product Viewed'
                  )
                  AND (
                    "t0"."business_day" >= MAKE_DATE(2026, 5, 17)
                  )
                )
                OR (
                  (
                    "t0"."name" = 'Order Completed'
                  )
                  AND (
                    "t0"."business_day" >= MAKE_DATE(2026, 4, 17)
                  )
                )
              )
              AND "t0"."person_id" IS NOT NULL
          ) AS "t5"
          LEFT OUTER JOIN (
            SELECT
              "t1"."person_id" AS "born_id",
              CAST("t1"."number" AS BIGINT) AS "canonical_id"
            FROM "state_now" AS "t1"
            WHERE
              "t1"."key" = 'cluster' AND "t1"."number" IS NOT NULL
          ) AS "t3"
            ON "t5"."person_id" = "t3"."born_id"
        ) AS "t6"
      ) AS "t7"
      GROUP BY
        1
    ) AS "t8"
  ) AS "t9"
) AS "t10"
WHERE
  "t10"."is_member"
