-- days_since(last, buy) > 45
-- 距最近一次购买的天数多于 45 的顾客。
-- Customers whose days since the last of purchases is more than 45.
SELECT
  "t12"."person_id"
FROM (
  SELECT
    "t11"."person_id",
    20619 - DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t11"."day_0") AS "v_0",
    COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t11"."enter_0") + 0, 1000000) AS "n_0"
  FROM (
    SELECT
      "t10"."person_id",
      MAX("t10"."c_0") AS "day_0",
      MIN("t10"."c_1") AS "enter_0"
    FROM (
      SELECT
        "t9"."order_id",
        "t9"."person_id",
        "t9"."business_day",
        "t9"."sold_amount_0",
        "t9"."sold_quantity_0",
        "t9"."incomplete_0",
        CASE
          WHEN (
            "t9"."business_day" <= MAKE_DATE(2026, 6, 15)
          )
          AND (
            (
              COALESCE("t9"."sold_amount_0", 0) <> 0
            )
            OR (
              ABS(COALESCE("t9"."sold_quantity_0", 0.0)) > 0.0005
            )
            OR (
              COALESCE("t9"."incomplete_0", 0) <> 0
            )
          )
          THEN "t9"."business_day"
          ELSE CAST(NULL AS DATE)
        END AS "c_0",
        CASE
          WHEN "t9"."business_day" > MAKE_DATE(2026, 6, 15)
          THEN "t9"."business_day"
          ELSE CAST(NULL AS DATE)
        END AS "c_1"
      FROM (
        SELECT
          "t8"."order_id",
          "t8"."person_id",
          "t8"."business_day",
          SUM(CASE WHEN "t8"."kind" = 'sale' THEN "t8"."amount" ELSE CAST(NULL AS BIGINT) END) AS "sold_amount_0",
          SUM(
            CASE
              WHEN "t8"."kind" = 'sale'
              THEN COALESCE("t8"."quantity", 0.0)
              ELSE CAST(NULL AS DOUBLE)
            END
          ) AS "sold_quantity_0",
          SUM(
            CASE
              WHEN (
                "t8"."kind" = 'sale'
              ) AND (
                (
                  "t8"."flags" & 6
                ) <> 0
              )
              THEN CAST(CASE WHEN "t8"."is_reversal" THEN -1 ELSE 1 END AS BIGINT)
              ELSE CAST(NULL AS BIGINT)
            END
          ) AS "incomplete_0"
        FROM (
          SELECT
            "t7".*
            EXCLUDE ("born_id", "canonical_id")
          FROM (
            SELECT
              "t6"."fact_id",
              "t6"."order_id",
              "t6"."line_no",
              "t6"."kind",
              "t6"."is_reversal",
              COALESCE("t6"."canonical_id", "t6"."person_id") AS "person_id",
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
              "t6"."born_id",
              "t6"."canonical_id"
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
                "t5"."born_id",
                "t5"."canonical_id"
              FROM (
                SELECT
                  *
                FROM "order_lines" AS "t0"
                WHERE
                  "t0"."person_id" IS NOT NULL
              ) AS "t4"
              LEFT OUTER JOIN (
                SELECT
                  "t1"."person_id" AS "born_id",
                  CAST("t1"."number" AS BIGINT) AS "canonical_id"
                FROM "state_now" AS "t1"
                WHERE
                  "t1"."key" = 'cluster' AND "t1"."number" IS NOT NULL
              ) AS "t5"
                ON "t4"."person_id" = "t5"."born_id"
            ) AS "t6"
          ) AS "t7"
        ) AS "t8"
        GROUP BY
          1,
          2,
          3
      ) AS "t9"
    ) AS "t10"
    GROUP BY
      1
  ) AS "t11"
) AS "t12"
WHERE
  COALESCE("t12"."v_0" > 45, FALSE)
