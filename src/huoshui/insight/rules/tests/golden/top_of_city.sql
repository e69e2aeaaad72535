-- top(20, total(buy last 365 days), within=known("attr.city"))
-- 最近 365 天购买的总金额在同一城市里排在最高的 20% 的顾客。
-- Customers in the top 20% of the same city by total amount of purchases in the last 365 days.
WITH "t25" AS (
  SELECT
    "t24"."person_id",
    "t24"."value",
    "t24"."next",
    "t24"."has",
    "t24"."group",
    MIN("t24"."next") OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "n"
  FROM (
    SELECT
      "t23"."person_id",
      COALESCE("t23"."v_0", 0) AS "value",
      COALESCE("t23"."n_0", 1000000) AS "next",
      COALESCE("t23"."v_2", 0) > 0 AS "has",
      "t23"."v_1" AS "group"
    FROM (
      SELECT
        "t22".*
        EXCLUDE ("person_id_right")
      FROM (
        SELECT
          "t21"."person_id",
          "t21"."v_0",
          "t21"."n_0",
          "t21"."v_2",
          "t21"."n_2",
          "t17"."person_id" AS "person_id_right",
          "t17"."v_1",
          "t17"."n_1"
        FROM (
          SELECT
            "t19"."person_id",
            COALESCE("t19"."total_0", 0) AS "v_0",
            LEAST(
              COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t19"."enter_0") + 0, 1000000),
              COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t19"."leave_0") + 365, 1000000)
            ) AS "n_0",
            COALESCE("t19"."count_2", 0) AS "v_2",
            LEAST(
              COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t19"."enter_0") + 0, 1000000),
              COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t19"."leave_0") + 365, 1000000)
            ) AS "n_2"
          FROM (
            SELECT
              "t18"."person_id",
              SUM("t18"."c_0") AS "total_0",
              MIN("t18"."c_1") AS "enter_0",
              MIN("t18"."c_2") AS "leave_0",
              COUNT("t18"."c_3") AS "count_2"
            FROM (
              SELECT
                "t15"."order_id",
                "t15"."person_id",
                "t15"."business_day",
                "t15"."sold_amount_0",
                "t15"."sold_quantity_0",
                "t15"."incomplete_0",
                "t15"."amount_0",
                CASE
                  WHEN (
                    "t15"."business_day" <= MAKE_DATE(2026, 6, 15)
                  )
                  AND (
                    "t15"."business_day" >= MAKE_DATE(2025, 6, 16)
                  )
                  THEN "t15"."amount_0"
                  ELSE CAST(NULL AS BIGINT)
                END AS "c_0",
                CASE
                  WHEN "t15"."business_day" > MAKE_DATE(2026, 6, 15)
                  THEN "t15"."business_day"
                  ELSE CAST(NULL AS DATE)
                END AS "c_1",
                CASE
                  WHEN (
                    "t15"."business_day" <= MAKE_DATE(2026, 6, 15)
                  )
                  AND (
                    "t15"."business_day" >= MAKE_DATE(2025, 6, 16)
                  )
                  THEN "t15"."business_day"
                  ELSE CAST(NULL AS DATE)
                END AS "c_2",
                CASE
                  WHEN (
                    "t15"."business_day" <= MAKE_DATE(2026, 6, 15)
                  )
                  AND (
                    "t15"."business_day" >= MAKE_DATE(2025, 6, 16)
                  )
                  AND (
                    (
                      COALESCE("t15"."sold_amount_0", 0) <> 0
                    )
                    OR (
                      ABS(COALESCE("t15"."sold_quantity_0", 0.0)) > 0.0005
                    )
                    OR (
                      COALESCE("t15"."incomplete_0", 0) <> 0
                    )
                  )
                  THEN "t15"."business_day"
                  ELSE CAST(NULL AS DATE)
                END AS "c_3"
              FROM (
                SELECT
                  "t12"."order_id",
                  "t12"."person_id",
                  "t12"."business_day",
                  SUM(
                    CASE WHEN "t12"."kind" = 'sale' THEN "t12"."amount" ELSE CAST(NULL AS BIGINT) END
                  ) AS "sold_amount_0",
                  SUM(
                    CASE
                      WHEN "t12"."kind" = 'sale'
                      THEN COALESCE("t12"."quantity", 0.0)
                      ELSE CAST(NULL AS DOUBLE)
                    END
                  ) AS "sold_quantity_0",
                  SUM(
                    CASE
                      WHEN (
                        "t12"."kind" = 'sale'
                      ) AND (
                        (
                          "t12"."flags" & 6
                        ) <> 0
                      )
                      THEN CAST(CASE WHEN "t12"."is_reversal" THEN -1 ELSE 1 END AS BIGINT)
                      ELSE CAST(NULL AS BIGINT)
                    END
                  ) AS "incomplete_0",
                  SUM("t12"."amount") AS "amount_0"
                FROM (
                  SELECT
                    "t10".*
                    EXCLUDE ("born_id", "canonical_id")
                  FROM (
                    SELECT
                      "t8"."fact_id",
                      "t8"."order_id",
                      "t8"."line_no",
                      "t8"."kind",
                      "t8"."is_reversal",
                      COALESCE("t8"."canonical_id", "t8"."person_id") AS "person_id",
                      "t8"."org_unit_id",
                      "t8"."sku_id",
                      "t8"."source_id",
                      "t8"."occurred_at",
                      "t8"."business_day",
                      "t8"."channel",
                      "t8"."quantity",
                      "t8"."amount",
                      "t8"."discount",
                      "t8"."coupon_discount",
                      "t8"."flags",
                      "t8"."seq",
                      "t8"."born_id",
                      "t8"."canonical_id"
                    FROM (
                      SELECT
                        "t6"."fact_id",
                        "t6"."order_id",
                        "t6"."line_no",
                        "t6"."kind",
                        "t6"."is_reversal",
                        "t6"."person_id",
                        "t6"."org_unit_id",
                        "t6"."sku_id",
                        "t6"."source_id",
                        "t6"."occurred_at",
                        "t6"."business_day",
                        "t6"."channel",
                        "t6"."quantity",
                        "t6"."amount",
                        "t6"."discount",
                        "t6"."coupon_discount",
                        "t6"."flags",
                        "t6"."seq",
                        "t5"."born_id",
                        "t5"."canonical_id"
                      FROM (
                        SELECT
                          *
                        FROM "order_lines" AS "t1"
                        WHERE
                          "t1"."business_day" >= MAKE_DATE(2025, 6, 16) AND "t1"."person_id" IS NOT NULL
                      ) AS "t6"
                      LEFT OUTER JOIN (
                        SELECT
                          "t0"."person_id" AS "born_id",
                          CAST("t0"."number" AS BIGINT) AS "canonical_id"
                        FROM "state_now" AS "t0"
                        WHERE
                          "t0"."key" = 'cluster' AND "t0"."number" IS NOT NULL
                      ) AS "t5"
                        ON "t6"."person_id" = "t5"."born_id"
                    ) AS "t8"
                  ) AS "t10"
                ) AS "t12"
                GROUP BY
                  1,
                  2,
                  3
              ) AS "t15"
            ) AS "t18"
            GROUP BY
              1
          ) AS "t19"
        ) AS "t21"
        LEFT OUTER JOIN (
          SELECT
            "t14"."person_id",
            "t14"."value" AS "v_1",
            1000000 AS "n_1"
          FROM (
            SELECT
              "t13"."person_id",
              "t13"."key",
              "t13"."value",
              "t13"."number",
              "t13"."at",
              "t13"."seq",
              "t13"."source_id",
              ROW_NUMBER() OVER (
                PARTITION BY "t13"."person_id"
                ORDER BY "t13"."at" DESC, "t13"."seq" DESC, "t13"."source_id" ASC
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) - 1 AS "place"
            FROM (
              SELECT
                "t11".*
                EXCLUDE ("born_id", "canonical_id")
              FROM (
                SELECT
                  COALESCE("t9"."canonical_id", "t9"."person_id") AS "person_id",
                  "t9"."key",
                  "t9"."value",
                  "t9"."number",
                  "t9"."at",
                  "t9"."seq",
                  "t9"."source_id",
                  "t9"."born_id",
                  "t9"."canonical_id"
                FROM (
                  SELECT
                    "t7"."person_id",
                    "t7"."key",
                    "t7"."value",
                    "t7"."number",
                    "t7"."at",
                    "t7"."seq",
                    "t7"."source_id",
                    "t5"."born_id",
                    "t5"."canonical_id"
                  FROM (
                    SELECT
                      *
                    FROM "state_now" AS "t0"
                    WHERE
                      "t0"."key" = 'attr.city'
                      AND COALESCE("t0"."value", '') <> ''
                      AND "t0"."person_id" IS NOT NULL
                  ) AS "t7"
                  LEFT OUTER JOIN (
                    SELECT
                      "t0"."person_id" AS "born_id",
                      CAST("t0"."number" AS BIGINT) AS "canonical_id"
                    FROM "state_now" AS "t0"
                    WHERE
                      "t0"."key" = 'cluster' AND "t0"."number" IS NOT NULL
                  ) AS "t5"
                    ON "t7"."person_id" = "t5"."born_id"
                ) AS "t9"
              ) AS "t11"
            ) AS "t13"
          ) AS "t14"
          WHERE
            "t14"."place" = 0
        ) AS "t17"
          ON "t21"."person_id" = "t17"."person_id"
      ) AS "t22"
    ) AS "t23"
  ) AS "t24"
)
SELECT
  "t31"."person_id"
FROM (
  SELECT
    "t27"."person_id",
    COALESCE("t30"."v", FALSE) AS "v",
    "t27"."n"
  FROM "t25" AS "t27"
  LEFT OUTER JOIN (
    SELECT
      "t28"."person_id",
      (
        (
          RANK() OVER (
            PARTITION BY "t28"."group"
            ORDER BY "t28"."value" DESC
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) - 1
        ) * 100
      ) < (
        COUNT(*) OVER (
          PARTITION BY "t28"."group"
          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) * 20
      ) AS "v"
    FROM (
      SELECT
        *
      FROM "t25" AS "t26"
      WHERE
        "t26"."has" AND "t26"."group" IS NOT NULL
    ) AS "t28"
  ) AS "t30"
    ON "t27"."person_id" = "t30"."person_id"
) AS "t31"
WHERE
  COALESCE("t31"."v", FALSE)
