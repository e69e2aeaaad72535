-- top(20, total(buy last 365 days), within=known("attr.city"))
-- 最近 365 天购买的总金额在同一城市里排在最高的 20%的顾客。
-- Customers in the top 20% of the same city by total amount of purchases in the last 365 days.
WITH "t24" AS (
  SELECT
    "t23"."person_id",
    "t23"."value",
    "t23"."next",
    "t23"."has",
    "t23"."group",
    MIN("t23"."next") OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "n"
  FROM (
    SELECT
      "t22"."person_id",
      COALESCE("t22"."v_0", 0) AS "value",
      COALESCE("t22"."n_0", 1000000) AS "next",
      COALESCE("t22"."v_2", 0) > 0 AS "has",
      "t22"."v_1" AS "group"
    FROM (
      SELECT
        "t21".*
        EXCLUDE ("person_id_right")
      FROM (
        SELECT
          "t20"."person_id",
          "t20"."v_0",
          "t20"."n_0",
          "t20"."v_2",
          "t20"."n_2",
          "t17"."person_id" AS "person_id_right",
          "t17"."v_1",
          "t17"."n_1"
        FROM (
          SELECT
            "t18"."person_id",
            COALESCE("t18"."total_0", 0) AS "v_0",
            LEAST(
              COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t18"."enter_0") + 0, 1000000),
              COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t18"."leave_0") + 365, 1000000)
            ) AS "n_0",
            COALESCE("t18"."count_2", 0) AS "v_2",
            LEAST(
              COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t18"."enter_0") + 0, 1000000),
              COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t18"."leave_0") + 365, 1000000)
            ) AS "n_2"
          FROM (
            SELECT
              "t15"."person_id",
              SUM("t15"."amount_0") FILTER(WHERE
                (
                  "t15"."business_day" <= MAKE_DATE(2026, 6, 15)
                )
                AND (
                  "t15"."business_day" >= MAKE_DATE(2025, 6, 16)
                )) AS "total_0",
              MIN("t15"."business_day") FILTER(WHERE
                "t15"."business_day" > MAKE_DATE(2026, 6, 15)) AS "enter_0",
              MIN("t15"."business_day") FILTER(WHERE
                (
                  "t15"."business_day" <= MAKE_DATE(2026, 6, 15)
                )
                AND (
                  "t15"."business_day" >= MAKE_DATE(2025, 6, 16)
                )) AS "leave_0",
              COUNT("t15"."business_day") FILTER(WHERE
                (
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
                )) AS "count_2"
            FROM (
              SELECT
                "t12"."order_id",
                "t12"."person_id",
                "t12"."business_day",
                SUM("t12"."amount") FILTER(WHERE
                  "t12"."kind" = 'sale') AS "sold_amount_0",
                SUM(COALESCE("t12"."quantity", 0.0)) FILTER(WHERE
                  "t12"."kind" = 'sale') AS "sold_quantity_0",
                SUM(CAST(CASE WHEN "t12"."is_reversal" THEN -1 ELSE 1 END AS BIGINT)) FILTER(WHERE
                  (
                    "t12"."kind" = 'sale'
                  ) AND (
                    (
                      "t12"."flags" & 6
                    ) <> 0
                  )) AS "incomplete_0",
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
                      "t4"."fact_id",
                      "t4"."order_id",
                      "t4"."line_no",
                      "t4"."kind",
                      "t4"."is_reversal",
                      "t4"."person_id",
                      "t4"."org_unit_id",
                      "t4"."sku_id",
                      "t4"."source_id",
                      "t4"."occurred_at",
                      "t4"."business_day",
                      "t4"."channel",
                      "t4"."quantity",
                      "t4"."amount",
                      "t4"."discount",
                      "t4"."coupon_discount",
                      "t4"."flags",
                      "t4"."seq",
                      "t6"."born_id",
                      "t6"."canonical_id"
                    FROM (
                      SELECT
                        *
                      FROM "order_lines" AS "t0"
                      WHERE
                        "t0"."business_day" >= MAKE_DATE(2025, 6, 16) AND "t0"."person_id" IS NOT NULL
                    ) AS "t4"
                    LEFT OUTER JOIN (
                      SELECT
                        "t1"."person_id" AS "born_id",
                        CAST("t1"."number" AS BIGINT) AS "canonical_id"
                      FROM "state_now" AS "t1"
                      WHERE
                        "t1"."key" = 'cluster' AND "t1"."number" IS NOT NULL
                    ) AS "t6"
                      ON "t4"."person_id" = "t6"."born_id"
                  ) AS "t8"
                ) AS "t10"
              ) AS "t12"
              GROUP BY
                1,
                2,
                3
            ) AS "t15"
            GROUP BY
              1
          ) AS "t18"
        ) AS "t20"
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
                    "t6"."born_id",
                    "t6"."canonical_id"
                  FROM (
                    SELECT
                      *
                    FROM "state_now" AS "t1"
                    WHERE
                      "t1"."key" = 'attr.city'
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
                ) AS "t9"
              ) AS "t11"
            ) AS "t13"
          ) AS "t14"
          WHERE
            "t14"."place" = 0
        ) AS "t17"
          ON "t20"."person_id" = "t17"."person_id"
      ) AS "t21"
    ) AS "t22"
  ) AS "t23"
)
SELECT
  "t30"."person_id"
FROM (
  SELECT
    "t26"."person_id",
    COALESCE("t29"."v", FALSE) AS "v",
    "t26"."n"
  FROM "t24" AS "t26"
  LEFT OUTER JOIN (
    SELECT
      "t27"."person_id",
      (
        (
          RANK() OVER (
            PARTITION BY "t27"."group"
            ORDER BY "t27"."value" DESC
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) - 1
        ) * 100
      ) < (
        COUNT(*) OVER (
          PARTITION BY "t27"."group"
          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) * 20
      ) AS "v"
    FROM (
      SELECT
        *
      FROM "t24" AS "t25"
      WHERE
        "t25"."has" AND "t25"."group" IS NOT NULL
    ) AS "t27"
  ) AS "t29"
    ON "t26"."person_id" = "t29"."person_id"
) AS "t30"
WHERE
  COALESCE("t30"."v", FALSE)
