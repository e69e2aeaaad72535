-- count("Product Viewed" last 30 days) >= 3 and absent("Order Completed" last 60 days)
-- 最近 30 天“Product Viewed”的次数至少 3 次，并且最近 60 天没有“Order Completed”的顾客。
-- Customers whose number of "Product Viewed" in the last 30 days is at least 3 and with no "Order Completed" in the last 60 days.
SELECT
  "t24"."person_id"
FROM (
  SELECT
    "t23"."person_id",
    COALESCE(COALESCE("t23"."v_0", 0) >= 3, FALSE) AND COALESCE("t23"."v_1", TRUE) AS "is_member",
    CASE
      WHEN NOT (
        COALESCE(COALESCE("t23"."v_0", 0) >= 3, FALSE) AND COALESCE("t23"."v_1", TRUE)
      )
      THEN GREATEST(
        CASE
          WHEN NOT (
            COALESCE(COALESCE("t23"."v_0", 0) >= 3, FALSE)
          )
          THEN LEAST(COALESCE(COALESCE("t23"."n_0", 1000000), 1000000), COALESCE(1000000, 1000000))
          ELSE -1
        END,
        CASE
          WHEN NOT (
            COALESCE("t23"."v_1", TRUE)
          )
          THEN COALESCE("t23"."n_1", 1000000)
          ELSE -1
        END
      )
      ELSE LEAST(
        LEAST(COALESCE(COALESCE("t23"."n_0", 1000000), 1000000), COALESCE(1000000, 1000000)),
        COALESCE("t23"."n_1", 1000000)
      )
    END AS "next_day"
  FROM (
    SELECT
      "t22".*
      EXCLUDE ("person_id_right")
    FROM (
      SELECT
        "t21"."person_id",
        "t21"."v_0",
        "t21"."n_0",
        "t20"."person_id" AS "person_id_right",
        "t20"."v_1",
        "t20"."n_1"
      FROM (
        SELECT
          "t16"."person_id",
          COALESCE("t16"."count_0", 0) AS "v_0",
          LEAST(
            COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t16"."enter_0") + 0, 1000000),
            COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t16"."leave_0") + 30, 1000000)
          ) AS "n_0"
        FROM (
          SELECT
            "t14"."person_id",
            SUM(
              CAST((
                "t14"."day" <= MAKE_DATE(2026, 6, 15)
              )
              AND (
                "t14"."day" >= MAKE_DATE(2026, 5, 17)
              )
              AND "t14"."counts" AS INT)
            ) AS "count_0",
            MIN("t14"."day") FILTER(WHERE
              "t14"."day" > MAKE_DATE(2026, 6, 15)) AS "enter_0",
            MIN("t14"."day") FILTER(WHERE
              (
                "t14"."day" <= MAKE_DATE(2026, 6, 15)
              )
              AND (
                "t14"."day" >= MAKE_DATE(2026, 5, 17)
              )) AS "leave_0"
          FROM (
            SELECT
              "t12"."person_id",
              "t12"."business_day" AS "day",
              "t12"."fact_id" AS "event_id",
              TRUE AS "counts",
              "t12"."amount"
            FROM (
              SELECT
                "t10".*
                EXCLUDE ("canonical_id", "born_id")
              FROM (
                SELECT
                  "t8"."fact_id",
                  "t8"."order_id",
                  "t8"."name",
                  COALESCE("t8"."canonical_id", "t8"."person_id") AS "person_id",
                  "t8"."org_unit_id",
                  "t8"."source_id",
                  "t8"."occurred_at",
                  "t8"."business_day",
                  "t8"."amount",
                  "t8"."seq",
                  "t8"."born_id",
                  "t8"."canonical_id"
                FROM (
                  SELECT
                    "t5"."fact_id",
                    "t5"."order_id",
                    "t5"."name",
                    "t5"."person_id",
                    "t5"."org_unit_id",
                    "t5"."source_id",
                    "t5"."occurred_at",
                    "t5"."business_day",
                    "t5"."amount",
                    "t5"."seq",
                    "t7"."born_id",
                    "t7"."canonical_id"
                  FROM (
                    SELECT
                      *
                    FROM "facts" AS "t0"
                    WHERE
                      "t0"."name" = 'Product Viewed'
                      AND "t0"."business_day" >= MAKE_DATE(2026, 5, 17)
                      AND "t0"."person_id" IS NOT NULL
                  ) AS "t5"
                  LEFT OUTER JOIN (
                    SELECT
                      "t1"."person_id" AS "born_id",
                      CAST("t1"."number" AS BIGINT) AS "canonical_id"
                    FROM "state_now" AS "t1"
                    WHERE
                      "t1"."key" = 'cluster' AND "t1"."number" IS NOT NULL
                  ) AS "t7"
                    ON "t5"."person_id" = "t7"."born_id"
                ) AS "t8"
              ) AS "t10"
            ) AS "t12"
          ) AS "t14"
          GROUP BY
            1
        ) AS "t16"
      ) AS "t21"
      LEFT OUTER JOIN (
        SELECT
          "t17"."person_id",
          "t17"."last_1" IS NULL AS "v_1",
          COALESCE(
            DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t17"."last_1") + 60,
            DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t17"."enter_1") + 0,
            1000000
          ) AS "n_1"
        FROM (
          SELECT
            "t15"."person_id",
            MAX("t15"."day") FILTER(WHERE
              (
                "t15"."day" <= MAKE_DATE(2026, 6, 15)
              )
              AND (
                "t15"."day" >= MAKE_DATE(2026, 4, 17)
              )
              AND "t15"."counts") AS "last_1",
            MIN("t15"."day") FILTER(WHERE
              (
                "t15"."day" > MAKE_DATE(2026, 6, 15)
              ) AND "t15"."counts") AS "enter_1"
          FROM (
            SELECT
              "t13"."person_id",
              "t13"."business_day" AS "day",
              "t13"."fact_id" AS "event_id",
              TRUE AS "counts",
              "t13"."amount"
            FROM (
              SELECT
                "t11".*
                EXCLUDE ("canonical_id", "born_id")
              FROM (
                SELECT
                  "t9"."fact_id",
                  "t9"."order_id",
                  "t9"."name",
                  COALESCE("t9"."canonical_id", "t9"."person_id") AS "person_id",
                  "t9"."org_unit_id",
                  "t9"."source_id",
                  "t9"."occurred_at",
                  "t9"."business_day",
                  "t9"."amount",
                  "t9"."seq",
                  "t9"."born_id",
                  "t9"."canonical_id"
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
                    "t7"."born_id",
                    "t7"."canonical_id"
                  FROM (
                    SELECT
                      *
                    FROM "facts" AS "t0"
                    WHERE
                      "t0"."name" = 'Order Completed'
                      AND "t0"."business_day" >= MAKE_DATE(2026, 4, 17)
                      AND "t0"."person_id" IS NOT NULL
                  ) AS "t6"
                  LEFT OUTER JOIN (
                    SELECT
                      "t1"."person_id" AS "born_id",
                      CAST("t1"."number" AS BIGINT) AS "canonical_id"
                    FROM "state_now" AS "t1"
                    WHERE
                      "t1"."key" = 'cluster' AND "t1"."number" IS NOT NULL
                  ) AS "t7"
                    ON "t6"."person_id" = "t7"."born_id"
                ) AS "t9"
              ) AS "t11"
            ) AS "t13"
          ) AS "t15"
          GROUP BY
            1
        ) AS "t17"
      ) AS "t20"
        ON "t21"."person_id" = "t20"."person_id"
    ) AS "t22"
  ) AS "t23"
) AS "t24"
WHERE
  "t24"."is_member"
