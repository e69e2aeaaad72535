-- absent(buy)
-- 没有购买的顾客。
-- Customers with no purchases.
SELECT
  "t17"."person_id"
FROM (
  SELECT
    "t4"."person_id",
    "t16"."person_id" AS "person_id_right",
    "t16"."v_0",
    "t16"."n_0"
  FROM (
    SELECT DISTINCT
      "t0"."canonical_id" AS "person_id"
    FROM "persons" AS "t0"
  ) AS "t4"
  LEFT OUTER JOIN (
    SELECT
      "t14"."person_id",
      "t14"."last_0" IS NULL AS "v_0",
      CASE
        WHEN "t14"."last_0" IS NULL
        THEN COALESCE(DATE_DIFF('DAY', MAKE_DATE(1970, 1, 1), "t14"."enter_0") + 0, 1000000)
        ELSE 1000000
      END AS "n_0"
    FROM (
      SELECT
        "t13"."person_id",
        MAX("t13"."c_0") AS "last_0",
        MIN("t13"."c_1") AS "enter_0"
      FROM (
        SELECT
          "t12"."order_id",
          "t12"."person_id",
          "t12"."business_day",
          "t12"."sold_amount_0",
          "t12"."sold_quantity_0",
          "t12"."incomplete_0",
          CASE
            WHEN (
              "t12"."business_day" <= MAKE_DATE(2026, 6, 15)
            )
            AND (
              (
                COALESCE("t12"."sold_amount_0", 0) <> 0
              )
              OR (
                ABS(COALESCE("t12"."sold_quantity_0", 0.0)) > 0.0005
              )
              OR (
                COALESCE("t12"."incomplete_0", 0) <> 0
              )
            )
            THEN "t12"."business_day"
            ELSE CAST(NULL AS DATE)
          END AS "c_0",
          CASE
            WHEN (
              "t12"."business_day" > MAKE_DATE(2026, 6, 15)
            )
            AND (
              (
                COALESCE("t12"."sold_amount_0", 0) <> 0
              )
              OR (
                ABS(COALESCE("t12"."sold_quantity_0", 0.0)) > 0.0005
              )
              OR (
                COALESCE("t12"."incomplete_0", 0) <> 0
              )
            )
            THEN "t12"."business_day"
            ELSE CAST(NULL AS DATE)
          END AS "c_1"
        FROM (
          SELECT
            "t11"."order_id",
            "t11"."person_id",
            "t11"."business_day",
            SUM(
              CASE WHEN "t11"."kind" = 'sale' THEN "t11"."amount" ELSE CAST(NULL AS BIGINT) END
            ) AS "sold_amount_0",
            SUM(
              CASE
                WHEN "t11"."kind" = 'sale'
                THEN COALESCE("t11"."quantity", 0.0)
                ELSE CAST(NULL AS DOUBLE)
              END
            ) AS "sold_quantity_0",
            SUM(
              CASE
                WHEN (
                  "t11"."kind" = 'sale'
                ) AND (
                  (
                    "t11"."flags" & 6
                  ) <> 0
                )
                THEN CAST(CASE WHEN "t11"."is_reversal" THEN -1 ELSE 1 END AS BIGINT)
                ELSE CAST(NULL AS BIGINT)
              END
            ) AS "incomplete_0"
          FROM (
            SELECT
              "t10".*
              EXCLUDE ("born_id", "canonical_id")
            FROM (
              SELECT
                "t9"."fact_id",
                "t9"."order_id",
                "t9"."line_no",
                "t9"."kind",
                "t9"."is_reversal",
                COALESCE("t9"."canonical_id", "t9"."person_id") AS "person_id",
                "t9"."org_unit_id",
                "t9"."sku_id",
                "t9"."source_id",
                "t9"."occurred_at",
                "t9"."business_day",
                "t9"."channel",
                "t9"."quantity",
                "t9"."amount",
                "t9"."discount",
                "t9"."coupon_discount",
                "t9"."flags",
                "t9"."seq",
                "t9"."born_id",
                "t9"."canonical_id"
              FROM (
                SELECT
                  "t7"."fact_id",
                  "t7"."order_id",
                  "t7"."line_no",
                  "t7"."kind",
                  "t7"."is_reversal",
                  "t7"."person_id",
                  "t7"."org_unit_id",
                  "t7"."sku_id",
                  "t7"."source_id",
                  "t7"."occurred_at",
                  "t7"."business_day",
                  "t7"."channel",
                  "t7"."quantity",
                  "t7"."amount",
                  "t7"."discount",
                  "t7"."coupon_discount",
                  "t7"."flags",
                  "t7"."seq",
                  "t8"."born_id",
                  "t8"."canonical_id"
                FROM (
                  SELECT
                    *
                  FROM "order_lines" AS "t1"
                  WHERE
                    "t1"."person_id" IS NOT NULL
                ) AS "t7"
                LEFT OUTER JOIN (
                  SELECT
                    "t2"."person_id" AS "born_id",
                    CAST("t2"."number" AS BIGINT) AS "canonical_id"
                  FROM "state_now" AS "t2"
                  WHERE
                    "t2"."key" = 'cluster' AND "t2"."number" IS NOT NULL
                ) AS "t8"
                  ON "t7"."person_id" = "t8"."born_id"
              ) AS "t9"
            ) AS "t10"
          ) AS "t11"
          GROUP BY
            1,
            2,
            3
        ) AS "t12"
      ) AS "t13"
      GROUP BY
        1
    ) AS "t14"
  ) AS "t16"
    ON "t4"."person_id" = "t16"."person_id"
) AS "t17"
WHERE
  COALESCE("t17"."v_0", TRUE)
